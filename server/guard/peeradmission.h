// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "server/guard/addresstable.h"
#include "server/guard/clientkey.h"

namespace gatehouse {

/// What the other nodes are asked about an attempt that every guard of its own node lets pass. A plain value.
struct PeerAttempt
{
    std::optional<AddressKey> bucket; ///< nullopt: the address is exempt, and not counted
    QString user;
    bool usesBudget = true; ///< false: this node has spared the reconnect budget already
    LimitSnapshotPtr snapshot;
    std::optional<qint64> addressLimit{}; ///< a number of the address's own, in place of MAX_CONNECTIONS_PER_IP
};

/// What they say. A plain value.
struct PeerVerdict
{
    enum class Kind : quint8
    {
        Admitted, ///< and counted, for all nodes
        Refused,  ///< by what is last in `findings`; nothing was counted
        NoAnswer, ///< in time, or nobody to ask: this node is to judge alone
    };
    Kind kind = Kind::NoAnswer;
    quint64 id = 0;      ///< of the question, for settle()
    Findings findings{}; ///< over all nodes
    bool sparedBudget
        = false;          ///< a node that drained has told this client to come back: a grant of all nodes was used up
    qint64 countedAt = 0; ///< what takeBack() finds the attempt by; 0 if no budget was used
};

/// The limits that all nodes of a cluster judge and count together. Thread-safe, and never waits.
class PeerAdmission
{
public:
    using Done = std::function<void(const PeerVerdict &)>;
    virtual ~PeerAdmission() = default;

    /// Whether there is anybody to ask. If not, each node judges alone.
    [[nodiscard]] virtual bool isReachable() const = 0;
    /// By what each limit is divided for a node that judges alone; 1: it holds them in full.
    [[nodiscard]] virtual qint64 shares() const = 0;
    /// Whether addresses may have reconnects that use no budget, of which only the cluster knows how many.
    [[nodiscard]] virtual bool hasGrants() const = 0;

    /// Judges and counts the attempt. `done` is called once, on a thread of its own choice: after REDIS_TIMEOUT at the
    /// latest, or, at the start of a node, when it has joined the others or found that it cannot.
    virtual void ask(const PeerAttempt &attempt, Done done) = 0;
    /// What this node did when there was no answer: whether it let the client in, and counts it.
    virtual void settle(quint64 id, bool isOpen) = 0;
    /// The attempt was let in by the cluster, but is refused after all, for another reason: neither budget nor grant
    /// has been used.
    virtual void takeBack(const PeerAttempt &attempt, const PeerVerdict &verdict) = 0;
    /// This node let somebody in without asking.
    virtual void enter(const std::optional<AddressKey> &bucket, const QString &user) = 0;
    /// A connection that is counted has ended: for its address and for its user.
    virtual void leave(const AddressKey &bucket) = 0;
    virtual void leave(const QString &user) = 0;
};

} // namespace gatehouse
