// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/addressmap.h"

#include <algorithm>
#include <utility>

namespace gatehouse {

namespace {

constexpr size_t kSmallest = 8;
constexpr quint32 kFarthest = 127;

/// Places for so many entries: three quarters are used at most, where a search still looks at two or three neighbours
/// only.
constexpr size_t capacityFor(size_t entries)
{
    return std::max(kSmallest, entries * 4 / 3 + 1);
}

} // namespace

AddressMap::AddressMap(size_t expected)
    : m_expectedCapacity(capacityFor(expected))
{
}

AddressEntry *AddressMap::find(const AddressKey &key, quint64 hash)
{
    if (m_size == 0)
        return nullptr;
    size_t place = homeOf(hash);
    // A run is in the order of its homes: past an entry nearer to its own home than this key would be, it cannot be.
    for (quint32 distance = 1; m_entries[place].distance >= distance; ++distance, place = next(place)) {
        if (m_entries[place].key() == key)
            return &m_entries[place];
    }
    return nullptr;
}

AddressEntry &AddressMap::insert(const AddressKey &key, quint64 hashed, const KeyedHash &hash)
{
    if (capacityFor(m_size + 1) > m_capacity)
        rebuild(largerCapacity(), hash);
    AddressEntry entry;
    entry.bits = key.bits;
    entry.isIpv4 = key.isIpv4;
    AddressEntry *placed = place(entry, hashed);
    while (!placed) {
        rebuild(largerCapacity(), hash);
        placed = place(entry, hashed);
    }
    ++m_size;
    return *placed;
}

AddressEntry *AddressMap::place(AddressEntry entry, quint64 hash)
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

void AddressMap::erase(AddressEntry &entry)
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

size_t AddressMap::largerCapacity() const
{
    const size_t larger = std::max(kSmallest, m_capacity + m_capacity / 4);
    return m_capacity < m_expectedCapacity ? std::min(larger, m_expectedCapacity) : larger;
}

void AddressMap::shrink(const KeyedHash &hash)
{
    const size_t wanted = capacityFor(m_size + m_size / 2);
    if (wanted < m_capacity / 2)
        rebuild(wanted, hash);
}

void AddressMap::rebuild(size_t capacity, const KeyedHash &hash)
{
    const auto entries = std::exchange(m_entries, nullptr);
    const size_t before = m_capacity;
    for (bool isPlaced = false; !isPlaced; capacity += capacity / 4) {
        m_entries = std::make_unique<AddressEntry[]>(capacity);
        m_capacity = capacity;
        isPlaced = true;
        for (size_t i = 0; i < before && isPlaced; ++i)
            isPlaced = entries[i].distance == 0 || place(entries[i], entries[i].key().hash(hash));
    }
}

} // namespace gatehouse
