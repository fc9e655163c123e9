// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/guardverdict.h"

namespace gatehouse {

Problem Refusal::toProblem() const
{
    Problem problem = Finding{ decision.reason, detail }.toProblem();
    problem.instance = decision.id;
    problem.guard = reasonDescriptor(decision.reason).guard;
    problem.limit = decision.limit;
    problem.observed = decision.observed;
    problem.retryAfterSeconds = decision.retryAfterSeconds;
    return problem;
}

} // namespace gatehouse
