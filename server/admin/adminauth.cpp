// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/adminauth.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr std::chrono::minutes kWindow { 1 };

Problem tooManyFailures(std::chrono::seconds wait)
{
    Problem problem { 429, u"too_many_failures"_s, u"Too many failed log-ins"_s,
        u"too many bad tokens came from this address"_s };
    problem.retryAfterSeconds = wait.count();
    return problem;
}

} // namespace

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
            if (const std::optional<std::chrono::seconds> wait = countFailure(client))
                return tooManyFailures(*wait);
        }
        const ReasonDescriptor &reason = reasonDescriptor(refusal->reason);
        return Problem { 401, reason.code, reason.title, refusal->detail };
    }
    Identity identity = std::get<Identity>(std::move(verdict));
    if (const std::optional<Reason> banned
        = access()->judgeToken(identity.user, TokenMark(identity.tokenId, identity.issuedAt))) {
        const ReasonDescriptor &reason = reasonDescriptor(*banned);
        return Problem { reason.httpStatus, reason.code, reason.title,
            *banned == Reason::UserBanned ? u"this user is banned"_s : u"the token has been revoked"_s };
    }
    if (!allows(identity.role, needed))
        return Problem { 403, u"role_too_weak"_s, u"Not allowed"_s,
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

size_t AdminAuth::rememberedAddresses() const
{
    const std::lock_guard lock(m_mutex);
    return m_failures.size();
}

std::optional<std::chrono::seconds> AdminAuth::countFailure(const IpAddress &client)
{
    const MonoTime now = m_clock.monotonic();
    const std::lock_guard lock(m_mutex);
    if (m_failures.size() >= kMaxAddresses)
        makeRoom(now);
    std::deque<MonoTime> &failures = m_failures[client.bucket()];
    while (!failures.empty() && failures.front() + kWindow <= now)
        failures.pop_front();
    if (failures.size() >= size_t(kMaxFailuresPerMinute))
        return std::chrono::ceil<std::chrono::seconds>(failures.front() + kWindow - now);
    failures.push_back(now);
    return std::nullopt;
}

void AdminAuth::makeRoom(MonoTime now)
{
    std::erase_if(m_failures, [now](const auto &item) {
        return item.second.empty() || item.second.back() + kWindow <= now;
    });
    if (m_failures.size() < kMaxAddresses)
        return;
    const auto oldest = std::min_element(m_failures.begin(), m_failures.end(),
        [](const auto &one, const auto &other) { return one.second.back() < other.second.back(); });
    m_failures.erase(oldest);
}

} // namespace gatehouse
