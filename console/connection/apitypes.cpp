// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/apitypes.h"

#include <QtCore/QUrl>

#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// QUrlQuery leaves '+' as it is, and servers read it as a space; so values are encoded here, once and wholly.
void addItem(QUrlQuery &query, QLatin1StringView name, const QString &value)
{
    if (!value.isEmpty())
        query.addQueryItem(name, QString::fromLatin1(QUrl::toPercentEncoding(value)));
}

} // namespace

QJsonObject toJson(const std::vector<LimitPatch> &patches)
{
    QJsonObject object;
    for (const LimitPatch &patch : patches) {
        QJsonObject members;
        if (patch.value)
            members.insert("value"_L1, *patch.value);
        if (patch.mode)
            members.insert("mode"_L1, limitModeName(*patch.mode));
        object.insert(patch.key, members);
    }
    return object;
}

std::optional<SwitchChange> SwitchChange::fromJson(const QJsonObject &entry)
{
    const std::optional<UtcTime> at = parseIso(entry.value("at"_L1).toString());
    if (!at || entry.value("action"_L1) != "switch.set"_L1 || !entry.value("after"_L1).isBool())
        return std::nullopt;
    return SwitchChange{ *at, entry.value("after"_L1).toBool(), entry.value("by"_L1).toString(),
        entry.value("note"_L1).toString() };
}

QUrlQuery DecisionQuery::toQuery() const
{
    QUrlQuery query;
    addItem(query, "guard"_L1, guard);
    addItem(query, "reason"_L1, reason);
    addItem(query, "address"_L1, address);
    addItem(query, "user"_L1, user);
    addItem(query, "origin"_L1, origin);
    addItem(query, "filter"_L1, filter);
    if (from)
        addItem(query, "from"_L1, isoMillis(*from));
    if (to)
        addItem(query, "to"_L1, isoMillis(*to));
    addItem(query, "cursor"_L1, cursor);
    addItem(query, "limit"_L1, QString::number(limit));
    return query;
}

QLatin1StringView offenderKindName(OffenderKind kind)
{
    switch (kind) {
    case OffenderKind::Address:
        return "address"_L1;
    case OffenderKind::User:
        return "user"_L1;
    case OffenderKind::Origin:
        return "origin"_L1;
    case OffenderKind::Reason:
        break;
    }
    return "reason"_L1;
}

QUrlQuery AccessQuery::toQuery() const
{
    QUrlQuery query;
    addItem(query, "filter"_L1, filter);
    addItem(query, "cursor"_L1, cursor);
    addItem(query, "limit"_L1, QString::number(limit));
    return query;
}

QJsonObject AccessDraft::toJson() const
{
    QJsonObject object{ { "kind"_L1, accessKindName(kind) }, { "value"_L1, value } };
    if (issuedBefore)
        object.insert("issued_before"_L1, isoMillis(*issuedBefore));
    else if (isOfTokensSoFar)
        object.insert("issued_before"_L1, "now"_L1);
    if (lifetime.count() > 0)
        object.insert("expires_in"_L1, u"%1s"_s.arg(lifetime.count()));
    if (limit)
        object.insert("limit"_L1, *limit);
    if (!reason.isEmpty())
        object.insert("reason"_L1, reason);
    if (!note.isEmpty())
        object.insert("note"_L1, note);
    if (isForced)
        object.insert("force"_L1, true);
    return object;
}

QUrlQuery ConnectionQuery::toQuery() const
{
    QUrlQuery query;
    addItem(query, "filter"_L1, filter);
    if (!sort.isEmpty())
        addItem(query, "sort"_L1, isDescending ? QString(u'-' + sort) : sort);
    addItem(query, "cursor"_L1, cursor);
    addItem(query, "limit"_L1, QString::number(limit));
    return query;
}

} // namespace gatehouse
