// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/guardverdict.h"

namespace gatehouse {

Problem Refusal::toProblem() const
{
    const ReasonDescriptor &reason = reasonDescriptor(decision.reason);
    Problem problem{ reason.httpStatus, reason.code, reason.title, detail };
    problem.instance = decision.id;
    problem.guard = reason.guard;
    problem.limit = decision.limit;
    problem.observed = decision.observed;
    problem.retryAfterSeconds = decision.retryAfterSeconds;
    return problem;
}

} // namespace gatehouse
