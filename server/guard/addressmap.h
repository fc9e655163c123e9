// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "server/guard/fewruns.h"
#include "server/net/addresskey.h"

namespace gatehouse {

/// What is known of one address bucket, in 32 bytes. Its attempts are in `runs`, or in a window elsewhere whose number
/// is `window`.
struct AddressEntry
{
    static constexpr quint32 kMostOpen = (1U << 23) - 1;

    quint64 bits = 0;
    union {
        FewRuns runs{};
        quint32 window; ///< counts from 1
    };
    quint32 isIpv4 : 1 = 0;
    quint32 hasWindow : 1 = 0;
    quint32 distance : 7 = 0; ///< the map's: 0 if the place is free, else 1 + how far the entry is from its home
    quint32 open : 23 = 0;    ///< connections

    [[nodiscard]] AddressKey key() const { return { bits, isIpv4 != 0 }; }
    /// Whether it says nothing that a missing entry does not say.
    [[nodiscard]] bool isBlank() const { return open == 0 && hasWindow == 0 && runs.isEmpty(); }
};
static_assert(sizeof(AddressEntry) == 32);

/// The entries of one shard: open addressing, linear probing in Robin Hood order, deletion by shifting back. One array:
/// of a million addresses none is in the cache, so what a search costs is how many different lines and pages it reads,
/// and that is one or two. Grows by a quarter at a time, but for a stop at what `expected` entries need, so that the
/// moment of growing stays cheap in memory, and little of it is free. References and places are good until the next insert or erase. Not
/// thread-safe.
class AddressMap final
{
public:
    explicit AddressMap(size_t expected);

    [[nodiscard]] size_t size() const { return m_size; }
    [[nodiscard]] size_t capacity() const { return m_capacity; }
    [[nodiscard]] size_t bytes() const { return m_capacity * sizeof(AddressEntry); }

    /// nullptr if it is not there.
    [[nodiscard]] AddressEntry *find(const AddressKey &key, quint64 hash);
    [[nodiscard]] const AddressEntry *find(const AddressKey &key, quint64 hash) const
    {
        return const_cast<AddressMap *>(this)->find(key, hash); // which changes nothing
    }
    /// Adds a blank entry for a key that is not there and hashes to `hashed` by `hash`.
    AddressEntry &insert(const AddressKey &key, quint64 hashed, const KeyedHash &hash);
    void erase(AddressEntry &entry);
    /// The entry at a place below capacity(), nullptr if the place is free. An erased one's place may be taken by a
    /// later one.
    [[nodiscard]] AddressEntry *at(size_t place)
    {
        return m_entries[place].distance == 0 ? nullptr : &m_entries[place];
    }
    [[nodiscard]] const AddressEntry *at(size_t place) const { return const_cast<AddressMap *>(this)->at(place); }
    /// Gives memory back if most places are free.
    void shrink(const KeyedHash &hash);

private:
    [[nodiscard]] size_t homeOf(quint64 hash) const { return size_t(((hash >> 32) * m_capacity) >> 32); }
    [[nodiscard]] size_t next(size_t place) const { return place + 1 == m_capacity ? 0 : place + 1; }
    [[nodiscard]] size_t largerCapacity() const;
    void rebuild(size_t capacity, const KeyedHash &hash);
    AddressEntry *place(AddressEntry entry, quint64 hash);

    std::unique_ptr<AddressEntry[]> m_entries;
    size_t m_expectedCapacity;
    size_t m_capacity = 0;
    size_t m_size = 0;
};

} // namespace gatehouse
