// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "server/guard/addressmap.h"

namespace gatehouse {

/// How many connections of one address bucket are open, in 16 bytes.
struct OpenEntry
{
    static constexpr quint32 kMostOpen = (1U << 23) - 1;

    quint64 bits = 0;
    quint32 isIpv4 : 1 = 0;
    quint32 distance : 7 = 0; ///< the map's
    quint32 open : 23 = 0;    ///< connections

    [[nodiscard]] static OpenEntry of(const AddressKey &key)
    {
        OpenEntry entry;
        entry.bits = key.bits;
        entry.isIpv4 = key.isIpv4;
        return entry;
    }
    [[nodiscard]] AddressKey key() const { return { bits, isIpv4 != 0 }; }
};
static_assert(sizeof(OpenEntry) == 16);

/// One shard of an AddressTable: the open connections of address buckets, of each that has any. Not thread-safe: its
/// owner locks.
class OpenShard final
{
public:
    /// nullptr if none is open. Entries are good until the next insert, or until one is closed to the last.
    [[nodiscard]] OpenEntry *find(const AddressKey &key, quint64 hashed) { return m_map.find(key, hashed); }
    [[nodiscard]] const OpenEntry *find(const AddressKey &key, quint64 hashed) const { return m_map.find(key, hashed); }
    /// Makes an entry for an unknown key, which is to be opened at once.
    OpenEntry &insert(const AddressKey &key, quint64 hashed, const KeyedHash &hash)
    {
        return m_map.insert(key, hashed, hash);
    }
    /// One connection more, or one less: with the last the entry goes.
    void open(OpenEntry &entry) { setOpen(entry, entry.open + 1); }
    void close(OpenEntry &entry);

    [[nodiscard]] size_t size() const { return m_map.size(); }
    /// Addresses with at least so many connections open.
    [[nodiscard]] qint64 withAtLeast(qint64 open) const;
    /// The most that one address has open, and one that has so many; no key if none has any. The key is looked for.
    [[nodiscard]] qint64 mostOpen() const { return m_opens.empty() ? 0 : m_opens.back().open; }
    [[nodiscard]] std::optional<AddressKey> withMostOpen() const;
    /// What it owns on the heap.
    [[nodiscard]] size_t bytes() const { return m_map.bytes() + m_opens.capacity() * sizeof(OpenCount); }
    /// Gives memory back, some 50 µs for a full shard.
    void shrink(const KeyedHash &hash) { m_map.shrink(hash); }

private:
    static constexpr size_t kExpected = 4'000;

    struct OpenCount
    {
        quint32 open;
        quint32 addresses;
    };
    void setOpen(OpenEntry &entry, quint32 open);
    [[nodiscard]] std::vector<OpenCount>::iterator firstFrom(quint32 open);

    AddressMap<OpenEntry> m_map{ kExpected };
    std::vector<OpenCount>
        m_opens; ///< how many addresses have how many (not 0) open, the fewest first: a handful of rows
};

} // namespace gatehouse
