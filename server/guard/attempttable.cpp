// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/attempttable.h"

namespace gatehouse {

namespace {

std::chrono::milliseconds windowOf(const LimitSnapshot &snapshot)
{
    return snapshot.limits.windowOf(LimitKey::MaxReconnectAttempts).value();
}

} // namespace

void CountedAttempt::takeBack()
{
    if (AttemptTable *table = std::exchange(m_table, nullptr))
        table->takeBack(m_record, m_ticks);
}

AttemptTable::AttemptTable()
    : m_shards(kShards)
{
}

AttemptTable::Admission AttemptTable::admit(
    const ClientKey &client, const LimitSnapshot &snapshot, MonoTime now, Budget budget)
{
    const LimitRule rule = LimitRule::of(Reason::TooManyReconnects, snapshot);
    Admission admission;
    // An off limit keeps no record; an observing one does, or it could not tell what it would have refused.
    if (!rule.isJudged() || budget == Budget::Spared)
        return admission;
    const AddressKey record = recordOf(client);
    const quint64 hash = record.hash(m_hash);
    Guarded &guarded = shardOf(hash);
    const std::lock_guard lock(guarded.mutex);
    AddressShard &shard = guarded.shard;
    shard.setWindow(windowOf(snapshot));
    AddressEntry *entry = shard.find(record, hash);
    if (budget == Budget::Used) {
        LimitJudgement judgement
            = judgeLimit(Reason::TooManyReconnects, rule, (entry ? shard.attempts(*entry, now) : 0) + 1);
        if (judgement.isExceeded() && entry) // the wait takes a while: not looked up for those who pass
            judgement.exactWait = shard.waitUntilBelow(*entry, rule.value, now);
        if (judgement.isExceeded())
            admission.findings.push_back(judgement.finding());
    }
    if (!admission.isAdmitted())
        return admission;
    if (!entry)
        entry = &shard.insert(record, hash, m_hash, rule.value, now);
    shard.addAttempt(*entry, now);
    admission.attempt = CountedAttempt(*this, record, windowticks::ofEvent(now));
    return admission;
}

AttemptTable::Usage AttemptTable::peek(
    const ClientKey &client, const LimitSnapshot &snapshot, qint64 attemptLimit, MonoTime now) const
{
    const AddressKey record = recordOf(client);
    const quint64 hash = record.hash(m_hash);
    const Guarded &guarded = shardOf(hash);
    const std::lock_guard lock(guarded.mutex);
    const AddressEntry *entry = guarded.shard.find(record, hash);
    if (!entry)
        return {};
    const AddressShard::Attempts attempts = guarded.shard.peekAttempts(*entry, attemptLimit, windowOf(snapshot), now);
    return { attempts.count, attempts.wait };
}

void AttemptTable::count(
    const ClientKey &client, const LimitSnapshot &snapshot, MonoTime now, LimitCounts &counts) const
{
    const Usage usage = peek(client, snapshot, LimitRule::of(Reason::TooManyReconnects, snapshot).value, now);
    counts.set(Counted::AttemptsOfClient, usage.attempts + 1, usage.attemptWait);
}

void AttemptTable::takeBack(const AddressKey &record, quint32 ticks)
{
    const quint64 hash = record.hash(m_hash);
    Guarded &guarded = shardOf(hash);
    const std::lock_guard lock(guarded.mutex);
    AddressEntry *entry = guarded.shard.find(record, hash);
    if (!entry)
        return; // it made way for others
    guarded.shard.removeAttempt(*entry, ticks);
    guarded.shard.forgetIfBlank(*entry);
}

qint64 AttemptTable::size() const
{
    size_t sum = 0;
    for (const Guarded &guarded : m_shards) {
        const std::lock_guard lock(guarded.mutex);
        sum += guarded.shard.size();
    }
    return qint64(sum);
}

size_t AttemptTable::memoryBytes() const
{
    size_t sum = sizeof *this + m_shards.capacity() * sizeof(Guarded);
    for (const Guarded &guarded : m_shards) {
        const std::lock_guard lock(guarded.mutex);
        sum += guarded.shard.bytes();
    }
    return sum;
}

void AttemptTable::sweep(MonoTime now)
{
    constexpr size_t kShardsPerCall = 4;
    for (size_t i = 0; i < kShardsPerCall; ++i) {
        Guarded &guarded = m_shards[m_nextSweep++ % kShards];
        const std::lock_guard lock(guarded.mutex);
        guarded.shard.sweep(m_hash, now);
    }
}

} // namespace gatehouse
