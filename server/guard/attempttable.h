// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <utility>

#include "server/guard/attemptshard.h"
#include "server/guard/clientkey.h"
#include "server/guard/limitjudge.h"
#include "server/guard/shardedtable.h"

namespace gatehouse {

class AttemptTable;

/// An attempt that an AttemptTable has counted: it may be taken back for as long as somebody knows of it. Dropping it
/// takes nothing back. Movable; any thread.
class CountedAttempt final
{
public:
    CountedAttempt() = default;
    ~CountedAttempt() = default;
    CountedAttempt(CountedAttempt &&other) noexcept
        : m_table(std::exchange(other.m_table, nullptr))
        , m_record(other.m_record)
        , m_ticks(other.m_ticks)
    {
    }
    CountedAttempt &operator=(CountedAttempt &&other) noexcept
    {
        m_table = std::exchange(other.m_table, nullptr);
        m_record = other.m_record;
        m_ticks = other.m_ticks;
        return *this;
    }
    Q_DISABLE_COPY(CountedAttempt)

    /// The attempt uses no budget after all: a later guard refuses it, or somebody else has spared it.
    void takeBack();

private:
    friend class AttemptTable;
    CountedAttempt(AttemptTable &table, const AddressKey &record, quint32 ticks)
        : m_table(&table)
        , m_record(record)
        , m_ticks(ticks)
    {
    }

    AttemptTable *m_table = nullptr;
    AddressKey m_record;
    quint32 m_ticks = 0; ///< when it was counted, in window ticks
};

/// The connects of clients in the last RECONNECT_WINDOW: MAX_RECONNECT_ATTEMPTS. There are two: of users at their
/// addresses, and of addresses that showed no good token, so that strangers take no room of users. Shared by all
/// workers; exact to the strict side (an attempt may count up to 1 % of the window too long, never too short); sharded.
/// A client takes 32 bytes and the room a hash table needs; those with more than
/// four separate attempts take a window of about 100 bytes more. A client is kept by a keyed hash of 64 bits.
///
/// Bounded twice. At kMaxClients another one makes way: of a few that are looked at, the one with the least budget
/// used. So one that is over its budget goes only when the table is full of such, when it gains its owner no more than
/// any fresh address would. kMaxWindowBytes bounds the windows: beyond it attempts are joined ever more coarsely, still
/// to the strict side.
///
/// The length of the window may change at any time. A shorter one counts at once. A longer one counts from what is
/// remembered: what the shorter one had let go is gone.
class AttemptTable final
{
public:
    static constexpr size_t kShards = ShardedTable<AttemptShard>::kShards;
    static constexpr size_t kMaxClients = 1'000'000;
    static constexpr size_t kMaxWindowBytes = 20 * 1024 * 1024;

    AttemptTable() = default;
    Q_DISABLE_COPY_MOVE(AttemptTable)

    struct Admission
    {
        CountedAttempt attempt;
        Findings findings;
        [[nodiscard]] bool isAdmitted() const { return !doRefuse(findings); }
    };
    enum class Budget : quint8
    {
        Used,
        Spared, ///< neither judged nor counted
        Counted ///< counted; somebody else judges
    };
    /// Judges an attempt and, if it passes, counts it. With the switch off, or the limit, nothing is kept.
    [[nodiscard]] Admission admit(
        const ClientKey &client, const LimitSnapshot &snapshot, MonoTime now, Budget budget = Budget::Used);

    struct Usage
    {
        qint64 attempts = 0;                     ///< in the window
        std::chrono::milliseconds attemptWait{}; ///< until fewer than the limit are
    };
    /// What admit() would judge by, for a limit of so many. Changes nothing. Any thread.
    [[nodiscard]] Usage peek(
        const ClientKey &client, const LimitSnapshot &snapshot, qint64 attemptLimit, MonoTime now) const;
    /// Puts the same in, with an attempt of this client. Any thread.
    void count(const ClientKey &client, const LimitSnapshot &snapshot, MonoTime now, LimitCounts &counts) const;

    /// Known clients. Any thread.
    [[nodiscard]] qint64 size() const { return m_table.size(); }
    /// Bytes the table owns, itself included; what malloc adds is not. Any thread.
    [[nodiscard]] size_t memoryBytes() const { return sizeof *this + m_table.heapBytes(); }
    /// Forgets clients that carry no information any more, in a few shards a call (about 50 µs under each one's lock).
    /// To be called at least every hour or so: moments are kept for 24 days only. One thread.
    void sweep(MonoTime now);

private:
    friend class CountedAttempt;
    struct Shard : AttemptShard ///< a part of the bounds
    {
        Shard()
            : AttemptShard(kMaxClients / kShards, kMaxWindowBytes / kShards)
        {
        }
    };
    /// What a client is kept by.
    [[nodiscard]] AddressKey recordOf(const ClientKey &client) const { return { client.hash(m_table.hash()), false }; }
    void takeBack(const AddressKey &record, quint32 ticks);

    ShardedTable<Shard> m_table;
};

} // namespace gatehouse
