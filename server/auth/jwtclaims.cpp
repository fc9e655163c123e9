// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/jwtclaims.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QSet>

#include "server/auth/tokensentence.h"
#include "shared/protocol/name.h"
#include "shared/util/jsonkeys.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kMaxGroups = 1000;
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
            return invalidToken(u"the token's %1 is %2 in the future; JWT_LEEWAY is %3 s"_s.arg(
                name, spanText(*time - now), QString::number(leeway.count())));
    }
    if (now >= *expiry + leeway)
        return TokenRefusal{ Reason::TokenExpired, u"the token expired %1 ago"_s.arg(spanText(now - *expiry)) };
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

/// The claim that says that the token is for something else than access; empty if none does. Issuers have no common
/// word for it: simplejwt's token_type, type of Flask and others, Cognito's token_use, Keycloak's typ.
QLatin1StringView claimOfOtherPurpose(const QJsonObject &claims)
{
    if (const QJsonValue type = claims.value("token_type"_L1); !type.isUndefined()) {
        const QString text = type.toString().toLower();
        if (text != "access"_L1 && text != "bearer"_L1)
            return "token_type"_L1;
    }
    // These may say something else altogether, so only what is known to be for something else counts.
    constexpr std::array kOther{ "refresh"_L1, "refresh_token"_L1, "id"_L1, "id_token"_L1, "offline"_L1, "logout"_L1 };
    for (const auto name : { "type"_L1, "token_use"_L1, "typ"_L1 }) {
        const QString text = claims.value(name).toString().toLower();
        if (std::find(kOther.begin(), kOther.end(), text) != kOther.end())
            return name;
    }
    return {};
}

/// What is wrong with who made the token, for whom and what for; nullopt if nothing is.
std::optional<TokenRefusal> judgePurpose(const QJsonObject &claims, const JwtRules &rules)
{
    if (!rules.issuer.isEmpty() && claims.value("iss"_L1) != rules.issuer)
        return invalidToken(claims.contains("iss"_L1)
                ? u"the token's iss%1 is not JWT_ISSUER"_s.arg(quotedName(claims.value("iss"_L1)))
                : u"the token has no iss, and JWT_ISSUER asks for one"_s);
    if (!rules.audience.isEmpty() && !isForUs(claims.value("aud"_L1), rules.audience))
        return invalidToken(claims.contains("aud"_L1)
                ? u"the token's aud%1 is not in JWT_AUDIENCE"_s.arg(quotedName(claims.value("aud"_L1)))
                : u"the token has no aud, and JWT_AUDIENCE asks for one"_s);
    if (const QLatin1StringView claim = claimOfOtherPurpose(claims); !claim.isEmpty())
        return invalidToken(u"the token is not an access token (%1%2)"_s.arg(claim, quotedName(claims.value(claim))));
    return std::nullopt;
}

/// The digits of a whole number that a JSON value of Qt holds exactly; empty for anything else.
QString wholeNumber(const QJsonValue &value)
{
    const qint64 number = value.toInteger(-1);
    return number >= 0 ? QString::number(number) : QString();
}

/// The digits of a whole number, however large: databases have keys of 64 bits without a sign.
QString digits(QByteArrayView json)
{
    const bool isWhole = std::all_of(json.begin(), json.end(), [](char c) { return c >= '0' && c <= '9'; });
    return isWhole ? QString::fromLatin1(json) : QString();
}

Result<QString> userOf(const QJsonObject &claims, const QByteArray &json, const QString &userClaim)
{
    const QString claim = !userClaim.isEmpty() ? userClaim : claims.contains("user_id"_L1) ? u"user_id"_s : u"sub"_s;
    const QJsonValue value = claims.value(claim);
    if (value.isUndefined())
        return Error{ u"the token does not say who the user is (%1)"_s.arg(
                          userClaim.isEmpty() ? u"user_id or sub"_s : userClaim),
            {} };
    QString user = value.isDouble() ? wholeNumber(value) : value.toString();
    if (user.isEmpty() && value.isDouble())
        user = digits(findMember(json, claim));
    if (isName(user))
        return user;
    if (user.size() > kMaxNameChars)
        return Error{ u"the token's %1 is longer than %2 characters"_s.arg(claim).arg(kMaxNameChars), {} };
    if (value.isString() && !user.isEmpty())
        return Error{ u"the token's %1 has control characters"_s.arg(claim), {} };
    return Error{ u"the token's %1 is neither a name nor a whole number"_s.arg(claim), {} };
}

Role ownRoleOf(const QJsonObject &claims)
{
    if (claims.value("is_staff"_L1) == QJsonValue(true))
        return Role::Admin;
    return parseRole(claims.value("role"_L1).toString()).value_or(Role::None);
}

/// One name, or a list of names or whole numbers. What cannot be taken is named: who is not in a group that the issuer
/// has put him into would miss what is sent to it, and nobody would know why.
Result<QStringList> groupsOf(const QJsonObject &claims)
{
    const QJsonValue claim = claims.value("groups"_L1);
    if (claim.isUndefined() || claim.isNull())
        return QStringList();
    if (claim.isString() && claim.toString().isEmpty())
        return QStringList();
    const QJsonArray listed = claim.isArray() ? claim.toArray() : QJsonArray{ claim };
    if (listed.size() > kMaxGroups)
        return Error{ u"the token's groups are more than %1"_s.arg(kMaxGroups), {} };
    QStringList groups;
    QSet<QString> seen;
    for (const QJsonValue &value : listed) {
        const QString group = value.isString() ? value.toString() : wholeNumber(value);
        if (group.size() > kMaxNameChars)
            return Error{ u"one of the token's groups is longer than %1 characters"_s.arg(kMaxNameChars), {} };
        if (!isName(group))
            return Error{ u"one of the token's groups is neither a name nor a whole number"_s, {} };
        if (const qsizetype before = seen.size(); seen.insert(group), seen.size() > before)
            groups.append(group);
    }
    return groups;
}

} // namespace

TokenVerdict judgeClaims(const QByteArray &json, const JwtRules &rules, UtcTime now, bool isOwn)
{
    const QJsonDocument document = json.isEmpty() ? QJsonDocument() : QJsonDocument::fromJson(json);
    if (!document.isObject())
        return invalidToken(u"the token's claims are not a JSON object"_s);
    const QJsonObject claims = document.object();
    UtcTime expiresAt{};
    if (std::optional<TokenRefusal> refusal = judgeTimes(claims, rules.leeway, now, expiresAt))
        return *std::move(refusal);
    if (std::optional<TokenRefusal> refusal = judgePurpose(claims, rules))
        return *std::move(refusal);
    Result<QString> user = userOf(claims, json, rules.userClaim);
    if (!user)
        return invalidToken(user.error().message);
    Result<QStringList> groups = groupsOf(claims);
    if (!groups)
        return invalidToken(groups.error().message);
    Identity identity;
    identity.user = std::move(user).value();
    identity.ownRole = ownRoleOf(claims);
    identity.role = roleUnder(identity.user, identity.ownRole, rules.adminUsers);
    identity.groups = std::move(groups).value();
    identity.expiresAt = expiresAt;
    identity.isTest = isOwn && claims.value(kTestClaim) == QJsonValue(true);
    identity.issuedAt = numericDate(claims.value("iat"_L1));
    if (const QString tokenId = claims.value("jti"_L1).toString(); isName(tokenId))
        identity.tokenId = tokenId;
    return identity;
}

} // namespace gatehouse
