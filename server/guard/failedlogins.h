// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <variant>

#include "server/auth/knowntokens.h"
#include "server/auth/tokenverifier.h"
#include "server/guard/addressrate.h"
#include "shared/protocol/problem.h"

namespace gatehouse {

/// Verifies the tokens that the APIs over HTTP are shown, and bounds what bad ones cost: each address has a budget of
/// them, which is asked before a signature is looked at.
///
/// From the sixth bad token within a minute an address is answered 429. Its next kMaxTrialsPerMinute unknown tokens are
/// verified all the same, so that neighbours who share an address (or an undeclared proxy) and fail now and then lock
/// nobody out. Beyond them only a token that has been good before is verified at all. A site (the /48 of IPv6) has ten
/// times the budget of an address. O(1), bounded in memory. Thread-safe.
class FailedLogins final
{
public:
    static constexpr int kMaxPerMinute = 5;
    static constexpr int kMaxTrialsPerMinute = 30;

    FailedLogins() = default;
    Q_DISABLE_COPY_MOVE(FailedLogins)

    struct Moment
    {
        UtcTime utc;
        MonoTime monotonic;
    };
    /// The identity behind a token; else what to answer: 401, or 429 with the exact wait.
    [[nodiscard]] std::variant<Identity, Problem> verify(
        const TokenVerifier &verifier, QByteArrayView token, const IpAddress &client, const Moment &now);

    /// What verify() is made of, for whoever verifies by other means. What to answer in place of verifying the token;
    /// nullopt: it may be verified. No token, and none that is remembered as good, is refused.
    [[nodiscard]] std::optional<Problem> refuseUnverified(QByteArrayView token, const IpAddress &client, MonoTime now);
    /// The token has been found bad: what to answer if there were too many before it.
    [[nodiscard]] std::optional<Problem> countBad(QByteArrayView token, const IpAddress &client, MonoTime now);
    /// The token has been found good.
    void countGood(QByteArrayView token, const QString &user) { m_known.remember(token, user); }

    /// Addresses with failures that are remembered; for tests.
    [[nodiscard]] size_t rememberedAddresses() const { return m_failures.rememberedAddresses(); }

private:
    AddressRate m_failures{ kMaxPerMinute };
    AddressRate m_trials{ kMaxTrialsPerMinute }; ///< bad tokens beyond those
    KnownTokens m_known;
};

} // namespace gatehouse
