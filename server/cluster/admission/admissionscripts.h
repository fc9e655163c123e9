// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QByteArrayList>

#include "server/base/nodeidentity.h"
#include "server/guard/peeradmission.h"
#include "server/guard/reconnectgrants.h"
#include "server/redis/redisreply.h"

/// What nodes ask of Redis about the limits that they have in common: the arguments of the scripts, and their answers.
/// Pure.
namespace gatehouse::admissionscripts {

/// A node is dead, and its counts with it, so long after its last heartbeat.
constexpr std::chrono::seconds kNodeLifetime{ 20 };

struct Call
{
    QByteArrayList keys;
    QByteArrayList arguments;
};

/// Where one run of a node counts its open connections.
struct CountKeys
{
    QByteArray addresses;
    QByteArray users;

    [[nodiscard]] static CountKeys of(const QByteArray &run);
    /// Where they are gathered before they take the place of what was there.
    [[nodiscard]] CountKeys next() const { return { addresses + ":next", users + ":next" }; }
};

/// How a bucket, and a client, are written in keys and fields.
[[nodiscard]] QByteArray bucketName(const AddressKey &bucket);
[[nodiscard]] QByteArray clientName(const ClientKey &client);

/// Judges an attempt for all nodes, and enters it.
[[nodiscard]] Call admitCall(const QByteArray &run, const PeerAttempt &attempt);
struct AdmitAnswer
{
    PeerVerdict verdict;
    bool hasGrants = false;
    qint64 nodes = 1; ///< that live
};
/// nullopt if that is no answer of the script.
[[nodiscard]] std::optional<AdmitAnswer> readAdmitReply(const RedisReply &reply, const PeerAttempt &attempt);

/// An attempt that was admitted is refused after all: gives budget and grant back and, if Redis still counts it, its
/// places.
[[nodiscard]] Call takeBackCall(
    const QByteArray &run, const PeerAttempt &attempt, const PeerVerdict &verdict, bool isCounted);

/// Connections have ended. Fields may occur more than once.
[[nodiscard]] Call releaseCall(const CountKeys &keys, const QByteArrayList &buckets, const QByteArrayList &users);

/// Field and count, in turn.
using CountRows = std::vector<std::pair<QByteArray, qint64>>;
/// Says what the node counts, whatever Redis held.
[[nodiscard]] Call setCountsCall(const CountKeys &keys, const CountRows &buckets, const CountRows &users);
/// Puts what was gathered in the `next` keys in place of everything that Redis held of the node.
[[nodiscard]] Call adoptCountsCall(const CountKeys &keys);

/// The node lives; the dead are cleared away.
[[nodiscard]] Call heartbeatCall(const NodeIdentity &node);
struct HeartbeatAnswer
{
    bool wasKnown = false; ///< false: what Redis held of this node is gone
    qint64 nodes = 1;
    bool hasGrants = false;
};
[[nodiscard]] std::optional<HeartbeatAnswer> readHeartbeatReply(const RedisReply &reply);

/// The node goes: its counts vanish at once.
[[nodiscard]] Call leaveCall(const QByteArray &run);

/// Grants reconnects of these clients, to be used at any node.
[[nodiscard]] Call grantCall(const ClientCounts &counts, size_t from, size_t most);

} // namespace gatehouse::admissionscripts
