// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/addresstable.h"

#include <algorithm>

namespace gatehouse {

AddressSlot::AddressSlot(AddressTable &table, const IpAddress &bucket, bool usedBudget)
    : m_table(&table)
    , m_bucket(bucket)
    , m_usedBudget(usedBudget)
{
}

AddressSlot::~AddressSlot()
{
    release(false);
}

AddressSlot::AddressSlot(AddressSlot &&other) noexcept
    : m_table(std::exchange(other.m_table, nullptr))
    , m_bucket(other.m_bucket)
    , m_usedBudget(other.m_usedBudget)
{
}

AddressSlot &AddressSlot::operator=(AddressSlot &&other) noexcept
{
    if (this != &other) {
        release(false);
        m_table = std::exchange(other.m_table, nullptr);
        m_bucket = other.m_bucket;
        m_usedBudget = other.m_usedBudget;
    }
    return *this;
}

void AddressSlot::refund()
{
    release(m_usedBudget);
}

void AddressSlot::release(bool refundsBudget)
{
    if (AddressTable *table = std::exchange(m_table, nullptr))
        table->release(m_bucket, refundsBudget);
}

AddressTable::Shard &AddressTable::shardOf(const IpAddress &bucket)
{
    return m_shards[qHash(bucket, 0x9e3779b9U) % kShards];
}

void AddressTable::setOpen(Shard &shard, Entry &entry, qint64 open)
{
    if (entry.open > 0)
        --shard.byOpen[size_t(entry.open)];
    entry.open = open;
    if (shard.byOpen.size() <= size_t(open))
        shard.byOpen.resize(size_t(open) + 1);
    if (open > 0)
        ++shard.byOpen[size_t(open)];
}

void AddressTable::makeRoom(Shard &shard, MonoTime now)
{
    constexpr int kCandidates = 16;
    auto victim = shard.entries.end();
    int seen = 0;
    for (auto entry = shard.entries.begin(); entry != shard.entries.end() && seen < kCandidates; ++entry) {
        if (entry->second.open > 0)
            continue;
        ++seen;
        // The one with the least budget used loses least by being forgotten.
        if (victim == shard.entries.end() || entry->second.attempts.count(now) < victim->second.attempts.count(now))
            victim = entry;
    }
    if (victim != shard.entries.end())
        shard.entries.erase(victim);
}

AddressTable::Admission AddressTable::admit(const IpAddress &bucket, const LimitSnapshot &snapshot, MonoTime now)
{
    Shard &shard = shardOf(bucket);
    const std::lock_guard lock(shard.mutex);
    auto found = shard.entries.find(bucket);
    if (found == shard.entries.end()) {
        if (shard.entries.size() >= kMaxAddresses / kShards)
            makeRoom(shard, now);
        found = shard.entries.try_emplace(bucket).first;
    }
    Entry &entry = found->second;
    Admission admission;
    const auto judge = [&](Reason reason, LimitKey key, qint64 used) {
        const LimitValue &rule = snapshot.limits[key];
        if (!snapshot.isGuarding || rule.mode == LimitMode::Off || used < rule.value || !admission.isAdmitted())
            return;
        const auto wait = key == LimitKey::MaxReconnectAttempts ? entry.attempts.waitUntilBelow(rule.value, now)
                                                                : std::chrono::milliseconds(0);
        admission.exceeded.push_back({ reason, key, rule.value, used + 1, wait, rule.mode == LimitMode::Enforce });
    };
    judge(Reason::TooManyConnections, LimitKey::MaxConnectionsPerIp, entry.open);
    judge(Reason::TooManyReconnects, LimitKey::MaxReconnectAttempts, entry.attempts.count(now));
    if (!admission.isAdmitted())
        return admission;
    // An off limit keeps no record; an observing one does, or it could not tell what it would have refused.
    const bool usesBudget
        = snapshot.isGuarding && snapshot.limits[LimitKey::MaxReconnectAttempts].mode != LimitMode::Off;
    if (usesBudget)
        entry.attempts.add(now);
    setOpen(shard, entry, entry.open + 1);
    admission.slot = AddressSlot(*this, bucket, usesBudget);
    return admission;
}

void AddressTable::release(const IpAddress &bucket, bool refundsBudget)
{
    Shard &shard = shardOf(bucket);
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.entries.find(bucket);
    if (found == shard.entries.end())
        return; // cannot be: an entry with open connections is never forgotten
    setOpen(shard, found->second, found->second.open - 1);
    if (refundsBudget)
        found->second.attempts.removeLatest();
}

qint64 AddressTable::size() const
{
    size_t sum = 0;
    for (const Shard &shard : m_shards) {
        const std::lock_guard lock(shard.mutex);
        sum += shard.entries.size();
    }
    return qint64(sum);
}

qint64 AddressTable::nearLimit(qint64 limit) const
{
    const size_t first = size_t(std::max<qint64>(1, (limit * 4 + 4) / 5));
    qint64 sum = 0;
    for (const Shard &shard : m_shards) {
        const std::lock_guard lock(shard.mutex);
        for (size_t open = first; open < shard.byOpen.size(); ++open)
            sum += shard.byOpen[open];
    }
    return sum;
}

void AddressTable::sweep(MonoTime now)
{
    Shard &shard = m_shards[m_nextSweep++ % kShards];
    const std::lock_guard lock(shard.mutex);
    for (auto entry = shard.entries.begin(); entry != shard.entries.end();) {
        const bool isIdle = entry->second.open == 0 && entry->second.attempts.isEmpty(now);
        entry = isIdle ? shard.entries.erase(entry) : std::next(entry);
    }
}

} // namespace gatehouse
