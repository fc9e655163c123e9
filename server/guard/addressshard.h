// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "server/guard/addressmap.h"
#include "server/guard/windowpool.h"

namespace gatehouse {

/// One shard of an AddressTable (open connections of addresses) or of an AttemptTable (attempts of clients in a rolling
/// window). Bounded by a number of entries and by the memory for attempts. Not thread-safe: its owner locks.
class AddressShard final
{
public:
    AddressShard(size_t mostAddresses, size_t mostWindowBytes);

    /// The length of the rolling window from now on. Looks at every window when it is another one.
    void setWindow(std::chrono::milliseconds length);

    /// nullptr if nothing is known. Entries are good until the next insert or forget.
    [[nodiscard]] AddressEntry *find(const AddressKey &key, quint64 hash) { return m_map.find(key, hash); }
    [[nodiscard]] const AddressEntry *find(const AddressKey &key, quint64 hash) const { return m_map.find(key, hash); }
    /// Makes an entry for an unknown key. At the bound another one makes way, see makeRoom().
    AddressEntry &insert(
        const AddressKey &key, quint64 hashed, const KeyedHash &hash, qint64 attemptLimit, MonoTime now);
    /// Forgets the entry if it says nothing any more.
    void forgetIfBlank(AddressEntry &entry);

    [[nodiscard]] qint64 attempts(AddressEntry &entry, MonoTime now);
    [[nodiscard]] std::chrono::milliseconds waitUntilBelow(AddressEntry &entry, qint64 limit, MonoTime now);
    /// The same two for a window of that length, without forgetting on the way what has expired.
    struct Attempts
    {
        qint64 count = 0;
        std::chrono::milliseconds wait{}; ///< until fewer than the limit are in the window
    };
    [[nodiscard]] Attempts peekAttempts(
        const AddressEntry &entry, qint64 limit, std::chrono::milliseconds length, MonoTime now) const;
    void addAttempt(AddressEntry &entry, MonoTime now);
    /// Takes back the attempt of that moment.
    void removeAttempt(AddressEntry &entry, quint32 ticks);
    void setOpen(AddressEntry &entry, quint32 open);

    [[nodiscard]] size_t size() const { return m_map.size(); }
    /// Addresses with at least so many connections open.
    [[nodiscard]] qint64 withAtLeast(qint64 open) const;
    /// The most that one address has open, and one that has so many; no key if none has any. The key is looked for.
    [[nodiscard]] qint64 mostOpen() const { return m_opens.empty() ? 0 : m_opens.back().open; }
    [[nodiscard]] std::optional<AddressKey> withMostOpen() const;
    /// What it owns on the heap.
    [[nodiscard]] size_t bytes() const;
    /// Forgets what carries no information any more, and gives memory back. Looks at everything: some 50 µs for a full
    /// shard.
    void sweep(const KeyedHash &hash, MonoTime now);

private:
    struct OpenCount
    {
        quint32 open;
        quint32 addresses;
    };
    [[nodiscard]] qint32 windowTicks() const { return qint32(m_window.count()); }
    void makeRoom(qint64 attemptLimit, MonoTime now);
    void forget(AddressEntry &entry);
    void moveToWindow(AddressEntry &entry, MonoTime now);
    void moveBackIfFew(AddressEntry &entry, MonoTime now);
    [[nodiscard]] std::vector<OpenCount>::iterator firstFrom(quint32 open);

    std::chrono::milliseconds m_window = std::chrono::minutes(1);
    size_t m_mostAddresses;
    AddressMap m_map;
    WindowPool m_windows;
    std::vector<OpenCount>
        m_opens;       ///< how many addresses have how many (not 0) open, the fewest first: a handful of rows
    size_t m_hand = 0; ///< the place where makeRoom() goes on
};

} // namespace gatehouse
