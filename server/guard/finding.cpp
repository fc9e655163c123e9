// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/finding.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

QString Finding::text() const
{
    const std::optional<LimitKey> key = reasonDescriptor(reason).limit;
    if (!detail.isEmpty() || !key || !limit)
        return detail;
    return u"%1 is %2"_s.arg(limitDescriptor(*key).environmentName).arg(*limit);
}

std::optional<qint64> Finding::retryAfterSeconds() const
{
    if (const qint64 seconds = std::chrono::ceil<std::chrono::seconds>(exactWait).count(); seconds > 0)
        return seconds;
    const std::optional<std::chrono::seconds> suggested = reasonDescriptor(reason).suggestedWait;
    return suggested ? std::optional<qint64>(suggested->count()) : std::nullopt;
}

Problem Finding::toProblem() const
{
    const ReasonDescriptor &row = reasonDescriptor(reason);
    return { row.httpStatus, row.code, row.title, text() };
}

bool doRefuse(const Findings &findings)
{
    return !findings.empty() && findings.back().isEnforced;
}

} // namespace gatehouse
