// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/decisionfilter.h"

namespace gatehouse {

bool DecisionFilter::accepts(const Decision &decision) const
{
    const auto fits = [](const QString &wanted, const QString &value) { return wanted.isEmpty() || wanted == value; };
    return (codes.isEmpty() || codes.split(u',').contains(reasonDescriptor(decision.reason).code))
        && fits(guard, QString(reasonDescriptor(decision.reason).guard)) && fits(address, decision.address)
        && fits(user, decision.user) && fits(origin, decision.origin) && (!interval || interval->contains(decision.at))
        && decision.mentions(text);
}

DecisionQuery DecisionFilter::toQuery() const
{
    DecisionQuery query;
    query.guard = guard;
    query.reason = codes;
    query.address = address;
    query.user = user;
    query.origin = origin;
    query.filter = text;
    if (interval) {
        query.from = interval->from;
        query.to = interval->to;
    }
    return query;
}

} // namespace gatehouse
