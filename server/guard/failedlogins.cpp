// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/failedlogins.h"

#include "server/guard/finding.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

Problem tooManyFailures(std::chrono::milliseconds wait)
{
    Problem problem{ 429, u"too_many_failures"_s, u"Too many failed log-ins"_s,
        u"too many bad tokens came from this address"_s };
    problem.retryAfterSeconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
    return problem;
}

} // namespace

std::variant<Identity, Problem> FailedLogins::verify(
    const TokenVerifier &verifier, QByteArrayView token, const IpAddress &client, const Moment &now)
{
    if (std::optional<Problem> tooMany = refuseUnverified(token, client, now.monotonic))
        return *std::move(tooMany);
    TokenVerdict verdict = verifier.verify(token, now.utc);
    if (const TokenRefusal *bad = std::get_if<TokenRefusal>(&verdict)) {
        // A missing token guesses nothing: it costs no attempt.
        std::optional<Problem> tooMany;
        if (bad->reason != Reason::TokenMissing)
            tooMany = countBad(token, client, now.monotonic);
        return tooMany ? *std::move(tooMany) : Finding{ bad->reason, bad->detail }.toProblem();
    }
    Identity identity = std::get<Identity>(std::move(verdict));
    countGood(token, identity.user);
    return identity;
}

std::optional<Problem> FailedLogins::refuseUnverified(QByteArrayView token, const IpAddress &client, MonoTime now)
{
    if (token.isEmpty())
        return std::nullopt;
    const std::optional<std::chrono::milliseconds> wait = m_failures.wait(client, now);
    if (!wait || !m_trials.wait(client, now) || m_known.knows(token))
        return std::nullopt;
    return tooManyFailures(*wait);
}

std::optional<Problem> FailedLogins::countBad(QByteArrayView token, const IpAddress &client, MonoTime now)
{
    m_known.forget(token);
    const std::optional<std::chrono::milliseconds> wait = m_failures.take(client, now);
    if (!wait)
        return std::nullopt;
    (void)m_trials.take(client, now); // if there is none left, another thread has had it meanwhile
    return tooManyFailures(*wait);
}

} // namespace gatehouse
