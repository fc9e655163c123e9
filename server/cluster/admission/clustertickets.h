// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>

#include "server/auth/peertickets.h"
#include "server/redis/rediscalls.h"

namespace gatehouse {

/// Tickets in Redis, as long as they live, by their digests. What is read there is looked at as whatever a stranger may
/// have written. Called from any thread; lives on the thread of its calls.
class ClusterTickets final : public QObject, public PeerTickets
{
    Q_OBJECT
public:
    /// For Redis to answer; a page waits for it.
    static constexpr std::chrono::milliseconds kTicketDeadline{ 200 };

    /// `calls` outlives it.
    explicit ClusterTickets(RedisCalls &calls);
    Q_DISABLE_COPY_MOVE(ClusterTickets)

    void put(const QByteArray &digest, const Identity &identity, std::function<void()> done) override;
    void take(const QByteArray &digest, std::function<void(const Answer &)> done) override;

    /// How an identity is kept there. Pure, as the next.
    [[nodiscard]] static QByteArray encode(const Identity &identity);
    /// nullopt for what encode() does not make.
    [[nodiscard]] static std::optional<Identity> decode(const QByteArray &json);

private:
    RedisCalls &m_calls;
};

} // namespace gatehouse
