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

AttemptTable::Admission AttemptTable::admit(
    const ClientKey &client, const LimitSnapshot &snapshot, MonoTime now, Budget budget)
{
    const LimitRule rule = LimitRule::of(Reason::TooManyReconnects, snapshot);
    Admission admission;
    // An off limit keeps no record; an observing one does, or it could not tell what it would have refused.
    if (!rule.isJudged() || budget == Budget::Spared)
        return admission;
    const AddressKey record = recordOf(client);
    const quint64 hashed = record.hash(m_table.hash());
    const auto shard = m_table.of(hashed);
    shard->setWindow(windowOf(snapshot));
    AttemptEntry *entry = shard->find(record, hashed);
    if (budget == Budget::Used) {
        LimitJudgement judgement
            = judgeLimit(Reason::TooManyReconnects, rule, (entry ? shard->attempts(*entry, now) : 0) + 1);
        if (judgement.isExceeded() && entry) // the wait takes a while: not looked up for those who pass
            judgement.exactWait = shard->waitUntilBelow(*entry, rule.value, now);
        if (judgement.isExceeded())
            admission.findings.push_back(judgement.finding());
    }
    if (!admission.isAdmitted())
        return admission;
    if (!entry)
        entry = &shard->insert(record, hashed, m_table.hash(), rule.value, now);
    shard->addAttempt(*entry, now);
    admission.attempt = CountedAttempt(*this, record, windowticks::ofEvent(now));
    return admission;
}

AttemptTable::Usage AttemptTable::peek(
    const ClientKey &client, const LimitSnapshot &snapshot, qint64 attemptLimit, MonoTime now) const
{
    const AddressKey record = recordOf(client);
    const quint64 hashed = record.hash(m_table.hash());
    const auto shard = m_table.of(hashed);
    const AttemptEntry *entry = shard->find(record, hashed);
    if (!entry)
        return {};
    const AttemptShard::Attempts attempts = shard->peekAttempts(*entry, attemptLimit, windowOf(snapshot), now);
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
    const quint64 hashed = record.hash(m_table.hash());
    const auto shard = m_table.of(hashed);
    AttemptEntry *entry = shard->find(record, hashed);
    if (!entry)
        return; // it made way for others
    shard->removeAttempt(*entry, ticks);
    shard->forgetIfBlank(*entry);
}

void AttemptTable::sweep(MonoTime now)
{
    m_table.sweepSome([this, now](AttemptShard &shard) { shard.sweep(m_table.hash(), now); });
}

} // namespace gatehouse
