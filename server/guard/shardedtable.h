// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>
#include <vector>

#include "server/net/addresskey.h"

namespace gatehouse {

/// A table that all workers share, in shards of equal use: each has a lock of its own, which is held for a look-up. Any
/// thread. A Shard says size() and bytes() and is made without arguments; it need not be thread-safe.
template <typename Shard> class ShardedTable final
{
public:
    static constexpr size_t kShards = 256;

    ShardedTable()
        : m_shards(kShards)
    {
    }
    Q_DISABLE_COPY_MOVE(ShardedTable)

    /// A shard with its lock, for as long as it lives.
    template <typename Of> class Locked final
    {
    public:
        Locked(std::mutex &mutex, Of &shard)
            : m_lock(mutex)
            , m_shard(shard)
        {
        }
        [[nodiscard]] Of *operator->() const { return &m_shard; }

    private:
        const std::lock_guard<std::mutex> m_lock;
        Of &m_shard;
    };

    /// By what the keys of all shards are hashed.
    [[nodiscard]] const KeyedHash &hash() const { return m_hash; }
    /// The shard of what hashes to that, and the one with that number.
    [[nodiscard]] Locked<Shard> of(quint64 hashed) { return at(hashed % kShards); }
    [[nodiscard]] Locked<const Shard> of(quint64 hashed) const { return at(hashed % kShards); }
    [[nodiscard]] Locked<Shard> at(size_t number) { return { m_shards[number].mutex, m_shards[number].shard }; }
    [[nodiscard]] Locked<const Shard> at(size_t number) const
    {
        return { m_shards[number].mutex, m_shards[number].shard };
    }

    /// What `count` says of each shard, one after the other, in sum.
    template <typename Count> [[nodiscard]] auto sum(Count count) const
    {
        decltype(count(std::declval<const Shard &>())) all{};
        for (size_t i = 0; i < kShards; ++i)
            all += count(*at(i).operator->());
        return all;
    }
    [[nodiscard]] qint64 size() const
    {
        return sum([](const Shard &shard) { return qint64(shard.size()); });
    }
    /// Without itself; what malloc adds is not counted.
    [[nodiscard]] size_t heapBytes() const
    {
        return m_shards.capacity() * sizeof(Guarded) + sum([](const Shard &shard) { return shard.bytes(); });
    }
    /// Lets `sweep` go through a few shards a call, each under its lock. One thread.
    template <typename Sweep> void sweepSome(Sweep sweep)
    {
        constexpr size_t kShardsPerCall = 4;
        for (size_t i = 0; i < kShardsPerCall; ++i)
            sweep(*at(m_nextSweep++ % kShards).operator->());
    }

private:
    struct alignas(64) Guarded
    {
        mutable std::mutex mutex;
        Shard shard;
    };

    KeyedHash m_hash;
    std::vector<Guarded> m_shards;
    size_t m_nextSweep = 0;
};

} // namespace gatehouse
