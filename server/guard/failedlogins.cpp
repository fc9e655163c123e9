// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/failedlogins.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

std::optional<Problem> countFailedLogin(AddressRate &failures, const IpAddress &client, MonoTime now)
{
    const std::optional<std::chrono::milliseconds> wait = failures.take(client, now);
    if (!wait)
        return std::nullopt;
    Problem problem{ 429, u"too_many_failures"_s, u"Too many failed log-ins"_s,
        u"too many bad tokens came from this address"_s };
    problem.retryAfterSeconds = std::chrono::ceil<std::chrono::seconds>(*wait).count();
    return problem;
}

} // namespace gatehouse
