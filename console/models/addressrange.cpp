// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/addressrange.h"

#include <QtCore/QList>

namespace gatehouse {

namespace {

constexpr qsizetype kIpv4Parts = 4;
constexpr qsizetype kIpv6Parts = 8;

bool parseIpv4(QStringView text, std::array<quint8, 16> &bytes)
{
    const QList<QStringView> parts = text.split(u'.');
    if (parts.size() != kIpv4Parts)
        return false;
    for (qsizetype i = 0; i < kIpv4Parts; ++i) {
        bool isNumber = false;
        const uint value = parts[i].toUInt(&isNumber);
        if (!isNumber || value > 255)
            return false;
        bytes[size_t(i)] = quint8(value);
    }
    return true;
}

/// Reads groups into `bytes` from group `first` on; false: one of them is none.
bool readGroups(const QList<QStringView> &groups, qsizetype first, std::array<quint8, 16> &bytes)
{
    for (qsizetype i = 0; i < groups.size(); ++i) {
        bool isNumber = false;
        const uint value = groups[i].toUInt(&isNumber, 16);
        if (!isNumber || value > 0xffff)
            return false;
        bytes[size_t(2 * (first + i))] = quint8(value >> 8);
        bytes[size_t(2 * (first + i) + 1)] = quint8(value & 0xff);
    }
    return true;
}

bool parseIpv6(QStringView text, std::array<quint8, 16> &bytes)
{
    const qsizetype gap = text.indexOf(u"::");
    const QList<QStringView> head = text.left(gap < 0 ? text.size() : gap).split(u':', Qt::SkipEmptyParts);
    const QList<QStringView> tail = gap < 0 ? QList<QStringView>() : text.mid(gap + 2).split(u':', Qt::SkipEmptyParts);
    const qsizetype count = head.size() + tail.size();
    if (gap < 0 ? count != kIpv6Parts : count >= kIpv6Parts)
        return false;
    return readGroups(head, 0, bytes) && readGroups(tail, kIpv6Parts - tail.size(), bytes);
}

} // namespace

std::optional<AddressRange> AddressRange::parse(QStringView text)
{
    AddressRange range;
    const qsizetype slash = text.indexOf(u'/');
    const QStringView address = slash < 0 ? text : text.left(slash);
    range.m_isIpv6 = address.contains(u':');
    if (range.m_isIpv6 ? !parseIpv6(address, range.m_bytes) : !parseIpv4(address, range.m_bytes))
        return std::nullopt;
    const int most = range.m_isIpv6 ? 128 : 32;
    range.m_bits = most;
    if (slash < 0)
        return range;
    bool isNumber = false;
    range.m_bits = text.mid(slash + 1).toInt(&isNumber);
    return isNumber && range.m_bits >= 0 && range.m_bits <= most ? std::optional(range) : std::nullopt;
}

bool AddressRange::contains(const AddressRange &other) const
{
    if (m_isIpv6 != other.m_isIpv6 || m_bits > other.m_bits)
        return false;
    for (int bit = 0; bit < m_bits; ++bit) {
        const size_t byte = size_t(bit / 8);
        const quint8 mask = quint8(0x80 >> (bit % 8));
        if ((m_bytes[byte] & mask) != (other.m_bytes[byte] & mask))
            return false;
    }
    return true;
}

} // namespace gatehouse
