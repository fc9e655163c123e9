// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>
#include <variant>

#include "server/access/accessrules.h"
#include "server/admin/adminroster.h"
#include "server/auth/tokenverifier.h"
#include "server/guard/failedlogins.h"
#include "server/guard/refusedtokens.h"

namespace gatehouse {

/// Lets administrators in: on the admin API and on its live stream. Bad tokens are limited per address bucket; one that
/// has been good before is let in even from an address that is over that limit, and so is a new one unless the address
/// is flooding (FailedLogins), so that nobody who shares an address (or an undeclared proxy) with the on-duty operator
/// can lock them out. Thread-safe: tokens are verified on the threads of the workers. Bounded in memory.
class AdminAuth final
{
public:
    using Verdict = std::variant<Identity, Problem>;

    /// All outlive it; `refused` is told of every token that is not let in, if it is not null.
    AdminAuth(const TokenVerifier &verifier, const Clock &clock, RefusedTokens *refused = nullptr);
    Q_DISABLE_COPY_MOVE(AdminAuth)

    /// Bans of users and tokens for every later call. Those of addresses do not count here: nobody who bans a network
    /// that holds their own address, or the proxy's, is to be unable to lift it.
    void setAccess(AccessRulesPtr rules);

    /// The identity behind a bearer token whose role allows `needed`; else what to answer: 401 without a token or with
    /// a bad one, 429 after too many bad ones, 403 for a role that is too weak, a banned user and a revoked token.
    /// Problems never contain the token. `path` is what was asked for.
    [[nodiscard]] Verdict authenticate(
        QByteArrayView token, const IpAddress &client, Role needed, QByteArrayView path = {});

    /// What to answer if the identity has been banned, or its token revoked, since it was authenticated.
    [[nodiscard]] std::optional<Problem> judgeAgain(const Identity &identity) const;

    /// Those with the role Admin who have been let in, and ADMIN_USERS.
    [[nodiscard]] AdminRoster &roster() { return m_roster; }
    /// The bans that are in force here.
    [[nodiscard]] AccessRulesPtr access() const;
    /// What bad tokens are counted in, also those that are shown elsewhere.
    [[nodiscard]] FailedLogins &failures() { return m_failures; }
    /// Addresses with failures that are remembered; for tests.
    [[nodiscard]] size_t rememberedAddresses() const { return m_failures.rememberedAddresses(); }

private:
    [[nodiscard]] Verdict judge(QByteArrayView token, const IpAddress &client, Role needed);

    const TokenVerifier &m_verifier;
    const Clock &m_clock;
    RefusedTokens *m_refused;
    AdminRoster m_roster;       ///< guards itself
    mutable std::mutex m_mutex; ///< guards what follows
    AccessRulesPtr m_access = std::make_shared<const AccessRules>();
    FailedLogins m_failures; ///< guards itself
};

} // namespace gatehouse
