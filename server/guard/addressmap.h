// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "server/net/addresskey.h"

namespace gatehouse {

/// The entries of one shard, each of a key of its own: open addressing, linear probing in Robin Hood order, deletion by
/// shifting back. One array: of a million keys none is in the cache, so what a search costs is how many different lines
/// and pages it reads, and that is one or two. Grows by a quarter at a time, but for a stop at what `expected` entries
/// need, so that the moment of growing stays cheap in memory, and little of it is free. References and places are good
/// until the next insert or erase. Not thread-safe.
///
/// An Entry is a plain value. It says key(), is made blank for one by of(), and has room for `distance`, 7 bits that
/// are the map's: 0 if the place is free, else 1 + how far the entry is from its home.
template <typename Entry> class AddressMap final
{
public:
    explicit AddressMap(size_t expected)
        : m_expectedCapacity(capacityFor(expected))
    {
    }

    [[nodiscard]] size_t size() const { return m_size; }
    [[nodiscard]] size_t capacity() const { return m_capacity; }
    [[nodiscard]] size_t bytes() const { return m_capacity * sizeof(Entry); }

    /// nullptr if it is not there.
    [[nodiscard]] Entry *find(const AddressKey &key, quint64 hash)
    {
        if (m_size == 0)
            return nullptr;
        size_t place = homeOf(hash);
        // A run is in the order of its homes: past an entry nearer to its own home than this key would be, it cannot
        // be.
        for (quint32 distance = 1; m_entries[place].distance >= distance; ++distance, place = next(place)) {
            if (m_entries[place].key() == key)
                return &m_entries[place];
        }
        return nullptr;
    }
    [[nodiscard]] const Entry *find(const AddressKey &key, quint64 hash) const
    {
        return const_cast<AddressMap *>(this)->find(key, hash); // which changes nothing
    }
    /// Adds a blank entry for a key that is not there and hashes to `hashed` by `hash`.
    Entry &insert(const AddressKey &key, quint64 hashed, const KeyedHash &hash)
    {
        if (capacityFor(m_size + 1) > m_capacity)
            rebuild(largerCapacity(), hash);
        const Entry entry = Entry::of(key);
        Entry *placed = place(entry, hashed);
        while (!placed) {
            rebuild(largerCapacity(), hash);
            placed = place(entry, hashed);
        }
        ++m_size;
        return *placed;
    }
    void erase(Entry &entry)
    {
        size_t hole = size_t(&entry - m_entries.get());
        for (size_t after = next(hole); m_entries[after].distance > 1; after = next(after)) {
            m_entries[hole] = m_entries[after];
            --m_entries[hole].distance;
            hole = after;
        }
        m_entries[hole] = {};
        --m_size;
    }
    /// The entry at a place below capacity(), nullptr if the place is free. An erased one's place may be taken by a
    /// later one.
    [[nodiscard]] Entry *at(size_t place) { return m_entries[place].distance == 0 ? nullptr : &m_entries[place]; }
    [[nodiscard]] const Entry *at(size_t place) const { return const_cast<AddressMap *>(this)->at(place); }
    /// Gives memory back if most places are free.
    void shrink(const KeyedHash &hash)
    {
        const size_t wanted = capacityFor(m_size + m_size / 2);
        if (wanted < m_capacity / 2)
            rebuild(wanted, hash);
    }

private:
    static constexpr size_t kSmallest = 8;
    static constexpr quint32 kFarthest = 127;

    /// Places for so many entries: three quarters are used at most, where a search still looks at two or three
    /// neighbours only.
    [[nodiscard]] static constexpr size_t capacityFor(size_t entries)
    {
        return std::max(kSmallest, entries * 4 / 3 + 1);
    }
    [[nodiscard]] size_t homeOf(quint64 hash) const { return size_t(((hash >> 32) * m_capacity) >> 32); }
    [[nodiscard]] size_t next(size_t place) const { return place + 1 == m_capacity ? 0 : place + 1; }
    [[nodiscard]] size_t largerCapacity() const
    {
        const size_t larger = std::max(kSmallest, m_capacity + m_capacity / 4);
        return m_capacity < m_expectedCapacity ? std::min(larger, m_expectedCapacity) : larger;
    }
    void rebuild(size_t capacity, const KeyedHash &hash)
    {
        const auto entries = std::exchange(m_entries, nullptr);
        const size_t before = m_capacity;
        for (bool isPlaced = false; !isPlaced; capacity += capacity / 4) {
            m_entries = std::make_unique<Entry[]>(capacity);
            m_capacity = capacity;
            isPlaced = true;
            for (size_t i = 0; i < before && isPlaced; ++i)
                isPlaced = entries[i].distance == 0 || place(entries[i], entries[i].key().hash(hash));
        }
    }
    /// nullptr if the entry, or one behind it, would be too far from home.
    Entry *place(Entry entry, quint64 hash)
    {
        size_t here = homeOf(hash);
        quint32 distance = 1;
        for (; m_entries[here].distance >= distance; here = next(here))
            ++distance;
        if (distance > kFarthest)
            return nullptr;
        size_t free = here;
        for (; m_entries[free].distance != 0; free = next(free)) {
            if (m_entries[free].distance == kFarthest)
                return nullptr;
        }
        // Everything up to the free place moves on by one.
        while (free != here) {
            const size_t before = free == 0 ? m_capacity - 1 : free - 1;
            m_entries[free] = m_entries[before];
            ++m_entries[free].distance;
            free = before;
        }
        entry.distance = distance & kFarthest;
        m_entries[here] = entry;
        return &m_entries[here];
    }

    std::unique_ptr<Entry[]> m_entries;
    size_t m_expectedCapacity;
    size_t m_capacity = 0;
    size_t m_size = 0;
};

} // namespace gatehouse
