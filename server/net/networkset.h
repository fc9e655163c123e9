// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "server/net/addresskey.h"

namespace gatehouse {

/// A network of address buckets: the first `prefixBits` of the 32 bits of IPv4, or of the 64 bits of IPv6 that tell
/// buckets apart. A plain value.
struct AddressNetwork
{
    AddressKey first; ///< host bits are zero
    int prefixBits = 0;
    quint32 value = 0; ///< what a NetworkSet says of it
};

/// Many networks, asked whether any of them holds an address. One look into a hash table for each prefix length that
/// occurs, however many networks there are: a hundred thousand networks of four lengths cost four looks. Immutable; any
/// thread.
class NetworkSet final
{
public:
    NetworkSet() = default;
    explicit NetworkSet(const std::vector<AddressNetwork> &networks);

    [[nodiscard]] bool isEmpty() const { return m_slots.empty(); }
    [[nodiscard]] bool contains(const AddressKey &bucket) const { return find(bucket).has_value(); }
    /// What is said of the narrowest network that holds it; nullopt if none does.
    [[nodiscard]] std::optional<quint32> find(const AddressKey &bucket) const;

private:
    struct Slot
    {
        quint64 bits = 0;
        quint32 value = 0;
        quint8 kind = 0; ///< 0 if the slot is free, else made of family and prefix length
    };
    struct Length
    {
        quint64 mask;
        quint8 kind;
    };
    [[nodiscard]] static Length lengthOf(bool isIpv4, int prefixBits);
    [[nodiscard]] size_t placeOf(quint64 bits, quint8 kind) const;

    KeyedHash m_hash;
    std::vector<Slot> m_slots;                    ///< a power of two of them, at most half are taken
    std::array<std::vector<Length>, 2> m_lengths; ///< that occur, the narrowest first: of IPv6, of IPv4
};

} // namespace gatehouse
