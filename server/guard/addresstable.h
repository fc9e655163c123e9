// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "server/guard/addressshard.h"
#include "server/guard/limitjudge.h"

namespace gatehouse {

class AddressTable;
class PeerAdmission;

/// One open connection's place in an AddressTable: given back when it is destroyed, so that no exit path can leak one.
/// Movable; any thread.
class AddressSlot final
{
public:
    AddressSlot() = default;
    ~AddressSlot();
    AddressSlot(AddressSlot &&other) noexcept;
    AddressSlot &operator=(AddressSlot &&other) noexcept;
    Q_DISABLE_COPY(AddressSlot)

    /// Of a connection that the limits do not count. Gives nothing back.
    [[nodiscard]] static AddressSlot uncounted(const AddressKey &bucket);

    /// The bucket that the connection is of.
    [[nodiscard]] AddressKey bucket() const { return { m_bits, m_isIpv4 }; }

    /// A later guard refuses: the attempt does not use up reconnect budget after all. The slot is given back too.
    void refund();
    /// The attempt uses no budget, but the connection stays.
    void spareBudget();
    /// Other nodes count the connection too: they are told when it is given back.
    void countWithPeers() { m_isWithPeers = m_table != nullptr; }
    /// Whether the limits count the connection.
    [[nodiscard]] bool isCounted() const { return m_table != nullptr; }

private:
    friend class AddressTable;
    AddressSlot(AddressTable &table, const AddressKey &key, std::optional<quint32> attempt);
    void release(bool refundsBudget);

    AddressTable *m_table = nullptr;
    // Not an AddressKey and an optional: one of these is part of every connection, and the padding would be half as
    // much again.
    quint64 m_bits = 0;
    quint32 m_attempt = 0; ///< when the attempt was counted, in window ticks
    bool m_isIpv4 = false;
    bool m_usedBudget = false;
    bool m_isWithPeers = false;
};

/// Open connections and admitted attempts of every address bucket: MAX_CONNECTIONS_PER_IP and MAX_RECONNECT_ATTEMPTS.
/// Shared by all workers; exact to the strict side (an attempt may count up to 1 % of the hour too long, never too
/// short); sharded by address, a lock a shard, held for a look-up. An address bucket takes 32 bytes and the room a hash
/// table needs; those with more than four separate attempts in the hour take a window of about 100 bytes more.
///
/// Bounded twice. At kMaxAddresses an address without open connections makes way: of a few that are looked at, the one
/// with the least budget used. So nobody flushes an address that has connections open, and one that is over its budget
/// goes only when the table is full of such, when it gains its owner no more than any fresh address would.
/// kMaxWindowBytes bounds the windows: beyond it attempts are joined ever more coarsely, still to the strict side.
class AddressTable final
{
public:
    static constexpr size_t kShards = 256;
    static constexpr size_t kMaxAddresses = 1'000'000;
    static constexpr size_t kMaxWindowBytes = 20 * 1024 * 1024;

    AddressTable();
    /// Who counts connections together with other nodes; null for nobody. Before anything else.
    void setPeers(PeerAdmission *peers) { m_peers = peers; }

    struct Admission
    {
        AddressSlot slot; ///< valid if the attempt is admitted
        Findings findings;
        [[nodiscard]] bool isAdmitted() const { return !doRefuse(findings); }
    };
    enum class Budget : quint8
    {
        Used,
        Spared,
        Counted
    };
    /// Judges an attempt and, if it passes, counts it. With the switch off everything passes but open connections are
    /// still counted. Where the budget is spared it is neither judged nor used; where it is counted it is used, and
    /// somebody else judges.
    [[nodiscard]] Admission admit(
        const IpAddress &bucket, const LimitSnapshot &snapshot, MonoTime now, Budget budget = Budget::Used);

    struct Usage
    {
        qint64 open = 0;
        qint64 attempts = 0;                     ///< in the last hour
        std::chrono::milliseconds attemptWait{}; ///< until fewer than the limit are
    };
    /// What admit() would judge by. Changes nothing, not even what is remembered of an address without a record. Any
    /// thread.
    [[nodiscard]] Usage peek(const IpAddress &bucket, qint64 attemptLimit, MonoTime now) const;
    /// Puts the same in, with an attempt of this address. Any thread.
    void count(const IpAddress &bucket, const LimitSnapshot &snapshot, MonoTime now, LimitCounts &counts) const;

    /// Known addresses. Any thread.
    [[nodiscard]] qint64 size() const;
    /// Addresses with at least 80 % of `limit` connections open. Any thread.
    [[nodiscard]] qint64 nearLimit(qint64 limit) const;
    struct Busiest
    {
        AddressKey bucket{};
        qint64 open = 0;
    };
    /// The address with the most connections open; nullopt if none has `atLeast`. Any thread.
    [[nodiscard]] std::optional<Busiest> busiest(qint64 atLeast) const;
    /// Bytes the table owns, itself included; what malloc adds is not. Any thread.
    [[nodiscard]] size_t memoryBytes() const;
    /// Forgets buckets that carry no information any more, in a few shards a call (about 50 µs under each one's lock).
    /// To be called at least every hour or so: moments are kept for 24 days only. One thread.
    void sweep(MonoTime now);

private:
    friend class AddressSlot;
    struct alignas(64) Guarded
    {
        mutable std::mutex mutex;
        AddressShard shard{ kMaxAddresses / kShards, kMaxWindowBytes / kShards };
    };
    [[nodiscard]] Guarded &shardOf(quint64 hash) { return m_shards[hash % kShards]; }
    [[nodiscard]] const Guarded &shardOf(quint64 hash) const { return m_shards[hash % kShards]; }
    enum class Keeps : bool
    {
        Nothing,
        Connection
    };
    void release(const AddressKey &key, std::optional<quint32> refundedAttempt, Keeps keeps);

    PeerAdmission *m_peers = nullptr;
    KeyedHash m_hash;
    std::vector<Guarded> m_shards;
    size_t m_nextSweep = 0;
};

} // namespace gatehouse
