// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/addresstable.h"

#include <algorithm>

#include "server/guard/peeradmission.h"

namespace gatehouse {

AddressSlot::AddressSlot(AddressTable &table, const AddressKey &key)
    : m_table(&table)
    , m_bits(key.bits)
    , m_isIpv4(key.isIpv4)
{
}

AddressSlot::~AddressSlot()
{
    release();
}

AddressSlot::AddressSlot(AddressSlot &&other) noexcept
    : m_table(std::exchange(other.m_table, nullptr))
    , m_bits(other.m_bits)
    , m_isIpv4(other.m_isIpv4)
    , m_isWithPeers(other.m_isWithPeers)
{
}

AddressSlot &AddressSlot::operator=(AddressSlot &&other) noexcept
{
    if (this != &other) {
        release();
        m_table = std::exchange(other.m_table, nullptr);
        m_bits = other.m_bits;
        m_isIpv4 = other.m_isIpv4;
        m_isWithPeers = other.m_isWithPeers;
    }
    return *this;
}

AddressSlot AddressSlot::uncounted(const AddressKey &bucket)
{
    AddressSlot slot;
    slot.m_bits = bucket.bits;
    slot.m_isIpv4 = bucket.isIpv4;
    return slot;
}

void AddressSlot::release()
{
    AddressTable *table = std::exchange(m_table, nullptr);
    if (!table)
        return;
    table->release(bucket());
    if (std::exchange(m_isWithPeers, false))
        table->m_peers->leave(bucket());
}

AddressTable::AddressTable()
    : m_shards(kShards)
{
}

AddressTable::Admission AddressTable::admit(const IpAddress &bucket, const LimitRule &rule)
{
    const AddressKey key = AddressKey::of(bucket);
    const quint64 hash = key.hash(m_hash);
    Admission admission;
    Guarded &guarded = shardOf(hash);
    const std::lock_guard lock(guarded.mutex);
    AddressShard &shard = guarded.shard;
    AddressEntry *entry = shard.find(key, hash);
    const qint64 open = entry ? entry->open : 0;
    // The other one is what the count can hold, whatever the limits say.
    for (const LimitRule &one : { rule, LimitRule{ AddressEntry::kMostOpen } }) {
        const LimitJudgement judgement = judgeLimit(Reason::TooManyConnections, one, open + 1);
        if (admission.isAdmitted() && judgement.isExceeded())
            admission.findings.push_back(judgement.finding());
    }
    if (!admission.isAdmitted())
        return admission;
    if (!entry)
        entry = &shard.insert(key, hash, m_hash, 0, {});
    shard.setOpen(*entry, entry->open + 1);
    admission.slot = AddressSlot(*this, key);
    return admission;
}

qint64 AddressTable::openOf(const IpAddress &bucket) const
{
    const AddressKey key = AddressKey::of(bucket);
    const quint64 hash = key.hash(m_hash);
    const Guarded &guarded = shardOf(hash);
    const std::lock_guard lock(guarded.mutex);
    const AddressEntry *entry = guarded.shard.find(key, hash);
    return entry ? entry->open : 0;
}

void AddressTable::release(const AddressKey &key)
{
    const quint64 hash = key.hash(m_hash);
    Guarded &guarded = shardOf(hash);
    const std::lock_guard lock(guarded.mutex);
    AddressEntry *entry = guarded.shard.find(key, hash);
    if (!entry)
        return; // cannot be: an entry with open connections is never forgotten
    guarded.shard.setOpen(*entry, entry->open - 1);
    guarded.shard.forgetIfBlank(*entry);
}

qint64 AddressTable::size() const
{
    size_t sum = 0;
    for (const Guarded &guarded : m_shards) {
        const std::lock_guard lock(guarded.mutex);
        sum += guarded.shard.size();
    }
    return qint64(sum);
}

qint64 AddressTable::nearLimit(qint64 limit) const
{
    const qint64 first = std::max<qint64>(1, (limit * 4 + 4) / 5);
    qint64 sum = 0;
    for (const Guarded &guarded : m_shards) {
        const std::lock_guard lock(guarded.mutex);
        sum += guarded.shard.withAtLeast(first);
    }
    return sum;
}

std::optional<AddressTable::Busiest> AddressTable::busiest(qint64 atLeast) const
{
    const Guarded *found = nullptr;
    for (const Guarded &guarded : m_shards) {
        const std::lock_guard lock(guarded.mutex);
        if (const qint64 open = guarded.shard.mostOpen(); open > 0 && open >= atLeast) {
            found = &guarded;
            atLeast = open + 1;
        }
    }
    if (!found)
        return std::nullopt;
    const std::lock_guard lock(found->mutex);
    const std::optional<AddressKey> bucket = found->shard.withMostOpen(); // others may have come or gone meanwhile
    return bucket ? std::optional<Busiest>({ *bucket, found->shard.mostOpen() }) : std::nullopt;
}

size_t AddressTable::memoryBytes() const
{
    size_t sum = sizeof *this + m_shards.capacity() * sizeof(Guarded);
    for (const Guarded &guarded : m_shards) {
        const std::lock_guard lock(guarded.mutex);
        sum += guarded.shard.bytes();
    }
    return sum;
}

void AddressTable::sweep()
{
    constexpr size_t kShardsPerCall = 4;
    for (size_t i = 0; i < kShardsPerCall; ++i) {
        Guarded &guarded = m_shards[m_nextSweep++ % kShards];
        const std::lock_guard lock(guarded.mutex);
        guarded.shard.sweep(m_hash, {});
    }
}

} // namespace gatehouse
