// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <variant>

#include "server/guard/finding.h"
#include "server/guard/guardenvironment.h"
#include "shared/protocol/adminmessages.h"

namespace gatehouse {

/// All guards passed. Holds what the connection occupies; dropping it gives it back.
struct Admission
{
    Identity identity;
    IpAddress bucket;
    AddressSlot addressSlot;
    std::optional<qint64> addressLimit{}; ///< a number of the address's own, in place of MAX_CONNECTIONS_PER_IP
    ClientKey client{};                   ///< whose the reconnect budget is, where its address is counted
    CountedAttempt attempt;               ///< what of that it uses
    UserSlot userSlot;

    /// Whether it uses reconnect budget, unless a grant stands for that.
    [[nodiscard]] bool usesBudget() const { return !identity.isTest; }
};

/// A guard refused; the decision has been counted and recorded.
struct Refusal
{
    Decision decision;
    QString detail; ///< for the client

    [[nodiscard]] Problem toProblem() const;
};

/// The ticket that an attempt was shown with.
struct ShownTicket
{
    TicketClaim own;                 ///< at this node
    std::optional<Identity> ofPeers; ///< it was taken from all nodes, and stands for this one
    MonoTime goodUntil{};            ///< if given back to them
};

/// An attempt that waits for a word from the cluster, or from the side verifier. Holds what it occupies; dropping it
/// gives that back, but for a ticket, and what it uses of the reconnect budget or a grant: those are used up then.
struct HeldAttempt
{
    enum class Lacks : quint8
    {
        Nothing, ///< it does not wait
        Token,   ///< whether its token is good: the side verifier says so
        Ticket,  ///< the identity that a ticket stands for
        Verdict, ///< every guard of this node has passed: the other nodes have the last word
    };
    Lacks lacks = Lacks::Nothing;
    UpgradeAttempt attempt;
    Admission admission{};
    bool hasGrant = false; ///< the attempt uses a grant of this node in place of budget
    size_t nextGuard = 0;  ///< in kGuardStack
    ShownTicket ticket{};
};

using GuardVerdict = std::variant<Admission, Refusal, HeldAttempt>;

} // namespace gatehouse
