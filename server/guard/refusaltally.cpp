// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/refusaltally.h"

#include <algorithm>

namespace gatehouse {

namespace {

UtcTime minuteBegin(UtcTime time)
{
    return std::chrono::floor<std::chrono::minutes>(time);
}

} // namespace

std::optional<DecisionKey> parseDecisionKey(QByteArrayView text)
{
    if (text == "address")
        return DecisionKey::Address;
    if (text == "user")
        return DecisionKey::User;
    if (text == "origin")
        return DecisionKey::Origin;
    if (text == "reason")
        return DecisionKey::Reason;
    return std::nullopt;
}

QString decisionValue(const Decision &decision, DecisionKey key)
{
    switch (key) {
    case DecisionKey::Address:
        return decision.address;
    case DecisionKey::User:
        return decision.user;
    case DecisionKey::Origin:
        return decision.origin;
    case DecisionKey::Reason:
        break;
    }
    return reasonDescriptor(decision.reason).code;
}

std::vector<DecisionCount> mostFrequent(const QHash<QString, qint64> &counts, size_t limit)
{
    std::vector<DecisionCount> sorted;
    for (auto entry = counts.cbegin(); entry != counts.cend(); ++entry) {
        if (!entry.key().isEmpty())
            sorted.push_back({ entry.key(), entry.value() });
    }
    limit = std::min(sorted.size(), limit);
    std::partial_sort(sorted.begin(), sorted.begin() + ptrdiff_t(limit), sorted.end(),
        [](const DecisionCount &a, const DecisionCount &b) {
            return a.count != b.count ? a.count > b.count : a.value < b.value;
        });
    sorted.resize(limit);
    return sorted;
}

RefusalTally::RefusalTally(UtcTime start)
    : m_start(start)
{
}

void RefusalTally::add(const Decision &about, qint64 count)
{
    Minute &minute = minuteOf(about.at);
    m_newest = std::max(m_newest, about.at);
    minute.total += count;
    minute.addresses.add(about.address, count);
    minute.users.add(about.user, count);
    minute.origins.add(about.origin, count);
    minute.reasons[size_t(about.reason)] += count;
}

void RefusalTally::add(const RefusalTally &other)
{
    m_newest = std::max(m_newest, other.m_newest);
    for (const Minute &minute : other.m_minutes)
        minuteOf(minute.begin).add(minute);
}

void RefusalTally::Minute::add(const Minute &other)
{
    total += other.total;
    for (Values Minute::*values : { &Minute::addresses, &Minute::users, &Minute::origins }) {
        const Values &added = other.*values;
        for (auto entry = added.counts.cbegin(); entry != added.counts.cend(); ++entry)
            (this->*values).add(entry.key(), entry.value());
        (this->*values).isWhole &= added.isWhole;
    }
    for (size_t i = 0; i < reasons.size(); ++i)
        reasons[i] += other.reasons[i];
}

void RefusalTally::Values::add(const QString &value, qint64 count)
{
    if (value.isEmpty())
        return;
    counts[value] += count;
    if (counts.size() > kMaxValues)
        forgetSeldom();
}

/// Half of them at once, so that a flood of ever new values pays little for each.
void RefusalTally::Values::forgetSeldom()
{
    QHash<QString, qint64> kept;
    for (const DecisionCount &count : mostFrequent(counts, size_t(kMaxValues) / 2))
        kept.insert(count.value, count.count);
    counts = std::move(kept);
    isWhole = false;
}

RefusalTally::Values RefusalTally::Minute::valuesOf(DecisionKey key) const
{
    switch (key) {
    case DecisionKey::Address:
        return addresses;
    case DecisionKey::User:
        return users;
    case DecisionKey::Origin:
        return origins;
    case DecisionKey::Reason:
        break;
    }
    Values byCode;
    for (size_t i = 0; i < reasons.size(); ++i) {
        if (reasons[i] > 0)
            byCode.counts[reasonDescriptor(Reason(i)).code] += reasons[i]; // one code may be of two reasons
    }
    return byCode;
}

/// The clock may go back: what is before the oldest minute counts for that.
RefusalTally::Minute &RefusalTally::minuteOf(UtcTime time)
{
    const UtcTime begin = minuteBegin(time);
    const auto place = std::lower_bound(m_minutes.begin(), m_minutes.end(), begin,
        [](const Minute &minute, UtcTime wanted) { return minute.begin < wanted; });
    if (place != m_minutes.end() && place->begin == begin)
        return *place;
    if (place == m_minutes.begin() && m_minutes.size() == kMinutes)
        return m_minutes.front();
    Minute &added = *m_minutes.insert(place, Minute{ .begin = begin });
    if (m_minutes.size() <= kMinutes)
        return added;
    m_minutes.pop_front();
    return *std::lower_bound(m_minutes.begin(), m_minutes.end(), begin,
        [](const Minute &minute, UtcTime wanted) { return minute.begin < wanted; });
}

UtcTime RefusalTally::from() const
{
    return m_minutes.size() < kMinutes ? m_start : m_minutes.front().begin;
}

DecisionCounts RefusalTally::counts(DecisionKey key, UtcTime from, UtcTime to) const
{
    const UtcTime first = minuteBegin(from);
    const bool isWholeMinutes = (from == first || from <= m_start) && (to == minuteBegin(to) || to > m_newest);
    DecisionCounts result{ {}, 0, isWholeMinutes };
    QHash<QString, qint64> sums;
    for (const Minute &minute : m_minutes) {
        if (minute.begin < first || minute.begin >= to)
            continue;
        result.total += minute.total;
        const Values values = minute.valuesOf(key);
        result.isExact = result.isExact && values.isWhole;
        for (auto entry = values.counts.cbegin(); entry != values.counts.cend(); ++entry)
            sums[entry.key()] += entry.value();
    }
    result.counts = mostFrequent(sums, size_t(sums.size()));
    return result;
}

} // namespace gatehouse
