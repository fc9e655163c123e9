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
    std::sort(sorted.begin(), sorted.end(), [](const DecisionCount &a, const DecisionCount &b) {
        return a.count != b.count ? a.count > b.count : a.value < b.value;
    });
    sorted.resize(std::min(sorted.size(), limit));
    return sorted;
}

RefusalTally::RefusalTally(UtcTime start)
    : m_start(start)
{
}

void RefusalTally::add(const Decision &about, qint64 count)
{
    Minute &minute = minuteOf(about.at);
    minute.total += count;
    m_newest = std::max(m_newest, about.at);
    for (size_t i = 0; i < kDecisionKeys; ++i) {
        const QString value = decisionValue(about, DecisionKey(i));
        if (value.isEmpty())
            continue;
        minute.counts[i][value] += count;
        if (minute.counts[i].size() <= kMaxValues)
            continue;
        forgetSeldom(minute.counts[i]);
        minute.isWhole[i] = false;
    }
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

/// Half of them at once, so that a flood of ever new values pays little for each.
void RefusalTally::forgetSeldom(QHash<QString, qint64> &counts)
{
    QHash<QString, qint64> kept;
    for (const DecisionCount &count : mostFrequent(counts, size_t(kMaxValues) / 2))
        kept.insert(count.value, count.count);
    counts = std::move(kept);
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
        result.isExact = result.isExact && minute.isWhole[size_t(key)];
        const QHash<QString, qint64> &counts = minute.counts[size_t(key)];
        for (auto entry = counts.cbegin(); entry != counts.cend(); ++entry)
            sums[entry.key()] += entry.value();
    }
    result.counts = mostFrequent(sums, size_t(sums.size()));
    return result;
}

} // namespace gatehouse
