// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/adminauth.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

AdminAuth::AdminAuth(const TokenVerifier &verifier, const Clock &clock)
    : m_verifier(verifier)
    , m_clock(clock)
{
}

AdminAuth::Verdict AdminAuth::authenticate(QByteArrayView token, const IpAddress &client, Role needed)
{
    TokenVerdict verdict = m_verifier.verify(token, m_clock.utc());
    if (const TokenRefusal *refusal = std::get_if<TokenRefusal>(&verdict)) {
        // A missing token guesses nothing: it costs no attempt.
        if (refusal->reason != Reason::TokenMissing) {
            if (std::optional<Problem> tooMany = countFailedLogin(m_failures, client, m_clock.monotonic()))
                return *std::move(tooMany);
        }
        const ReasonDescriptor &reason = reasonDescriptor(refusal->reason);
        return Problem{ 401, reason.code, reason.title, refusal->detail };
    }
    Identity identity = std::get<Identity>(std::move(verdict));
    if (const std::optional<Reason> banned
        = access()->judgeToken(identity.user, TokenMark(identity.tokenId, identity.issuedAt))) {
        const ReasonDescriptor &reason = reasonDescriptor(*banned);
        return Problem{ reason.httpStatus, reason.code, reason.title,
            *banned == Reason::UserBanned ? u"this user is banned"_s : u"the token has been revoked"_s };
    }
    if (!allows(identity.role, needed))
        return Problem{ 403, u"role_too_weak"_s, u"Not allowed"_s,
            u"this needs the role %1; the token has %2"_s.arg(roleName(needed), roleName(identity.role)) };
    return identity;
}

void AdminAuth::setAccess(AccessRulesPtr rules)
{
    const std::lock_guard lock(m_mutex);
    m_access = std::move(rules);
}

AccessRulesPtr AdminAuth::access() const
{
    const std::lock_guard lock(m_mutex);
    return m_access;
}

} // namespace gatehouse
