// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>

#include <QtCore/QStringView>

namespace gatehouse {

/// An IPv4 or IPv6 address, or a network of them, as the server writes it: "203.0.113.7", "203.0.113.0/24",
/// "2001:db8::/64". A plain value.
class AddressRange final
{
public:
    [[nodiscard]] static std::optional<AddressRange> parse(QStringView text);

    /// Whether all of the other is in it.
    [[nodiscard]] bool contains(const AddressRange &other) const;

private:
    std::array<quint8, 16> m_bytes{}; ///< of IPv4 the first four
    int m_bits = 0;                   ///< that count
    bool m_isIpv6 = false;
};

} // namespace gatehouse
