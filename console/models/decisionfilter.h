// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/connection/apitypes.h"
#include "console/models/timerange.h"

namespace gatehouse {

/// What the Refusals page lets through. Empty members do not filter.
struct DecisionFilter
{
    QString guard{};
    QString codes{};   ///< of the reason, as the server names it, whichever guard's it is; or several, with commas
    QString address{}; ///< exactly this one, as the next two
    QString user{};
    QString origin{};
    QString text{}; ///< that a decision mentions
    std::optional<TimeInterval> interval{};
    friend bool operator==(const DecisionFilter &, const DecisionFilter &) = default;

    [[nodiscard]] bool isEmpty() const { return *this == DecisionFilter(); }
    [[nodiscard]] bool accepts(const Decision &decision) const;
    /// The same as a query to the server.
    [[nodiscard]] DecisionQuery toQuery() const;
};

} // namespace gatehouse
