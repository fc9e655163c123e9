// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QtCore/QObject>

#include "server/log/log.h"
#include "server/redis/rediscalls.h"
#include "server/redis/redishandshake.h"
#include "server/redis/redisurl.h"
#include "shared/util/clock.h"

namespace gatehouse {

class RedisConnection;

/// One connection to Redis that comes back by itself. It is up once it is authenticated, in its database, and the
/// server is a master that has loaded its data. It goes down when the connection breaks, when nothing at all has come
/// for kDeadAfter although an answer is due, or when the server answers READONLY, LOADING or MASTERDOWN; then it looks
/// for the master anew (by way of Sentinel, if the URL names some) and tries again after 100 ms, twice that … up to 5
/// s, each time jittered by half, so that many nodes do not come back at once.
///
/// A call whose deadline is longer than kDeadAfter may wait in Redis that long (XREAD BLOCK). The first run() of a
/// script on a connection sends it whole, later ones its SHA-1, so that they keep their place among the calls. Only
/// where the server was told to forget its scripts meanwhile (SCRIPT FLUSH) is it sent again, behind the calls that
/// were made before that was known.
///
/// May be constructed on one thread and moved to another (moveToThread) before start(); from then on it belongs to that
/// thread. It must not be deleted within a callback or a signal of its own; calls that wait when it is deleted are
/// never answered: stop() answers them.
class RedisLink final : public QObject, public RedisCalls
{
    Q_OBJECT
public:
    static constexpr std::chrono::milliseconds kConnectDeadline{ 1000 }; ///< until it is up, for each attempt
    static constexpr std::chrono::milliseconds kDeadAfter{ 5000 };
    static constexpr std::chrono::milliseconds kPingEvery{
        2500
    }; ///< while no call waits, so that a dead connection is noticed
    static constexpr qsizetype kMaxReplyBytes = 64 * 1024 * 1024; ///< of one answer: a larger one breaks the connection

    /// A message on a channel that was subscribed to.
    using MessageHandler = std::function<void(const QByteArray &channel, const QByteArray &payload)>;

    /// `name` says what the link is for in CLIENT LIST (without blanks) and in the log. `clock` and `log` outlive it.
    RedisLink(RedisUrl url, QByteArray name, const Clock &clock, Log &log, QObject *parent = nullptr);
    ~RedisLink() override;
    Q_DISABLE_COPY_MOVE(RedisLink)

    /// Begins to connect; once.
    void start();
    /// Calls that wait are answered with kDown, though they have been sent; the link stays down for good.
    void stop();
    /// Makes it a link that receives these channels' messages, and makes no calls. Before start().
    void subscribe(QByteArrayList channels, MessageHandler handler);

    void call(QByteArrayList command, Done done, std::chrono::milliseconds deadline = kDeadline) override;
    void run(const RedisScript &script, QByteArrayList keys, QByteArrayList arguments, Done done,
        std::chrono::milliseconds deadline = kDeadline) override;
    [[nodiscard]] bool isUp() const override;

Q_SIGNALS:
    /// Calls can be made from now on. On the link's thread.
    void up(const gatehouse::RedisServer &server);
    /// Every call that waited has been answered with kDown. Emitted when it was up; when the first attempt has failed;
    /// and again while it is down whenever there is another reason than before.
    void down(const QString &reason);

private:
    struct State;

    void attempt();
    void connectTo(const RedisEndpoint &endpoint);
    void greet();
    void takeGreeting(const RedisAnswer &answer);
    void subscribeAll();
    void becomeUp();
    void becomeDown(const QString &reason);
    void ping();
    void send(const QByteArrayList &command, Done done, std::chrono::milliseconds deadline);
    void answerLater(Done done, const QString &reason);

    std::unique_ptr<State> m_state;
};

} // namespace gatehouse
