// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/networkset.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include <QtCore/QtEndian>

namespace gatehouse {

namespace {

constexpr quint8 kIpv4Kind = 0x80;

/// The mask of a prefix, in the byte order of AddressKey::bits, which is the network's.
quint64 maskOf(bool isIpv4, int prefixBits)
{
    if (prefixBits == 0)
        return 0;
    quint64 mask = 0;
    if (isIpv4) {
        const quint32 inOrder = qToBigEndian(~quint32(0) << (32 - prefixBits));
        std::memcpy(&mask, &inOrder, sizeof inOrder);
    } else {
        mask = qToBigEndian(~quint64(0) << (64 - prefixBits));
    }
    return mask;
}

} // namespace

NetworkSet::NetworkSet(const std::vector<AddressNetwork> &networks)
{
    if (networks.empty())
        return;
    m_slots.resize(std::bit_ceil(networks.size() * 2));
    for (const AddressNetwork &network : networks) {
        const Length length = lengthOf(network.first.isIpv4, network.prefixBits);
        const quint64 bits = network.first.bits & length.mask;
        m_slots[placeOf(bits, length.kind)] = { bits, network.value, length.kind };
        std::vector<Length> &lengths = m_lengths[size_t(network.first.isIpv4)];
        const bool isKnown = std::any_of(
            lengths.begin(), lengths.end(), [&length](const Length &known) { return known.kind == length.kind; });
        if (!isKnown)
            lengths.push_back(length);
    }
    for (std::vector<Length> &lengths : m_lengths)
        std::sort(lengths.begin(), lengths.end(), [](const Length &a, const Length &b) { return a.kind > b.kind; });
}

std::optional<quint32> NetworkSet::find(const AddressKey &bucket) const
{
    for (const Length &length : m_lengths[size_t(bucket.isIpv4)]) {
        const Slot &slot = m_slots[placeOf(bucket.bits & length.mask, length.kind)];
        if (slot.kind != 0)
            return slot.value;
    }
    return std::nullopt;
}

NetworkSet::Length NetworkSet::lengthOf(bool isIpv4, int prefixBits)
{
    return { maskOf(isIpv4, prefixBits), quint8((isIpv4 ? kIpv4Kind : 0) | (prefixBits + 1)) };
}

/// Where a network is, or the free slot that it would take.
size_t NetworkSet::placeOf(quint64 bits, quint8 kind) const
{
    size_t place = m_hash(bits, kind) & (m_slots.size() - 1);
    while (m_slots[place].kind != 0 && (m_slots[place].kind != kind || m_slots[place].bits != bits))
        place = (place + 1) & (m_slots.size() - 1);
    return place;
}

} // namespace gatehouse
