// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/guardpreview.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

GuardCheck findingCheck(QLatin1StringView name, const Guards::MaybeFinding &finding)
{
    if (!finding)
        return { name };
    return { name, !finding->isEnforced, finding->reason, finding->text(), finding->limit, finding->observed,
        finding->retryAfterSeconds() };
}

/// What the limits that the guard judges say: the first of those that say the worst.
LimitJudgement judgeLimits(const GuardStepDescriptor &guard, const LimitSnapshot &snapshot, const LimitCounts &counts,
    std::optional<qint64> addressLimit)
{
    std::optional<LimitJudgement> worst;
    for (const ReasonDescriptor &row : reasonDescriptors()) {
        if (!row.limit || row.guard != guard.limits)
            continue;
        const LimitJudgement judgement = judgeLimit(row.reason, peerRule(row.reason, snapshot, addressLimit), counts);
        if (!worst || judgement.outcome > worst->outcome)
            worst = judgement;
    }
    return worst.value_or(LimitJudgement{});
}

GuardCheck limitCheck(const GuardStepDescriptor &guard, const LimitSnapshot &snapshot, const LimitCounts &counts,
    std::optional<qint64> addressLimit)
{
    const LimitJudgement judgement = judgeLimits(guard, snapshot, counts, addressLimit);
    if (judgement.isExceeded())
        return findingCheck(guard.name, judgement.finding());
    GuardCheck check{ guard.name };
    if (judgement.outcome == LimitJudgement::Outcome::Passes) {
        check.limit = judgement.limit;
        check.observed = judgement.observed;
    } else {
        check.detail = snapshot.isGuarding ? u"this limit is off"_s : u"rate limits are off"_s;
    }
    return check;
}

} // namespace

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

GuardPreview GuardPreviewer::preview(const UpgradeAttempt &attempt, const LimitSnapshot &snapshot) const
{
    const Scene scene = look(attempt, snapshot);
    GuardPreview preview;
    preview.checks.reserve(kGuardStack.size());
    if (const Identity *identity = std::get_if<Identity>(&scene.token))
        preview.user = identity->user;
    for (const GuardStepDescriptor &guard : kGuardStack) {
        if (std::optional<GuardCheck> said = check(guard, scene))
            preview.checks.push_back(*std::move(said));
    }
    return preview;
}

GuardPreviewer::Scene GuardPreviewer::look(const UpgradeAttempt &attempt, const LimitSnapshot &snapshot) const
{
    const GuardEnvironment &environment = m_guards.environment();
    const IpAddress bucket = attempt.client.bucket(environment.ipv6PrefixBits);
    const AddressKey key = AddressKey::of(bucket);
    const MonoTime now = environment.clock->monotonic();
    Scene scene{ attempt, snapshot, m_guards.preview(attempt), key, m_guards.access().exemptionOf(key), false, {} };
    environment.addresses->count(bucket, scene.counts);
    const Identity *identity = std::get_if<Identity>(&scene.token);
    const ClientKey client = identity ? ClientKey::of(key, identity->user) : ClientKey::stranger(key);
    scene.hasGrant = identity && environment.grants && environment.grants->has(client, now);
    (identity ? environment.clients : environment.strangers)->count(client, snapshot, now, scene.counts);
    environment.users->count(identity ? &identity->user : nullptr, scene.counts);
    return scene;
}

std::optional<GuardCheck> GuardPreviewer::check(const GuardStepDescriptor &guard, const Scene &scene) const
{
    const Identity *identity = std::get_if<Identity>(&scene.token);
    const auto ofIdentity = [&](auto judge) {
        return identity
            ? judge()
            : GuardCheck{ guard.name, std::nullopt, std::nullopt, u"not judged: there is no accepted token"_s };
    };
    switch (guard.step) {
    case GuardStep::Server:
        return findingCheck(guard.name, m_guards.judgeServer());
    case GuardStep::Ban:
        return findingCheck(guard.name, m_guards.judgeAddress(scene.bucket));
    case GuardStep::Host:
        return findingCheck(guard.name, m_guards.judgeHost(scene.attempt));
    case GuardStep::Origin:
        return findingCheck(guard.name, m_guards.judgeOrigin(scene.attempt));
    case GuardStep::Address:
    case GuardStep::Reconnect:
        return checkAddressLimits(guard, scene);
    case GuardStep::Token:
        return checkToken(guard.name, scene);
    case GuardStep::Revocation:
        return ofIdentity([&] { return findingCheck(guard.name, m_guards.judgeIdentity(*identity)); });
    case GuardStep::Capacity: // how full the server is, is nobody's business who would not be told by a refusal
    case GuardStep::User:
        return ofIdentity([&] { return limitCheck(guard, scene.snapshot, scene.counts, {}); });
    case GuardStep::Cluster: // the other nodes count what they are asked
        break;
    }
    return std::nullopt;
}

GuardCheck GuardPreviewer::checkToken(QLatin1StringView name, const Scene &scene) const
{
    const TokenRefusal *bad = std::get_if<TokenRefusal>(&scene.token);
    return findingCheck(name, bad ? Guards::MaybeFinding({ bad->reason, bad->detail }) : std::nullopt);
}

GuardCheck GuardPreviewer::checkAddressLimits(const GuardStepDescriptor &guard, const Scene &scene) const
{
    if (scene.exemption.isWhole)
        return { guard.name, true, std::nullopt, u"this address is exempt from limits"_s };
    const Identity *identity = std::get_if<Identity>(&scene.token);
    if (guard.step == GuardStep::Reconnect && identity && identity->isTest)
        return { guard.name, true, std::nullopt, u"a connection test uses no budget"_s };
    if (guard.step == GuardStep::Reconnect && scene.hasGrant)
        return { guard.name, true, std::nullopt, u"the server told it to come back: it uses no budget"_s };
    return limitCheck(guard, scene.snapshot, scene.counts, scene.exemption.ownLimit);
}

} // namespace gatehouse
