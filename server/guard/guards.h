// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/access/accessrules.h"
#include "server/guard/finding.h"
#include "server/guard/guardenvironment.h"

namespace gatehouse {

/// Why nobody is let in with this identity although its token is good: a ban or a revocation.
[[nodiscard]] std::optional<Finding> judgeIdentity(const AccessRules &access, const Identity &identity);

/// What each guard without a limit finds in an upgrade: for deciding and for previewing. Records nothing. One per
/// worker, on its thread.
class Guards final
{
public:
    using MaybeFinding = std::optional<Finding>;

    explicit Guards(const GuardEnvironment &environment)
        : m_environment(environment)
    {
    }

    /// Bans and exemptions for every later attempt.
    void setAccess(AccessRulesPtr rules) { m_access = std::move(rules); }
    [[nodiscard]] const AccessRules &access() const { return *m_access; }
    [[nodiscard]] const GuardEnvironment &environment() const { return m_environment; }

    [[nodiscard]] MaybeFinding judgeServer() const;
    [[nodiscard]] MaybeFinding judgeAddress(const AddressKey &bucket) const;
    [[nodiscard]] MaybeFinding judgeHost(const UpgradeAttempt &attempt) const;
    [[nodiscard]] MaybeFinding judgeOrigin(const UpgradeAttempt &attempt) const;
    [[nodiscard]] MaybeFinding judgeIdentity(const Identity &identity) const
    {
        return gatehouse::judgeIdentity(*m_access, identity);
    }

    /// Of an attempt with a ticket, what that would be good for at this node.
    [[nodiscard]] TokenVerdict preview(const UpgradeAttempt &attempt) const;
    [[nodiscard]] TokenVerdict verifyToken(const UpgradeAttempt &attempt) const;
    /// What a ticket is good for that stands for this identity; nullopt: nobody knows it.
    [[nodiscard]] TokenVerdict verdictOf(std::optional<Identity> ofTicket) const;

private:
    GuardEnvironment m_environment;
    AccessRulesPtr m_access = std::make_shared<const AccessRules>();
};

} // namespace gatehouse
