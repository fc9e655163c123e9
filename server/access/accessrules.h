// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QtCore/QHash>
#include <QtCore/QSet>

#include "server/auth/tokenmark.h"
#include "server/net/networkset.h"
#include "shared/protocol/accessrule.h"
#include "shared/protocol/reason.h"
#include "shared/util/result.h"

namespace gatehouse {

/// All bans and exemptions in force, in the form that decisions are made by. Immutable and shared between threads; a
/// change replaces it as a whole, so that a look takes no lock. Rules that have expired are taken out by whoever makes
/// it.
class AccessRules final
{
public:
    AccessRules() = default;
    /// No rule is about less than an address bucket: one that is stands for the bucket.
    AccessRules(const std::vector<AccessRule> &bans, const std::vector<AccessRule> &exemptions,
        int ipv6PrefixBits = IpAddress::kBucketBits);

    [[nodiscard]] bool isBanned(const AddressKey &bucket) const { return m_bannedNetworks.contains(bucket); }
    struct Exemption
    {
        bool isWhole = false;             ///< the limits of addresses do not count it
        std::optional<qint64> ownLimit{}; ///< how many connections it may have, where it has a number of its own
    };
    /// What exempts an address; the narrowest exemption counts. Bans are to be asked first.
    [[nodiscard]] Exemption exemptionOf(const AddressKey &bucket) const
    {
        const std::optional<quint32> limit = m_exemptNetworks.find(bucket);
        return { limit == 0, limit.value_or(0) > 0 ? std::optional<qint64>(*limit) : std::nullopt };
    }
    /// Why a token is not accepted although it is valid: UserBanned or TokenRevoked; nullopt if it is.
    [[nodiscard]] std::optional<Reason> judgeToken(const QString &user, const TokenMark &token) const;
    /// Whether judgeToken() accepts every token: then its mark need not be made.
    [[nodiscard]] bool acceptsEveryToken() const;

private:
    NetworkSet m_bannedNetworks;
    NetworkSet m_exemptNetworks;
    QSet<QString> m_bannedUsers;
    QHash<QString, quint32> m_issuedBefore; ///< by user, in seconds since 1970
    QSet<TokenId> m_revokedTokens;
};
using AccessRulesPtr = std::shared_ptr<const AccessRules>;

/// Whether an exemption may have that number of its own.
[[nodiscard]] bool isExemptionLimit(qint64 limit);
/// The one form in which a value of that kind is kept and compared. The error says what is wrong with it.
[[nodiscard]] Result<QString> canonicalAccessValue(AccessKind kind, const QString &value);
/// The network that a rule of the kind Address or Cidr is about; nullopt for other kinds.
[[nodiscard]] std::optional<AddressNetwork> networkOf(
    const AccessRule &rule, int ipv6PrefixBits = IpAddress::kBucketBits);

} // namespace gatehouse
