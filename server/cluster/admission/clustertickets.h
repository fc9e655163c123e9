// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>

#include "server/auth/peertickets.h"
#include "server/redis/rediscalls.h"

namespace gatehouse {

/// Tickets in Redis, as long as they live, by their digests. What is read there is looked at as whatever a stranger may
/// have written. A ticket is of one run of Redis: a server that was restarted, or has become the master, may have
/// forgotten that one was used, so it is good for none that another had. Called from any thread; lives on the thread of
/// its calls.
class ClusterTickets final : public QObject, public PeerTickets
{
    Q_OBJECT
public:
    /// `calls` outlives it. `timeout` is what Redis has for an answer: a page waits for it.
    ClusterTickets(RedisCalls &calls, std::chrono::milliseconds timeout);
    Q_DISABLE_COPY_MOVE(ClusterTickets)

    void put(const QByteArray &digest, const Identity &identity, std::function<void(GoodAt)> done) override;
    void take(const QByteArray &digest, std::function<void(const Answer &)> done) override;
    void giveBack(const QByteArray &digest, const Identity &identity, std::chrono::milliseconds left) override;

    /// The calls go to this run of Redis from now on. On the thread of the calls.
    void linkUp(const QByteArray &runId) { m_run = runId; }

    /// How an identity is kept there, in that run of Redis. Pure, as the next.
    [[nodiscard]] static QByteArray encode(const Identity &identity, const QByteArray &run = {});
    /// nullopt for what encode() does not make, and for what is of another run.
    [[nodiscard]] static std::optional<Identity> decode(const QByteArray &json, const QByteArray &run = {});

private:
    [[nodiscard]] GoodAt placeOf(const QByteArray &digest, const Result<RedisReply> &reply, bool wasUp);

    RedisCalls &m_calls;
    const std::chrono::milliseconds m_timeout;
    QByteArray m_run;
};

} // namespace gatehouse
