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

AddressTable::Admission AddressTable::admit(const IpAddress &bucket, const LimitRule &rule)
{
    const AddressKey key = AddressKey::of(bucket);
    const quint64 hashed = key.hash(m_table.hash());
    Admission admission;
    const auto shard = m_table.of(hashed);
    OpenEntry *entry = shard->find(key, hashed);
    const qint64 open = entry ? entry->open : 0;
    // The other one is what the count can hold, whatever the limits say.
    for (const LimitRule &one : { rule, LimitRule{ OpenEntry::kMostOpen } }) {
        const LimitJudgement judgement = judgeLimit(Reason::TooManyConnections, one, open + 1);
        if (admission.isAdmitted() && judgement.isExceeded())
            admission.findings.push_back(judgement.finding());
    }
    if (!admission.isAdmitted())
        return admission;
    shard->open(entry ? *entry : shard->insert(key, hashed, m_table.hash()));
    admission.slot = AddressSlot(*this, key);
    return admission;
}

qint64 AddressTable::openOf(const IpAddress &bucket) const
{
    const AddressKey key = AddressKey::of(bucket);
    const quint64 hashed = key.hash(m_table.hash());
    const auto shard = m_table.of(hashed);
    const OpenEntry *entry = shard->find(key, hashed);
    return entry ? entry->open : 0;
}

void AddressTable::release(const AddressKey &key)
{
    const quint64 hashed = key.hash(m_table.hash());
    const auto shard = m_table.of(hashed);
    if (OpenEntry *entry
        = shard->find(key, hashed)) // there cannot be none: it stays for as long as connections are open
        shard->close(*entry);
}

qint64 AddressTable::nearLimit(qint64 limit) const
{
    const qint64 first = std::max<qint64>(1, (limit * 4 + 4) / 5);
    return m_table.sum([first](const OpenShard &shard) { return shard.withAtLeast(first); });
}

std::optional<AddressTable::Busiest> AddressTable::busiest(qint64 atLeast) const
{
    std::optional<size_t> found;
    for (size_t i = 0; i < kShards; ++i) {
        if (const qint64 open = m_table.at(i)->mostOpen(); open > 0 && open >= atLeast) {
            found = i;
            atLeast = open + 1;
        }
    }
    if (!found)
        return std::nullopt;
    const auto shard = m_table.at(*found);
    const std::optional<AddressKey> bucket = shard->withMostOpen(); // others may have come or gone meanwhile
    return bucket ? std::optional<Busiest>({ *bucket, shard->mostOpen() }) : std::nullopt;
}

void AddressTable::sweep()
{
    m_table.sweepSome([this](OpenShard &shard) { shard.shrink(m_table.hash()); });
}

} // namespace gatehouse
