// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>

#include <QtCore/QByteArray>

#include "server/auth/identity.h"

namespace gatehouse {

/// The tickets of all nodes of a cluster, by their digests: one that one node gave is good at every other, and once at
/// all of them. Thread-safe; each `done` is called once, soon, on a thread of its own choice.
class PeerTickets
{
public:
    virtual ~PeerTickets() = default;

    /// Whether a ticket may be known to another node at all. If not, there is nothing to wait for.
    [[nodiscard]] virtual bool areAsked() const { return true; }

    /// Makes a ticket known to all nodes for TicketBook::kLifetime. `done` comes when it is, or when it cannot be: then
    /// it is good here alone.
    virtual void put(const QByteArray &digest, const Identity &identity, std::function<void()> done) = 0;
    struct Answer
    {
        bool isKnown = false;               ///< false: nobody could be asked
        std::optional<Identity> identity{}; ///< nullopt: there is no such ticket, or somebody has used it
    };
    /// Whom the ticket stands for. It is used up.
    virtual void take(const QByteArray &digest, std::function<void(const Answer &)> done) = 0;
};

} // namespace gatehouse
