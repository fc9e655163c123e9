// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "server/guard/limitjudge.h"
#include "server/guard/openshard.h"
#include "server/guard/shardedtable.h"

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

    /// Other nodes count the connection too: they are told when it is given back.
    void countWithPeers() { m_isWithPeers = m_table != nullptr; }
    /// Whether the limits count the connection.
    [[nodiscard]] bool isCounted() const { return m_table != nullptr; }

private:
    friend class AddressTable;
    AddressSlot(AddressTable &table, const AddressKey &key);
    void release();

    AddressTable *m_table = nullptr;
    // Not an AddressKey: one of these is part of every connection, and the padding would be half as much again.
    quint64 m_bits = 0;
    bool m_isIpv4 = false;
    bool m_isWithPeers = false;
};

/// Open connections of every address bucket: MAX_CONNECTIONS_PER_IP. Shared by all workers; exact; sharded by address.
/// An address bucket takes 16 bytes and the room a hash table needs. Holds buckets with open connections only, so
/// MAX_CONNECTIONS bounds it.
class AddressTable final
{
public:
    static constexpr size_t kShards = ShardedTable<OpenShard>::kShards;

    AddressTable() = default;
    Q_DISABLE_COPY_MOVE(AddressTable)
    /// Who counts connections together with other nodes; null for nobody. Before anything else.
    void setPeers(PeerAdmission *peers) { m_peers = peers; }

    struct Admission
    {
        AddressSlot slot; ///< valid if the attempt is admitted
        Findings findings;
        [[nodiscard]] bool isAdmitted() const { return !doRefuse(findings); }
    };
    /// Judges a connection by a rule of TooManyConnections and, if it passes, counts it. With the switch off everything
    /// passes but is still counted.
    [[nodiscard]] Admission admit(const IpAddress &bucket, const LimitRule &rule);

    /// Connections of the address that are open now: what admit() would judge by. Any thread.
    [[nodiscard]] qint64 openOf(const IpAddress &bucket) const;
    /// Puts the same in, with an attempt of this address. Any thread.
    void count(const IpAddress &bucket, LimitCounts &counts) const
    {
        counts.set(Counted::ConnectionsOfAddress, openOf(bucket) + 1);
    }

    /// Known addresses. Any thread.
    [[nodiscard]] qint64 size() const { return m_table.size(); }
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
    [[nodiscard]] size_t memoryBytes() const { return sizeof *this + m_table.heapBytes(); }
    /// Gives memory back, in a few shards a call (about 50 µs under each one's lock). One thread.
    void sweep();

private:
    friend class AddressSlot;
    void release(const AddressKey &key);

    PeerAdmission *m_peers = nullptr;
    ShardedTable<OpenShard> m_table;
};

} // namespace gatehouse
