// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/auth/peertickets.h"
#include "server/guard/peeradmission.h"

namespace gatehouse {

/// There is no other node: nobody can be asked, and this one holds the limits in full. Thread-safe.
class NoPeers final : public PeerAdmission
{
public:
    [[nodiscard]] bool isReachable() const override { return false; }
    [[nodiscard]] qint64 shares() const override { return 1; }
    [[nodiscard]] bool hasGrants() const override { return false; }
    void ask(const PeerAttempt &, Done done) override { done({}); }
    void settle(quint64, bool) override { }
    void takeBack(const PeerAttempt &, const PeerVerdict &) override { }
    void enter(const std::optional<AddressKey> &, const QString &) override { }
    void leave(const AddressKey &) override { }
    void leave(const QString &) override { }
};

/// There is no other node: a ticket is good where it was given. Thread-safe.
class NoPeerTickets final : public PeerTickets
{
public:
    [[nodiscard]] bool areAsked() const override { return false; }
    void put(const QByteArray &, const Identity &, std::function<void(GoodAt)> done) override
    {
        done(GoodAt::ThisNode);
    }
    void take(const QByteArray &, std::function<void(const Answer &)> done) override { done({}); }
    void giveBack(const QByteArray &, const Identity &, std::chrono::milliseconds) override { }
};

} // namespace gatehouse
