// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/guard/addressmap.h"
#include "server/guard/fewruns.h"
#include "server/guard/windowpool.h"

namespace gatehouse {

/// The attempts of one client, in 32 bytes. They are in `runs`, or in a window elsewhere whose number is `window`.
struct AttemptEntry
{
    quint64 bits = 0; ///< what the client is kept by
    union {
        FewRuns runs{};
        quint32 window; ///< counts from 1
    };
    quint32 hasWindow : 1 = 0;
    quint32 distance : 7 = 0; ///< the map's

    [[nodiscard]] static AttemptEntry of(const AddressKey &key)
    {
        AttemptEntry entry;
        entry.bits = key.bits;
        return entry;
    }
    [[nodiscard]] AddressKey key() const { return { bits, false }; }
    /// Whether it says nothing that a missing entry does not say.
    [[nodiscard]] bool isBlank() const { return hasWindow == 0 && runs.isEmpty(); }
};
static_assert(sizeof(AttemptEntry) == 32);

/// One shard of an AttemptTable: the attempts of clients in a rolling window. Bounded by a number of clients and by the
/// memory for attempts. Not thread-safe: its owner locks.
class AttemptShard
{
public:
    AttemptShard(size_t mostClients, size_t mostWindowBytes);

    /// The length of the rolling window from now on. Looks at every window when it is another one.
    void setWindow(std::chrono::milliseconds length);

    /// nullptr if nothing is known. Entries are good until the next insert or forget.
    [[nodiscard]] AttemptEntry *find(const AddressKey &key, quint64 hash) { return m_map.find(key, hash); }
    [[nodiscard]] const AttemptEntry *find(const AddressKey &key, quint64 hash) const { return m_map.find(key, hash); }
    /// Makes an entry for an unknown key. At the bound another one makes way, see makeRoom().
    AttemptEntry &insert(
        const AddressKey &key, quint64 hashed, const KeyedHash &hash, qint64 attemptLimit, MonoTime now);
    /// Forgets the entry if it says nothing any more.
    void forgetIfBlank(AttemptEntry &entry);

    [[nodiscard]] qint64 attempts(AttemptEntry &entry, MonoTime now);
    [[nodiscard]] std::chrono::milliseconds waitUntilBelow(AttemptEntry &entry, qint64 limit, MonoTime now);
    /// The same two for a window of that length, without forgetting on the way what has expired.
    struct Attempts
    {
        qint64 count = 0;
        std::chrono::milliseconds wait{}; ///< until fewer than the limit are in the window
    };
    [[nodiscard]] Attempts peekAttempts(
        const AttemptEntry &entry, qint64 limit, std::chrono::milliseconds length, MonoTime now) const;
    void addAttempt(AttemptEntry &entry, MonoTime now);
    /// Takes back the attempt of that moment.
    void removeAttempt(AttemptEntry &entry, quint32 ticks);

    [[nodiscard]] size_t size() const { return m_map.size(); }
    /// What it owns on the heap.
    [[nodiscard]] size_t bytes() const;
    /// Forgets what carries no information any more, and gives memory back. Looks at everything: some 50 µs for a full
    /// shard.
    void sweep(const KeyedHash &hash, MonoTime now);

private:
    [[nodiscard]] qint32 windowTicks() const { return qint32(m_window.count()); }
    void makeRoom(qint64 attemptLimit, MonoTime now);
    void forget(AttemptEntry &entry);
    void moveToWindow(AttemptEntry &entry, MonoTime now);
    void moveBackIfFew(AttemptEntry &entry, MonoTime now);

    std::chrono::milliseconds m_window = std::chrono::minutes(1);
    size_t m_mostClients;
    AddressMap<AttemptEntry> m_map;
    WindowPool m_windows;
    size_t m_hand = 0; ///< the place where makeRoom() goes on
};

} // namespace gatehouse
