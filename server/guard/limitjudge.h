// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

#include "server/guard/finding.h"
#include "server/limits/limitsnapshot.h"

/// The one place where a count is compared with a limit. Whoever decides, previews, or reads the verdict of a cluster
/// brings its own counts. Pure; without locks or allocations as long as nothing is exceeded.
namespace gatehouse {

/// How a limit is to be judged.
struct LimitRule
{
    qint64 value = 0;
    LimitMode mode = LimitMode::Enforce;
    bool isGuarding = true; ///< false: the switch is off

    /// Of the limit that the reason stands for. There must be one.
    [[nodiscard]] static LimitRule of(Reason reason, const LimitSnapshot &snapshot);
    [[nodiscard]] bool isJudged() const { return isGuarding && mode != LimitMode::Off; }
    /// The most that is let pass, for who must not even read more; `otherwise` where the limit does not enforce. What
    /// is off with the switch, such a bound of memory is not.
    [[nodiscard]] qint64 boundOr(qint64 otherwise) const { return mode == LimitMode::Enforce ? value : otherwise; }
    /// The same with a number of somebody's own, if there is one.
    [[nodiscard]] LimitRule withValue(std::optional<qint64> own) const
    {
        return { own.value_or(value), mode, isGuarding };
    }
    /// What a node that cannot ask the others allows by itself where limits are divided; never less than one.
    [[nodiscard]] LimitRule dividedAmong(qint64 shares) const;
};

/// What judging one limit says. A plain value.
struct LimitJudgement
{
    enum class Outcome : quint8
    {
        NotJudged,
        Passes,
        Observed, ///< exceeded, but the limit only observes
        Refused,
    };
    Outcome outcome = Outcome::NotJudged;
    Reason reason = Reason::TooManyConnections;
    qint64 limit = 0;
    qint64 observed = 0; ///< what is judged included
    std::chrono::milliseconds exactWait{};

    [[nodiscard]] bool isExceeded() const { return outcome == Outcome::Observed || outcome == Outcome::Refused; }
    /// Of one that is exceeded.
    [[nodiscard]] Finding finding() const;
};

/// `observed` counts what is judged too. `exactWait`: until it would pass, if that is known.
[[nodiscard]] LimitJudgement judgeLimit(
    Reason reason, const LimitRule &rule, qint64 observed, std::chrono::milliseconds exactWait = {});

/// What is counted of an attempt, itself included. What nobody counted is not judged.
class LimitCounts final
{
public:
    struct Count
    {
        qint64 observed;
        std::chrono::milliseconds exactWait; ///< until it would pass, if that is known
    };
    void set(Counted counted, qint64 observed, std::chrono::milliseconds exactWait = {})
    {
        m_counts[size_t(counted)] = Count{ observed, exactWait };
    }
    /// nullopt: nobody counted.
    [[nodiscard]] const std::optional<Count> &of(Counted counted) const { return m_counts[size_t(counted)]; }

private:
    std::array<std::optional<Count>, kCountedCount> m_counts{};
};
/// Looks up what the table of reasons says is to be compared.
[[nodiscard]] LimitJudgement judgeLimit(Reason reason, const LimitRule &rule, const LimitCounts &counts);

/// The reasons whose limits all nodes of a cluster judge together, in their order.
inline constexpr std::array kPeerReasons{ Reason::TooManyConnections, Reason::TooManyReconnects,
    Reason::TooManyUserConnections };
[[nodiscard]] bool isJudgedByPeers(Reason reason);
/// How one of them is judged of an address, which may have a number of its own.
[[nodiscard]] LimitRule peerRule(Reason reason, const LimitSnapshot &snapshot, std::optional<qint64> addressLimit);
/// Judges them one after the other, until one refuses; each divided by `shares`.
[[nodiscard]] Findings judgePeerLimits(const LimitSnapshot &snapshot, const LimitCounts &counts,
    std::optional<qint64> addressLimit = {}, qint64 shares = 1);

} // namespace gatehouse
