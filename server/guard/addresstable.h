// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <mutex>
#include <unordered_map>
#include <variant>
#include <vector>

#include "server/config/limitstore.h"
#include "server/guard/rollingwindow.h"
#include "server/net/ipaddress.h"
#include "shared/protocol/reason.h"

namespace gatehouse {

class AddressTable;

/// One open connection's place in an AddressTable: given back when it is destroyed, so that no exit path can leak one. Movable; any thread.
class AddressSlot final
{
public:
    AddressSlot() = default;
    ~AddressSlot();
    AddressSlot(AddressSlot &&other) noexcept;
    AddressSlot &operator=(AddressSlot &&other) noexcept;
    Q_DISABLE_COPY(AddressSlot)

    /// A later guard refuses: the attempt does not use up reconnect budget after all. The slot is given back too.
    void refund();

private:
    friend class AddressTable;
    AddressSlot(AddressTable &table, const IpAddress &bucket, bool usedBudget);
    void release(bool refundsBudget);

    AddressTable *m_table = nullptr;
    IpAddress m_bucket;
    bool m_usedBudget = false;
};

/// A limit that an attempt would exceed.
struct LimitExceeded
{
    Reason reason = Reason::TooManyConnections;
    LimitKey key = LimitKey::MaxConnectionsPerIp;
    qint64 limit = 0;
    qint64 observed = 0; ///< this attempt included
    std::chrono::milliseconds wait {};
    bool isEnforced = true; ///< false: the limit only observes, and the attempt passes
};

/// Open connections and admitted attempts of every address bucket: MAX_CONNECTIONS_PER_IP and MAX_RECONNECT_ATTEMPTS. Shared by all
/// workers; exact; sharded by address, a lock a shard, held for a look-up. Bounded: at kMaxAddresses, buckets without open connections
/// make way, the longest unused of a few first.
class AddressTable final
{
public:
    static constexpr size_t kShards = 64;
    static constexpr size_t kMaxAddresses = 1'000'000;

    struct Admission
    {
        AddressSlot slot; ///< valid unless an enforced limit is exceeded
        std::vector<LimitExceeded> exceeded; ///< observed ones, or one enforced one at the end
        [[nodiscard]] bool isAdmitted() const { return exceeded.empty() || !exceeded.back().isEnforced; }
    };
    /// Judges an attempt and, if it passes, counts it. With the switch off everything passes but open connections are still counted.
    [[nodiscard]] Admission admit(const IpAddress &bucket, const LimitSnapshot &snapshot, MonoTime now);

    /// Known addresses. Any thread.
    [[nodiscard]] qint64 size() const;
    /// Addresses with at least 80 % of `limit` connections open. Any thread.
    [[nodiscard]] qint64 nearLimit(qint64 limit) const;
    /// Forgets buckets that carry no information any more; looks at one shard a call.
    void sweep(MonoTime now);

private:
    friend class AddressSlot;
    struct Entry
    {
        qint64 open = 0;
        RollingWindow attempts { std::chrono::hours(1) };
    };
    struct Hash
    {
        // Seeded at random for each process: nobody can choose addresses that collide.
        size_t operator()(const IpAddress &address) const { return qHash(address, QHashSeed::globalSeed()); }
    };
    struct alignas(64) Shard
    {
        mutable std::mutex mutex;
        std::unordered_map<IpAddress, Entry, Hash> entries;
        std::vector<qint64> byOpen; ///< how many addresses have i connections open
    };
    [[nodiscard]] Shard &shardOf(const IpAddress &bucket);
    void release(const IpAddress &bucket, bool refundsBudget);
    static void setOpen(Shard &shard, Entry &entry, qint64 open);
    static void makeRoom(Shard &shard, MonoTime now);

    std::array<Shard, kShards> m_shards;
    size_t m_nextSweep = 0;
};

} // namespace gatehouse
