// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/accessrule.h"

#include <array>

#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr std::array kKindNames{ "address"_L1, "cidr"_L1, "user"_L1, "token_id"_L1 };

QJsonValue timeValue(const std::optional<UtcTime> &time)
{
    return time ? QJsonValue(isoMillis(*time)) : QJsonValue();
}

} // namespace

QJsonObject AccessRule::toJson() const
{
    return {
        { "id"_L1, id },
        { "kind"_L1, accessKindName(kind) },
        { "value"_L1, value },
        { "issued_before"_L1, timeValue(issuedBefore) },
        { "limit"_L1, limit ? QJsonValue(*limit) : QJsonValue() },
        { "reason"_L1, reason },
        { "note"_L1, note },
        { "created_at"_L1, isoMillis(createdAt) },
        { "created_by"_L1, createdBy },
        { "expires_at"_L1, timeValue(expiresAt) },
    };
}

std::optional<AccessRule> AccessRule::fromJson(const QJsonObject &object)
{
    const std::optional<AccessKind> kind = parseAccessKind(object.value("kind"_L1).toString());
    const std::optional<UtcTime> createdAt = parseIso(object.value("created_at"_L1).toString());
    AccessRule rule;
    rule.id = object.value("id"_L1).toString();
    rule.value = object.value("value"_L1).toString();
    if (!kind || !createdAt || rule.id.isEmpty() || rule.value.isEmpty())
        return std::nullopt;
    rule.kind = *kind;
    rule.createdAt = *createdAt;
    rule.issuedBefore = parseIso(object.value("issued_before"_L1).toString());
    if (object.value("limit"_L1).isDouble())
        rule.limit = object.value("limit"_L1).toInteger();
    rule.reason = object.value("reason"_L1).toString();
    rule.note = object.value("note"_L1).toString();
    rule.createdBy = object.value("created_by"_L1).toString();
    rule.expiresAt = parseIso(object.value("expires_at"_L1).toString());
    return rule;
}

QLatin1StringView accessKindName(AccessKind kind)
{
    return kKindNames[size_t(kind)];
}

std::optional<AccessKind> parseAccessKind(QStringView name)
{
    for (size_t i = 0; i < kKindNames.size(); ++i) {
        if (kKindNames[i] == name)
            return AccessKind(i);
    }
    return std::nullopt;
}

} // namespace gatehouse
