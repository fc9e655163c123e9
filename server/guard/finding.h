// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "shared/protocol/problem.h"
#include "shared/protocol/reason.h"

namespace gatehouse {

/// What a guard holds against an attempt or a message. RefusalRecorder makes a Decision of it. A plain value.
struct Finding
{
    Reason reason = Reason::OriginNotAllowed;
    QString detail{}; ///< for the client; empty where the limit says it
    std::optional<qint64> limit{};
    std::optional<qint64> observed{};      ///< what is judged included
    std::chrono::milliseconds exactWait{}; ///< 0 where none is known
    bool isEnforced = true;                ///< false: the limit only observes, and lets it pass

    /// The detail, or which limit has which value.
    [[nodiscard]] QString text() const;
    /// The exact wait, or what the table of reasons suggests.
    [[nodiscard]] std::optional<qint64> retryAfterSeconds() const;
    /// What whoever asked by HTTP is answered. Of a recorded one Refusal says more.
    [[nodiscard]] Problem toProblem() const;
};

/// What guards hold against one attempt, in their order: what is only observed, and one that is enforced at the end.
using Findings = std::vector<Finding>;
[[nodiscard]] bool doRefuse(const Findings &findings);

} // namespace gatehouse
