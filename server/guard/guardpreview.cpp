// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/guardpreview.h"

#include <algorithm>

#include "server/guard/guardchain.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

const GuardCheck *GuardPreview::refusing() const
{
    const auto found
        = std::find_if(checks.begin(), checks.end(), [](const GuardCheck &check) { return check.passes == false; });
    return found == checks.end() ? nullptr : &*found;
}

bool GuardPreview::hasBadToken() const
{
    return std::any_of(checks.begin(), checks.end(), [](const GuardCheck &check) {
        return check.reason == Reason::TokenInvalid || check.reason == Reason::TokenExpired;
    });
}

GuardCheck GuardChain::checkOf(QLatin1StringView guard, const MaybeFault &fault)
{
    if (!fault)
        return { guard };
    GuardCheck check{ guard, false, fault->reason, fault->detail };
    check.retryAfterSeconds = fault->retryAfterSeconds;
    return check;
}

GuardCheck GuardChain::limitCheck(const LimitSnapshot &snapshot, QLatin1StringView guard, const LimitExceeded &limit)
{
    const LimitValue &rule = snapshot.limits[limit.key];
    GuardCheck check{ guard };
    if (!snapshot.isGuarding || rule.mode == LimitMode::Off) {
        check.detail = snapshot.isGuarding ? u"this limit is off"_s : u"rate limits are off"_s;
        return check;
    }
    check.limit = rule.value;
    check.observed = limit.observed;
    if (limit.observed <= rule.value)
        return check;
    check.passes = rule.mode != LimitMode::Enforce;
    check.reason = limit.reason;
    check.detail = detailOf(limit.key, rule.value);
    check.retryAfterSeconds = waitFor(limit.reason, limit.wait);
    return check;
}

GuardPreview GuardChain::preview(const UpgradeAttempt &attempt, const LimitSnapshot &snapshot) const
{
    const IpAddress bucket = attempt.client.bucket();
    // The order of judge().
    GuardPreview preview{ {
        checkOf("server"_L1, serverFault()),
        checkOf("ban"_L1, banFault(AddressKey::of(bucket))),
        checkOf("host"_L1, hostFault(attempt)),
        checkOf("origin"_L1, originFault(attempt)),
    } };
    for (GuardCheck &check : previewAddress(bucket, snapshot))
        preview.checks.push_back(std::move(check));
    previewIdentity(preview, attempt, snapshot);
    return preview;
}

std::vector<GuardCheck> GuardChain::previewAddress(const IpAddress &bucket, const LimitSnapshot &snapshot) const
{
    if (m_access->isExempt(AddressKey::of(bucket))) {
        const QString exempt = u"this address is exempt from limits"_s;
        return { { "address"_L1, true, std::nullopt, exempt }, { "reconnect"_L1, true, std::nullopt, exempt } };
    }
    const MonoTime now = m_environment.clock->monotonic();
    const AddressTable::Usage usage
        = m_environment.addresses->peek(bucket, snapshot.limits[LimitKey::MaxReconnectAttempts].value, now);
    std::vector<GuardCheck> checks{ limitCheck(
        snapshot, "address"_L1, { Reason::TooManyConnections, LimitKey::MaxConnectionsPerIp, 0, usage.open + 1 }) };
    if (m_environment.grants && m_environment.grants->has(AddressKey::of(bucket), now))
        checks.push_back(
            { "reconnect"_L1, true, std::nullopt, u"the server told it to come back: it uses no budget"_s });
    else
        checks.push_back(limitCheck(snapshot, "reconnect"_L1,
            { Reason::TooManyReconnects, LimitKey::MaxReconnectAttempts, 0, usage.attempts + 1, usage.attemptWait }));
    return checks;
}

void GuardChain::previewIdentity(
    GuardPreview &preview, const UpgradeAttempt &attempt, const LimitSnapshot &snapshot) const
{
    const TokenVerdict verdict = verify(attempt, TicketUse::Peek);
    const TokenRefusal *bad = std::get_if<TokenRefusal>(&verdict);
    preview.checks.push_back(checkOf("token"_L1, bad ? MaybeFault({ bad->reason, bad->detail }) : std::nullopt));
    const Identity *identity = std::get_if<Identity>(&verdict);
    const auto ofIdentity = [&](QLatin1StringView guard, auto judge) {
        preview.checks.push_back(identity
                ? judge()
                : GuardCheck{ guard, std::nullopt, std::nullopt, u"not judged: there is no accepted token"_s });
    };
    ofIdentity("revocation"_L1, [&] { return checkOf("revocation"_L1, revocationFault(*identity)); });
    // How full the server is, is nobody's business who would not be told by a refusal.
    ofIdentity("capacity"_L1, [&] {
        return limitCheck(snapshot, "capacity"_L1,
            { Reason::ServerFull, LimitKey::MaxConnections, 0, m_environment.users->openInAll() + 1 });
    });
    ofIdentity("user"_L1, [&] {
        return limitCheck(snapshot, "user"_L1,
            { Reason::TooManyUserConnections, LimitKey::MaxConnectionsPerUser, 0,
                m_environment.users->openOf(identity->user) + 1 });
    });
}

} // namespace gatehouse
