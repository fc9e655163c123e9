// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/redischeck.h"

#include <optional>

#include <QtCore/QEventLoop>
#include <QtCore/QTimer>

#include "server/app/systemclock.h"
#include "server/cluster/redisrights.h"
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

/// Waits for one result, in an event loop of its own.
class Waiting final
{
public:
    explicit Waiting(const RedisUrl &url)
    {
        QTimer::singleShot(kPatience, &m_loop, [this, redacted = url.redacted()] {
            finish(Error{ u"no answer from %1"_s.arg(redacted), {} });
        });
    }

    /// The first one counts.
    void finish(const Result<RedisCheck> &found)
    {
        if (!m_result)
            m_result = found;
        m_loop.quit();
    }
    Result<RedisCheck> start(RedisLink &link)
    {
        QObject::connect(&link, &RedisLink::down, &m_loop, [this](const QString &reason) {
            finish(Error{ missingRight(reason).value_or(reason), {} });
        });
        QTimer::singleShot(0, &m_loop, [&link] { link.start(); });
        m_loop.exec();
        return *m_result;
    }
    QObject *context() { return &m_loop; }

private:
    QEventLoop m_loop;
    std::optional<Result<RedisCheck>> m_result;
};

/// Does once what a node does.
Result<RedisCheck> tryCommands(const RedisUrl &url, const Clock &clock, Log &log)
{
    RedisLink link(url, "gatehouse-check", clock, log);
    Waiting waiting(url);
    QObject::connect(&link, &RedisLink::up, waiting.context(), [&](const RedisServer &server) {
        const QString name = QString::fromUtf8(server.version) + u" at "_s + server.address;
        for (const QByteArrayList &probe : redisRightsProbes()) {
            link.call(probe, [&waiting, what = QString::fromLatin1(probe.front())](const Result<RedisReply> &reply) {
                if (reply)
                    return;
                const QString refusal = reply.error().message;
                waiting.finish(Error{ missingRight(refusal).value_or(
                                          u"it refuses %1, which a node needs: %2"_s.arg(what, refusal.left(200))),
                    {} });
            });
        }
        link.call({ "INFO" }, [&waiting, name](const Result<RedisReply> &reply) {
            waiting.finish(reply ? Result<RedisCheck>(RedisCheck{ name, redisWarnings(reply->text) }) : reply.error());
        });
    });
    return waiting.start(link);
}

/// Listens as a node does: on a connection that does nothing else.
Result<RedisCheck> tryListening(const RedisUrl &url, const RedisCheck &found, const Clock &clock, Log &log)
{
    RedisLink link(url, "gatehouse-check", clock, log);
    link.subscribe({ "gatehouse:check" }, [](const QByteArray &, const QByteArray &) {});
    Waiting waiting(url);
    QObject::connect(&link, &RedisLink::up, waiting.context(), [&] { waiting.finish(found); });
    return waiting.start(link);
}

} // namespace

Result<RedisCheck> checkRedis(const RedisUrl &url)
{
    const SystemClock clock;
    SilentLog log;
    const Result<RedisCheck> found = tryCommands(url, clock, log);
    return found ? tryListening(url, *found, clock, log) : found;
}

} // namespace gatehouse
