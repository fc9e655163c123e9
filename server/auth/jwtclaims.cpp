// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/jwtclaims.h"

#include <algorithm>
#include <cmath>

#include <QtCore/QJsonArray>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kMaxIdChars = 128;
constexpr qsizetype kMaxGroups = 100;
constexpr double kLatestSeconds = 253'402'300'799; // the end of the year 9999

/// A NumericDate (RFC 7519); nullopt for what is not a number in the range of dates.
std::optional<UtcTime> numericDate(const QJsonValue &value)
{
    const double seconds = value.isDouble() ? value.toDouble() : -1;
    if (!std::isfinite(seconds) || seconds < 0 || seconds > kLatestSeconds)
        return std::nullopt;
    return UtcTime(std::chrono::milliseconds(qint64(seconds * 1000)));
}

/// What is wrong with the token's times; nullopt if nothing is. `expiresAt` gets the time from which it holds no more.
std::optional<TokenRefusal> judgeTimes(
    const QJsonObject &claims, std::chrono::seconds leeway, UtcTime now, UtcTime &expiresAt)
{
    const std::optional<UtcTime> expiry = numericDate(claims.value("exp"_L1));
    if (!expiry)
        return invalidToken(claims.contains("exp"_L1) ? u"the token's exp is not a date"_s : u"the token has no exp"_s);
    for (const auto name : { "nbf"_L1, "iat"_L1 }) {
        if (!claims.contains(name))
            continue;
        const std::optional<UtcTime> time = numericDate(claims.value(name));
        if (!time)
            return invalidToken(u"the token's %1 is not a date"_s.arg(name));
        if (*time > now + leeway)
            return invalidToken(u"the token's %1 is in the future"_s.arg(name));
    }
    if (now >= *expiry + leeway)
        return TokenRefusal{ Reason::TokenExpired, u"the token has expired"_s };
    expiresAt = now < *expiry ? *expiry : *expiry + leeway;
    return std::nullopt;
}

bool isForUs(const QJsonValue &audience, const QStringList &ours)
{
    const QJsonArray listed = audience.isArray() ? audience.toArray() : QJsonArray{ audience };
    const bool isText
        = std::all_of(listed.begin(), listed.end(), [](const QJsonValue &name) { return name.isString(); });
    return isText && std::any_of(listed.begin(), listed.end(), [&ours](const QJsonValue &name) {
        return ours.contains(name.toString());
    });
}

/// What is wrong with who made the token, for whom and what for; nullopt if nothing is.
std::optional<TokenRefusal> judgePurpose(const QJsonObject &claims, const JwtRules &rules)
{
    if (!rules.issuer.isEmpty() && claims.value("iss"_L1) != rules.issuer)
        return invalidToken(u"the token's iss is not JWT_ISSUER"_s);
    if (!rules.audience.isEmpty() && !isForUs(claims.value("aud"_L1), rules.audience))
        return invalidToken(u"the token's aud is not in JWT_AUDIENCE"_s);
    if (claims.contains("token_type"_L1) && claims.value("token_type"_L1) != "access"_L1)
        return invalidToken(u"the token is not an access token"_s);
    return std::nullopt;
}

bool isPlainId(const QString &id)
{
    return !id.isEmpty() && id.size() <= kMaxIdChars && id.isValidUtf16()
        && std::all_of(id.begin(), id.end(), [](QChar c) { return c.category() != QChar::Other_Control; });
}

QString userOf(const QJsonObject &claims, const QString &userClaim)
{
    QJsonValue value;
    if (!userClaim.isEmpty())
        value = claims.value(userClaim);
    else
        value = claims.contains("user_id"_L1) ? claims.value("user_id"_L1) : claims.value("sub"_L1);

    if (value.isString())
        return isPlainId(value.toString()) ? value.toString() : QString();
    const qint64 number = value.toInteger(-1);
    return value.isDouble() && number >= 0 ? QString::number(number) : QString();
}

Role roleOf(const QJsonObject &claims, const QString &user, const QStringList &adminUsers)
{
    const bool isStaff = claims.value("is_staff"_L1) == QJsonValue(true);
    if (isStaff || adminUsers.contains(user))
        return Role::Admin;
    return parseRole(claims.value("role"_L1).toString()).value_or(Role::None);
}

QStringList groupsOf(const QJsonObject &claims)
{
    QStringList groups;
    const QJsonArray listed = claims.value("groups"_L1).toArray();
    for (const QJsonValue &value : listed) {
        const QString group = value.toString();
        if (isPlainId(group) && groups.size() < kMaxGroups && !groups.contains(group))
            groups.append(group);
    }
    return groups;
}

} // namespace

TokenVerdict judgeClaims(const QJsonObject &claims, const JwtRules &rules, UtcTime now)
{
    UtcTime expiresAt{};
    if (std::optional<TokenRefusal> refusal = judgeTimes(claims, rules.leeway, now, expiresAt))
        return *std::move(refusal);
    if (std::optional<TokenRefusal> refusal = judgePurpose(claims, rules))
        return *std::move(refusal);
    Identity identity;
    identity.user = userOf(claims, rules.userClaim);
    if (identity.user.isEmpty())
        return invalidToken(u"the token does not say who the user is (%1)"_s.arg(
            rules.userClaim.isEmpty() ? u"user_id or sub"_s : rules.userClaim));
    identity.role = roleOf(claims, identity.user, rules.adminUsers);
    identity.groups = groupsOf(claims);
    identity.expiresAt = expiresAt;
    identity.issuedAt = numericDate(claims.value("iat"_L1));
    if (const QString tokenId = claims.value("jti"_L1).toString(); isPlainId(tokenId))
        identity.tokenId = tokenId;
    return identity;
}

} // namespace gatehouse
