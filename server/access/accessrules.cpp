// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/access/accessrules.h"

#include <algorithm>

#include "server/base/plainnumber.h"
#include "server/net/network.h"
#include "shared/limits/limitdescriptor.h"
#include "shared/protocol/name.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kMappedBits = 96; ///< in front of an IPv4 address in its 128-bit form

/// An address, or an address bucket as refusals and connections show it, with the prefix that is IPV6_PREFIX there.
Result<QString> canonicalAddress(const QString &text)
{
    const Error invalid{ u"\"%1\" is not an IP address"_s.arg(text.left(64)), {} };
    const qsizetype slash = text.indexOf(u'/');
    const std::optional<IpAddress> address = IpAddress::parse(text.left(slash).toUtf8());
    if (!address || address->isUnspecified())
        return invalid;
    if (slash < 0)
        return address->bucket().bucketText();
    const std::optional<int> bits = plainNumber(QStringView(text).sliced(slash + 1), IpAddress::kBucketBits);
    if (address->isIpv4() || !bits || *bits < IpAddress::kWidestBucketBits)
        return invalid;
    return address->bucket(*bits).bucketText(*bits);
}

Result<QString> canonicalNetwork(const QString &text)
{
    const Result<Network> network = parseNetwork(text);
    if (!network || !text.contains(u'/'))
        return Error{ u"\"%1\" is not a network; use CIDR as in 10.0.0.0/8 or 2001:db8::/32"_s.arg(text.left(64)), {} };
    const bool isIpv4 = network->address.isIpv4() && network->prefixBits >= kMappedBits;
    if (!isIpv4 && network->prefixBits > IpAddress::kBucketBits)
        return Error{ u"an IPv6 network must be a /64 or wider: the addresses of a /64 count as one"_s, {} };
    return u"%1/%2"_s.arg(network->address.toString()).arg(network->prefixBits - (isIpv4 ? kMappedBits : 0));
}

Result<QString> canonicalName(const QString &text)
{
    if (!isName(text))
        return Error{ u"it must be a text of 1 to %1 characters, none of them a control character"_s.arg(kMaxNameChars),
            {} };
    return text;
}

std::vector<AddressNetwork> networksOf(const std::vector<AccessRule> &rules, int ipv6PrefixBits)
{
    std::vector<AddressNetwork> networks;
    for (const AccessRule &rule : rules) {
        std::optional<AddressNetwork> network = networkOf(rule, ipv6PrefixBits);
        if (!network)
            continue;
        network->value = quint32(rule.limit.value_or(0));
        networks.push_back(*network);
    }
    return networks;
}

} // namespace

AccessRules::AccessRules(
    const std::vector<AccessRule> &bans, const std::vector<AccessRule> &exemptions, int ipv6PrefixBits)
    : m_bannedNetworks(networksOf(bans, ipv6PrefixBits))
    , m_exemptNetworks(networksOf(exemptions, ipv6PrefixBits))
{
    for (const AccessRule &ban : bans) {
        if (ban.kind == AccessKind::TokenId) {
            m_revokedTokens.insert(TokenMark(ban.value, std::nullopt).id);
        } else if (ban.kind == AccessKind::User && ban.issuedBefore) {
            quint32 &before = m_issuedBefore[ban.value];
            before = std::max(before, TokenMark({}, ban.issuedBefore).issuedAt);
        } else if (ban.kind == AccessKind::User) {
            m_bannedUsers.insert(ban.value);
        }
    }
}

std::optional<Reason> AccessRules::judgeToken(const QString &user, const TokenMark &token) const
{
    if (m_bannedUsers.contains(user))
        return Reason::UserBanned;
    if (token.hasId() && m_revokedTokens.contains(token.id))
        return Reason::TokenRevoked;
    if (token.issuedAt < m_issuedBefore.value(user))
        return Reason::TokenRevoked;
    return std::nullopt;
}

bool AccessRules::acceptsEveryToken() const
{
    return m_bannedUsers.isEmpty() && m_revokedTokens.isEmpty() && m_issuedBefore.isEmpty();
}

bool isExemptionLimit(qint64 limit)
{
    const LimitDescriptor &descriptor = limitDescriptor(LimitKey::MaxConnectionsPerIp);
    return limit >= descriptor.minimum && limit <= descriptor.maximum;
}

Result<QString> canonicalAccessValue(AccessKind kind, const QString &value)
{
    switch (kind) {
    case AccessKind::Address:
        return canonicalAddress(value);
    case AccessKind::Cidr:
        return canonicalNetwork(value);
    case AccessKind::User:
    case AccessKind::TokenId:
        break;
    }
    return canonicalName(value);
}

std::optional<AddressNetwork> networkOf(const AccessRule &rule, int ipv6PrefixBits)
{
    if (rule.kind != AccessKind::Address && rule.kind != AccessKind::Cidr)
        return std::nullopt;
    const Result<Network> network = parseNetwork(rule.value);
    if (!network)
        return std::nullopt;
    const bool isIpv4 = network->address.isIpv4();
    const int prefixBits
        = std::clamp(network->prefixBits - (isIpv4 ? kMappedBits : 0), 0, isIpv4 ? 32 : ipv6PrefixBits);
    return AddressNetwork{ AddressKey::of(network->address.bucket(prefixBits)), prefixBits, 0 };
}

} // namespace gatehouse
