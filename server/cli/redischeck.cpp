// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/redischeck.h"

#include <optional>

#include <QtCore/QEventLoop>
#include <QtCore/QTimer>

#include "server/app/systemclock.h"
#include "server/redis/redislink.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr std::chrono::seconds kPatience{ 5 };

/// The check says what there is to say.
class SilentLog final : public Log
{
public:
    void log(LogLevel, QLatin1StringView, LogFields) override { }
    [[nodiscard]] bool isEnabled(LogLevel) const override { return false; }
};

} // namespace

QStringList redisWarnings(const QByteArray &info)
{
    QStringList warnings;
    if (redisInfoValue(info, "aof_enabled") == "0")
        warnings.append(u"appendonly is off: a restart of Redis loses what was published last"_s);
    const QString policy = QString::fromLatin1(redisInfoValue(info, "maxmemory_policy"));
    const bool isBounded = redisInfoValue(info, "maxmemory").toLongLong() > 0;
    if (isBounded && !policy.isEmpty() && policy != "noeviction"_L1)
        warnings.append(u"maxmemory-policy is %1: Redis forgets when its memory is full; use noeviction"_s.arg(policy));
    return warnings;
}

Result<RedisCheck> checkRedis(const RedisUrl &url)
{
    const SystemClock clock;
    SilentLog log;
    QEventLoop loop;
    RedisLink link(url, "gatehouse-check", clock, log);
    std::optional<Result<RedisCheck>> result;
    const auto finish = [&](const Result<RedisCheck> &found) {
        result = found;
        loop.quit();
    };
    QObject::connect(&link, &RedisLink::down, &loop, [&](const QString &reason) {
        if (!result)
            finish(Error{ reason, {} });
    });
    QObject::connect(&link, &RedisLink::up, &loop, [&](const RedisServer &server) {
        const QString name = QString::fromUtf8(server.version) + u" at "_s + server.address;
        link.call({ "INFO" }, [&finish, name](const Result<RedisReply> &reply) {
            if (reply)
                finish(RedisCheck{ name, redisWarnings(reply->text) });
            else
                finish(reply.error());
        });
    });
    QTimer::singleShot(kPatience, &loop, [&] { finish(Error{ u"no answer from %1"_s.arg(url.redacted()), {} }); });
    QTimer::singleShot(0, &loop, [&] { link.start(); });
    loop.exec();
    return *result;
}

} // namespace gatehouse
