// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <compare>
#include <optional>

#include <QtCore/QByteArray>
#include <QtCore/QHashFunctions>
#include <QtCore/QString>

struct sockaddr_storage;

namespace gatehouse {

/// An IP address as 16 bytes, IPv4 always in its mapped form (::ffff:a.b.c.d), so that one address has one
/// representation: also where it comes through NAT64 (64:ff9b::/96, RFC 6052). Unix-domain peers have the unspecified
/// address. A plain value.
class IpAddress final
{
public:
    IpAddress() = default; ///< unspecified, "::"
    [[nodiscard]] static IpAddress fromSockaddr(const sockaddr_storage &address);
    [[nodiscard]] static IpAddress fromIpv4(quint32 hostOrder);
    /// The first eight bytes of an IPv6 address, as they are in memory; the others are zero.
    [[nodiscard]] static IpAddress fromNetworkHalf(quint64 bytes);
    /// Reads dotted IPv4 and every IPv6 text form, without brackets, port or zone; nullopt for everything else.
    [[nodiscard]] static std::optional<IpAddress> parse(QByteArrayView text);

    [[nodiscard]] bool isIpv4() const;
    [[nodiscard]] bool isUnspecified() const;
    [[nodiscard]] QString toString() const;
    [[nodiscard]] const std::array<quint8, 16> &bytes() const { return m_bytes; }

    /// Of an IPv6 address, the bits that limits tell addresses by: an IPV6_PREFIX from kWidestBucketBits to this.
    static constexpr int kBucketBits = 64;
    static constexpr int kWidestBucketBits = 48;
    /// What limits are counted by: the address itself for IPv4, its /64 (or what IPV6_PREFIX says) for IPv6.
    [[nodiscard]] IpAddress bucket(int ipv6PrefixBits = kBucketBits) const;
    /// Whom one party usually has all of: the /48 of an IPv6 address; an IPv4 address is its own.
    [[nodiscard]] IpAddress site() const;
    /// The bucket as people read it: "203.0.113.7" or "2001:db8:5:0::/64". Only for a bucket.
    [[nodiscard]] QString bucketText(int ipv6PrefixBits = kBucketBits) const;

    friend auto operator<=>(const IpAddress &, const IpAddress &) = default;
    friend size_t qHash(const IpAddress &address, size_t seed = 0)
    {
        return qHashBits(address.m_bytes.data(), address.m_bytes.size(), seed);
    }

private:
    [[nodiscard]] IpAddress withoutNat64() const;
    [[nodiscard]] IpAddress firstBits(int kept) const;

    std::array<quint8, 16> m_bytes{};
};

} // namespace gatehouse
