// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/adminauth.h"

#include "server/guard/guards.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

AdminAuth::AdminAuth(const TokenVerifier &verifier, const Clock &clock, RefusedTokens *refused)
    : m_verifier(verifier)
    , m_clock(clock)
    , m_refused(refused)
{
}

AdminAuth::Verdict AdminAuth::authenticate(
    QByteArrayView token, const IpAddress &client, Role needed, QByteArrayView path)
{
    Verdict verdict = judge(token, client, needed);
    if (const Problem *problem = std::get_if<Problem>(&verdict); problem && m_refused)
        m_refused->tell(token, client, path, *problem);
    return verdict;
}

AdminAuth::Verdict AdminAuth::judge(QByteArrayView token, const IpAddress &client, Role needed)
{
    std::variant<Identity, Problem> verified
        = m_failures.verify(m_verifier, token, client, { m_clock.utc(), m_clock.monotonic() });
    if (Problem *problem = std::get_if<Problem>(&verified))
        return std::move(*problem);
    Identity identity = std::get<Identity>(std::move(verified));
    if (std::optional<Problem> problem = judgeAgain(identity))
        return *std::move(problem);
    if (!allows(identity.role, needed))
        return Problem{ 403, u"role_too_weak"_s, u"Not allowed"_s,
            u"this needs the role %1; the token has %2"_s.arg(roleName(needed), roleName(identity.role)) };
    m_roster.saw(identity);
    return identity;
}

std::optional<Problem> AdminAuth::judgeAgain(const Identity &identity) const
{
    const std::optional<Finding> finding = judgeIdentity(*access(), identity);
    return finding ? std::optional(finding->toProblem()) : std::nullopt;
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
