// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>

#include "console/connection/apitypes.h"
#include "shared/protocol/adminmessages.h"
#include "shared/protocol/limitsdocument.h"

namespace gatehouse {

/// The page that a server would answer: as given, filtered by user and address.
inline ConnectionPage pageOf(
    const std::vector<ConnectionInfo> &connections, const QStringList &missingNodes, const ConnectionQuery &query)
{
    ConnectionPage page;
    page.missingNodes = missingNodes;
    const size_t first = query.cursor.toULongLong();
    size_t index = 0;
    for (const ConnectionInfo &info : connections) {
        if (!info.user.contains(query.filter) && !info.address.contains(query.filter))
            continue;
        if (index >= first && page.connections.size() < size_t(query.limit))
            page.connections.push_back(info);
        ++index;
    }
    page.total = qint64(index);
    const size_t next = first + page.connections.size();
    if (next < index)
        page.nextCursor = QString::number(next);
    return page;
}

/// The page that a server would answer of decisions, which are given newest first; a cursor is the last row's id.
inline DecisionPage pageOf(const std::vector<Decision> &decisions, qint64 notStored, const DecisionQuery &query)
{
    const auto fits = [](const QString &wanted, const QString &value) { return wanted.isEmpty() || wanted == value; };
    DecisionPage page;
    page.notStored = notStored;
    bool isBehind = query.cursor.isEmpty();
    for (const Decision &decision : decisions) {
        const ReasonDescriptor &reason = reasonDescriptor(decision.reason);
        const bool isMatch = fits(query.guard, QString(reason.guard))
            && (query.reason.isEmpty() || query.reason.split(QLatin1Char(',')).contains(reason.code))
            && fits(query.address, decision.address) && fits(query.user, decision.user)
            && fits(query.origin, decision.origin) && decision.mentions(query.filter)
            && (!query.from || decision.at >= *query.from) && (!query.to || decision.at < *query.to);
        page.total += isMatch ? 1 : 0;
        if (isMatch && isBehind && page.decisions.size() < size_t(query.limit))
            page.decisions.push_back(decision);
        else if (isMatch && isBehind && page.nextCursor.isEmpty())
            page.nextCursor = page.decisions.back().id;
        isBehind = isBehind || decision.id == query.cursor;
    }
    return page;
}

/// The page of bans or exemptions that a server would answer, filtered by value; a cursor is the last row's id.
inline AccessRulePage pageOf(const std::vector<AccessRule> &rules, const AccessQuery &query)
{
    AccessRulePage page;
    bool isBehind = query.cursor.isEmpty();
    for (const AccessRule &rule : rules) {
        const bool fits = rule.value.contains(query.filter);
        page.total += fits ? 1 : 0;
        if (fits && isBehind && page.rules.size() < size_t(query.limit))
            page.rules.push_back(rule);
        else if (fits && isBehind && page.nextCursor.isEmpty())
            page.nextCursor = page.rules.back().id;
        isBehind = isBehind || rule.id == query.cursor;
    }
    return page;
}

inline Problem problemOf(int status, const QString &code)
{
    Problem problem;
    problem.status = status;
    problem.code = code;
    return problem;
}

/// The rule that a server makes of a draft.
inline AccessRule ruleOf(const AccessDraft &draft, const QString &id, UtcTime now, const QString &by)
{
    AccessRule rule;
    rule.id = id;
    rule.kind = draft.kind;
    rule.value = draft.value;
    rule.issuedBefore = draft.isOfTokensSoFar ? std::optional(now) : draft.issuedBefore;
    rule.reason = draft.reason;
    rule.note = draft.note;
    rule.limit = draft.limit;
    rule.createdAt = now;
    rule.createdBy = by;
    if (draft.lifetime.count() > 0)
        rule.expiresAt = now + draft.lifetime;
    return rule;
}

/// Makes of the limits what a server would after these patches, as the next revision.
inline Revision applyPatches(
    LimitsDocument &limits, const std::vector<LimitPatch> &patches, UtcTime now, const QString &by, const QString &note)
{
    Revision revision{ ++limits.revision, now, by, {}, QStringLiteral("api"), note, {} };
    for (const LimitPatch &patch : patches) {
        const auto state = std::find_if(
            limits.limits.begin(), limits.limits.end(), [&](const LimitState &one) { return one.key == patch.key; });
        if (state == limits.limits.end())
            continue;
        const LimitValue before{ state->value, state->mode };
        state->value = patch.value.value_or(state->value);
        state->mode = patch.mode.value_or(state->mode);
        state->changedAt = now;
        state->changedBy = by;
        revision.changes.push_back({ patch.key, before, { state->value, state->mode } });
    }
    return revision;
}

} // namespace gatehouse
