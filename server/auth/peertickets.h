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

    enum class GoodAt : quint8
    {
        AllNodes, ///< or maybe at none: nobody has said. In no case is it good at this one alone
        ThisNode, ///< no other one will ever know of it
    };
    /// Makes a ticket known to all nodes for TicketBook::kLifetime. `done` comes when it is, or when it cannot be.
    virtual void put(const QByteArray &digest, const Identity &identity, std::function<void(GoodAt)> done) = 0;
    struct Answer
    {
        bool isKnown = false;               ///< false: nobody could be asked
        std::optional<Identity> identity{}; ///< nullopt: there is no such ticket, or somebody has used it
        std::chrono::milliseconds left{};   ///< for so long it would still be good
    };
    /// Whom the ticket stands for. It is used up.
    virtual void take(const QByteArray &digest, std::function<void(const Answer &)> done) = 0;
    /// One that was taken has not been used after all: it is good for so long again.
    virtual void giveBack(const QByteArray &digest, const Identity &identity, std::chrono::milliseconds left) = 0;
};

} // namespace gatehouse
