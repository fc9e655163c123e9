// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/adminauth.h"

#include "server/guard/guards.h"

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
        return Finding{ refusal->reason, refusal->detail }.toProblem();
    }
    Identity identity = std::get<Identity>(std::move(verdict));
    if (const std::optional<Finding> finding = judgeIdentity(*access(), identity))
        return finding->toProblem();
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
