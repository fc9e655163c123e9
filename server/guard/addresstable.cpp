// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/addresstable.h"

#include <algorithm>

#include "server/guard/peeradmission.h"

namespace gatehouse {

AddressSlot::AddressSlot(AddressTable &table, const AddressKey &key, std::optional<quint32> attempt)
    : m_table(&table)
    , m_bits(key.bits)
    , m_attempt(attempt.value_or(0))
    , m_isIpv4(key.isIpv4)
    , m_usedBudget(attempt.has_value())
{
}

AddressSlot::~AddressSlot()
{
    release(false);
}

AddressSlot::AddressSlot(AddressSlot &&other) noexcept
    : m_table(std::exchange(other.m_table, nullptr))
    , m_bits(other.m_bits)
    , m_attempt(other.m_attempt)
    , m_isIpv4(other.m_isIpv4)
    , m_usedBudget(other.m_usedBudget)
    , m_isWithPeers(other.m_isWithPeers)
{
}

AddressSlot &AddressSlot::operator=(AddressSlot &&other) noexcept
{
    if (this != &other) {
        release(false);
        m_table = std::exchange(other.m_table, nullptr);
        m_bits = other.m_bits;
        m_attempt = other.m_attempt;
        m_isIpv4 = other.m_isIpv4;
        m_usedBudget = other.m_usedBudget;
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

void AddressSlot::refund()
{
    release(m_usedBudget);
}

void AddressSlot::spareBudget()
{
    if (m_table && std::exchange(m_usedBudget, false))
        m_table->release({ m_bits, m_isIpv4 }, m_attempt, AddressTable::Keeps::Connection);
}

void AddressSlot::release(bool refundsBudget)
{
    AddressTable *table = std::exchange(m_table, nullptr);
    if (!table)
        return;
    table->release(
        { m_bits, m_isIpv4 }, refundsBudget ? std::optional(m_attempt) : std::nullopt, AddressTable::Keeps::Nothing);
    if (std::exchange(m_isWithPeers, false))
        table->m_peers->leave(bucket());
}

AddressTable::AddressTable()
    : m_shards(kShards)
{
}

AddressTable::Admission AddressTable::admit(
    const IpAddress &bucket, const LimitSnapshot &snapshot, MonoTime now, Budget budget)
{
    const LimitValue &attemptRule = snapshot.limits[LimitKey::MaxReconnectAttempts];
    const AddressKey key = AddressKey::of(bucket);
    const quint64 hash = key.hash(m_hash);
    Admission admission;
    Guarded &guarded = shardOf(hash);
    const std::lock_guard lock(guarded.mutex);
    AddressShard &shard = guarded.shard;
    AddressEntry *entry = shard.find(key, hash);
    const auto judge = [&admission](Reason reason, const LimitRule &rule, qint64 used, const auto &waitOf) {
        if (!admission.isAdmitted())
            return;
        LimitJudgement judgement = judgeLimit(reason, rule, used + 1);
        if (!judgement.isExceeded())
            return;
        judgement.exactWait = waitOf(rule); // takes a while: not looked up for those who pass
        admission.findings.push_back(judgement.finding());
    };
    const auto unknownWait = [](const LimitRule &) { return std::chrono::milliseconds(0); };
    const qint64 open = entry ? entry->open : 0;
    judge(Reason::TooManyConnections, LimitRule::of(Reason::TooManyConnections, snapshot), open, unknownWait);
    // What the count can hold, whatever the limits say.
    judge(Reason::TooManyConnections, { AddressEntry::kMostOpen }, open, unknownWait);
    if (budget == Budget::Used)
        judge(Reason::TooManyReconnects, LimitRule::of(Reason::TooManyReconnects, snapshot),
            entry ? shard.attempts(*entry, now) : 0, [&](const LimitRule &rule) {
                return entry ? shard.waitUntilBelow(*entry, rule.value, now) : std::chrono::milliseconds(0);
            });
    if (!admission.isAdmitted())
        return admission;
    if (!entry)
        entry = &shard.insert(key, hash, m_hash, attemptRule.value, now);
    shard.setOpen(*entry, entry->open + 1);
    // An off limit keeps no record; an observing one does, or it could not tell what it would have refused.
    std::optional<quint32> attempt;
    if (snapshot.isGuarding && attemptRule.mode != LimitMode::Off && budget != Budget::Spared) {
        attempt = windowticks::ofEvent(now);
        shard.addAttempt(*entry, now);
    }
    admission.slot = AddressSlot(*this, key, attempt);
    return admission;
}

AddressTable::Usage AddressTable::peek(const IpAddress &bucket, qint64 attemptLimit, MonoTime now) const
{
    const AddressKey key = AddressKey::of(bucket);
    const quint64 hash = key.hash(m_hash);
    const Guarded &guarded = shardOf(hash);
    const std::lock_guard lock(guarded.mutex);
    const AddressShard &shard = guarded.shard;
    const AddressEntry *entry = shard.find(key, hash);
    if (!entry)
        return {};
    const AddressShard::Attempts attempts = shard.peekAttempts(*entry, attemptLimit, now);
    return { entry->open, attempts.count, attempts.wait };
}

void AddressTable::count(
    const IpAddress &bucket, const LimitSnapshot &snapshot, MonoTime now, LimitCounts &counts) const
{
    const Usage usage = peek(bucket, LimitRule::of(Reason::TooManyReconnects, snapshot).value, now);
    counts.set(Counted::ConnectionsOfAddress, usage.open + 1);
    counts.set(Counted::AttemptsOfAddress, usage.attempts + 1, usage.attemptWait);
}

void AddressTable::release(const AddressKey &key, std::optional<quint32> refundedAttempt, Keeps keeps)
{
    const quint64 hash = key.hash(m_hash);
    Guarded &guarded = shardOf(hash);
    const std::lock_guard lock(guarded.mutex);
    AddressEntry *entry = guarded.shard.find(key, hash);
    if (!entry)
        return; // cannot be: an entry with open connections is never forgotten
    if (keeps == Keeps::Nothing)
        guarded.shard.setOpen(*entry, entry->open - 1);
    if (refundedAttempt)
        guarded.shard.removeAttempt(*entry, *refundedAttempt);
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

void AddressTable::sweep(MonoTime now)
{
    constexpr size_t kShardsPerCall = 4;
    for (size_t i = 0; i < kShardsPerCall; ++i) {
        Guarded &guarded = m_shards[m_nextSweep++ % kShards];
        const std::lock_guard lock(guarded.mutex);
        guarded.shard.sweep(m_hash, now);
    }
}

} // namespace gatehouse
