// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/guard/guardorder.h"
#include "server/guard/guards.h"
#include "server/guard/limitjudge.h"

namespace gatehouse {

/// What one guard would say to an upgrade. A plain value.
struct GuardCheck
{
    QLatin1StringView guard;           ///< its name in kGuardStack
    std::optional<bool> passes = true; ///< nullopt: not judged, because there is no identity to judge
    std::optional<Reason> reason{};    ///< why not; also where a limit that only observes lets it pass
    QString detail{};
    std::optional<qint64> limit{};
    std::optional<qint64> observed{}; ///< with this attempt
    std::optional<qint64> retryAfterSeconds{};
};

/// The whole decision on an upgrade, each guard in the order of the stack, also behind the one that refuses. A plain
/// value.
struct GuardPreview
{
    std::vector<GuardCheck> checks;
    QString user{}; ///< of a good token or ticket, whatever else speaks against it; else empty

    /// The first guard that refuses: the one that the client would hear of; nullptr if it would be admitted.
    [[nodiscard]] const GuardCheck *refusing() const;
    /// What the token's guard says, for whoever counts bad tokens.
    [[nodiscard]] bool hasBadToken() const;
};

/// What GuardChain would decide, and each guard behind it: nothing is counted, recorded or used up. One per worker, on
/// its thread.
class GuardPreviewer final
{
public:
    explicit GuardPreviewer(const Guards &guards)
        : m_guards(guards)
    {
    }
    [[nodiscard]] GuardPreview preview(const UpgradeAttempt &attempt, const LimitSnapshot &snapshot) const;

private:
    struct Scene ///< what is known of an attempt before the first guard
    {
        const UpgradeAttempt &attempt;
        const LimitSnapshot &snapshot;
        TokenVerdict token;
        AddressKey bucket;
        AccessRules::Exemption exemption;
        bool hasGrant;
        LimitCounts counts;
    };
    [[nodiscard]] Scene look(const UpgradeAttempt &attempt, const LimitSnapshot &snapshot) const;
    /// nullopt: the guard says nothing beforehand.
    [[nodiscard]] std::optional<GuardCheck> check(const GuardStepDescriptor &guard, const Scene &scene) const;
    [[nodiscard]] GuardCheck checkToken(QLatin1StringView name, const Scene &scene) const;
    [[nodiscard]] GuardCheck checkAddressLimits(const GuardStepDescriptor &guard, const Scene &scene) const;

    const Guards &m_guards;
};

} // namespace gatehouse
