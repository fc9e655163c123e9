// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <optional>

#include <QtCore/QHash>

#include "shared/protocol/adminmessages.h"

namespace gatehouse {

/// How many clients with a good token the limits have refused within the last hour, and from where. Those are users
/// whom somebody wants to serve: an office behind one address, or an undeclared proxy, where a flood has no good
/// tokens. Decisions of limits on connections that name a user count; messages do not, as their senders are connected.
/// Bounded: beyond kMaxAddresses a minute only the number is counted. One thread.
class RefusedUsers final
{
public:
    static constexpr std::chrono::minutes kWindow{ 60 };
    static constexpr qsizetype kMaxAddresses = 200;

    /// Takes what does not count too.
    void add(const Decision &decision, MonoTime now);

    struct Summary
    {
        qint64 refusals = 0;
        qint64 addresses = 0; ///< with at least one
        QString sentence{};   ///< which network was refused most, by which limit, and what helps; empty if none was

        /// What the alert compares: three addresses count as much as ten refusals.
        [[nodiscard]] double weight() const { return std::max(double(refusals), double(addresses) * 10 / 3); }
    };
    [[nodiscard]] Summary summary(MonoTime now);

private:
    struct Count
    {
        qint64 refusals = 0;
        Reason reason = Reason::TooManyConnections; ///< of the latest
        qint64 limit = 0;
    };
    struct Minute
    {
        MonoTime begin;
        qint64 refusals = 0;
        QHash<QString, Count> addresses{};
    };
    void forget(MonoTime now);
    [[nodiscard]] Summary summarise() const;

    std::optional<Summary> m_summary; ///< nullopt once something has come or gone
    std::deque<Minute> m_minutes;     ///< oldest first
};

} // namespace gatehouse
