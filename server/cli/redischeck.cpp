// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/redischeck.h"

#include <optional>

#include <QtCore/QEventLoop>
#include <QtCore/QTimer>

#include "server/app/systemclock.h"
#include "server/redis/redisadvice.h"
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

Result<RedisCheck> checkRedis(const RedisUrl &url)
{
    const SystemClock clock;
    SilentLog log;
    QEventLoop loop;
    RedisLink link(url, "gatehouse-check", clock, log);
    std::optional<Result<RedisCheck>> result;
    const auto finish = [&](const Result<RedisCheck> &found) {
        if (!result)
            result = found;
        loop.quit();
    };
    QObject::connect(&link, &RedisLink::down, &loop, [&](const QString &reason) {
        if (!result)
            finish(Error{ reason, {} });
    });
    QObject::connect(&link, &RedisLink::up, &loop, [&](const RedisServer &server) {
        const QString name = QString::fromUtf8(server.version) + u" at "_s + server.address;
        for (const QByteArrayList &probe : redisRightsProbes()) {
            link.call(probe, [&](const Result<RedisReply> &reply) {
                const std::optional<QString> missing = reply ? std::nullopt : missingRight(reply.error().message);
                if (missing && !result)
                    finish(Error{ *missing, {} });
            });
        }
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
