// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <deque>
#include <optional>
#include <vector>

#include <QtCore/QByteArrayView>
#include <QtCore/QHash>

#include "shared/protocol/adminmessages.h"

namespace gatehouse {

/// What decisions can be counted by.
enum class DecisionKey : quint8
{
    Address,
    User,
    Origin,
    Reason
};
[[nodiscard]] std::optional<DecisionKey> parseDecisionKey(QByteArrayView text);
[[nodiscard]] QString decisionValue(const Decision &decision, DecisionKey key);

struct DecisionCount
{
    QString value;
    qint64 count = 0;
};

/// Whom the refusals of a time were about.
struct DecisionCounts
{
    std::vector<DecisionCount> counts; ///< the most first; without those that have no such value
    qint64 total = 0;                  ///< of all, those without a value too
    bool isExact = true;               ///< false: something was left out
};

/// The most first, at most so many.
[[nodiscard]] std::vector<DecisionCount> mostFrequent(const QHash<QString, qint64> &counts, size_t limit);

/// Counts every refusal of the last hour by whom it was about, minute by minute: also those that a flood leaves no room
/// for elsewhere. Bounded: where a minute has very many values, those that occur seldom are forgotten. Not for several
/// threads at once.
class RefusalTally final
{
public:
    static constexpr std::chrono::minutes kMinute{ 1 };
    static constexpr size_t kMinutes = 61;
    static constexpr qsizetype kMaxValues = 300; ///< of a key in a minute

    explicit RefusalTally(UtcTime start = {});

    void add(const Decision &about, qint64 count = 1);
    /// What another one has counted meanwhile.
    void add(const RefusalTally &other);
    /// From when on everything is in it.
    [[nodiscard]] UtcTime from() const;
    /// Of the minutes that begin in that time, and of that in which it begins.
    [[nodiscard]] DecisionCounts counts(DecisionKey key, UtcTime from, UtcTime to) const;

private:
    /// How often each value of a key occurs.
    struct Values
    {
        QHash<QString, qint64> counts;
        bool isWhole = true; ///< false: some were forgotten

        void add(const QString &value, qint64 count);
        void forgetSeldom();
    };
    struct Minute
    {
        UtcTime begin;
        qint64 total = 0;
        Values addresses{};
        Values users{};
        Values origins{};
        std::array<qint64, kReasonCount> reasons{};

        void add(const Minute &other);
        /// As Values, whatever the key.
        [[nodiscard]] Values valuesOf(DecisionKey key) const;
    };
    [[nodiscard]] Minute &minuteOf(UtcTime time);

    UtcTime m_start;
    UtcTime m_newest{};
    std::deque<Minute> m_minutes; ///< oldest first; without those in which nothing was refused
};

} // namespace gatehouse
