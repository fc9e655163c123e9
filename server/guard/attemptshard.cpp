// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/attemptshard.h"

namespace gatehouse {

namespace {

// How far makeRoom() looks: at so many candidates, further if none of them may go, but never past so many places.
constexpr int kCandidates = 8;
constexpr int kMostPlaces = 256;

// A window with so few runs left goes back into its entry; fewer than it holds, so that nobody makes it move to and
// fro.
constexpr size_t kFewRuns = 2;

} // namespace

AttemptShard::AttemptShard(size_t mostClients, size_t mostWindowBytes)
    : m_mostClients(mostClients)
    , m_map(mostClients)
    , m_windows(m_window, mostWindowBytes)
{
}

void AttemptShard::setWindow(std::chrono::milliseconds length)
{
    if (length == m_window)
        return;
    m_window = length;
    m_windows.setLength(length);
}

AttemptEntry &AttemptShard::insert(
    const AddressKey &key, quint64 hashed, const KeyedHash &hash, qint64 attemptLimit, MonoTime now)
{
    // Two may go for one that comes, so that a shard that once found nobody to go returns to its bound.
    for (int i = 0; i < 2 && m_map.size() >= m_mostClients; ++i)
        makeRoom(attemptLimit, now);
    return m_map.insert(key, hashed, hash);
}

void AttemptShard::makeRoom(qint64 attemptLimit, MonoTime now)
{
    AttemptEntry *victim = nullptr;
    qint64 least = 0;
    int candidates = 0;
    for (int looked = 0; looked < kMostPlaces; ++looked) {
        if (candidates >= kCandidates && least < attemptLimit)
            break;
        m_hand = m_hand + 1 < m_map.capacity() ? m_hand + 1 : 0;
        AttemptEntry *entry = m_map.at(m_hand);
        if (!entry)
            continue;
        ++candidates;
        // The one with the least budget used loses least by being forgotten.
        const qint64 used = attempts(*entry, now);
        if (!victim || used < least) {
            victim = entry;
            least = used;
        }
        if (used == 0)
            break;
    }
    if (victim)
        forget(*victim);
}

void AttemptShard::forget(AttemptEntry &entry)
{
    if (entry.hasWindow)
        m_windows.give(entry.window);
    m_map.erase(entry);
}

void AttemptShard::forgetIfBlank(AttemptEntry &entry)
{
    if (entry.hasWindow ? m_windows[entry.window].runs().empty() : entry.runs.isEmpty())
        forget(entry);
}

qint64 AttemptShard::attempts(AttemptEntry &entry, MonoTime now)
{
    if (entry.hasWindow)
        return m_windows[entry.window].count(now);
    entry.runs.expire(windowticks::ofNow(now), windowTicks());
    return entry.runs.count();
}

std::chrono::milliseconds AttemptShard::waitUntilBelow(AttemptEntry &entry, qint64 limit, MonoTime now)
{
    if (entry.hasWindow)
        return m_windows[entry.window].waitUntilBelow(limit, now);
    return std::chrono::milliseconds(entry.runs.waitUntilBelow(limit, windowticks::ofNow(now), windowTicks()));
}

AttemptShard::Attempts AttemptShard::peekAttempts(
    const AttemptEntry &entry, qint64 limit, std::chrono::milliseconds length, MonoTime now) const
{
    if (entry.hasWindow) {
        RollingWindow window = m_windows[entry.window].copy();
        window.setLength(length);
        return { window.count(now), window.waitUntilBelow(limit, now) };
    }
    FewRuns runs = entry.runs;
    const quint32 ticks = windowticks::ofNow(now);
    const auto lengthTicks = qint32(length.count());
    runs.expire(ticks, lengthTicks);
    return { runs.count(), std::chrono::milliseconds(runs.waitUntilBelow(limit, ticks, lengthTicks)) };
}

void AttemptShard::addAttempt(AttemptEntry &entry, MonoTime now)
{
    const quint32 ticks = windowticks::ofEvent(now);
    if (!entry.hasWindow) {
        if (entry.runs.add(ticks, windowTicks()))
            return;
        if (!m_windows.hasRoom() && entry.runs.joinClosest() && entry.runs.add(ticks, windowTicks()))
            return;
        moveToWindow(entry, now);
    }
    m_windows.add(entry.window, now);
}

void AttemptShard::removeAttempt(AttemptEntry &entry, quint32 ticks)
{
    if (entry.hasWindow)
        m_windows[entry.window].removeAt(ticks);
    else
        entry.runs.removeAt(ticks);
}

void AttemptShard::moveToWindow(AttemptEntry &entry, MonoTime now)
{
    std::array<WindowRun, FewRuns::kMost> runs;
    const size_t count = entry.runs.copyTo(runs);
    entry.window = m_windows.take({ runs.data(), count }, now);
    entry.hasWindow = 1;
}

void AttemptShard::moveBackIfFew(AttemptEntry &entry, MonoTime now)
{
    (void)attempts(entry, now);
    if (!entry.hasWindow)
        return;
    const quint32 window = entry.window;
    const std::span<const WindowRun> runs = m_windows[window].runs();
    FewRuns few;
    if (runs.size() > kFewRuns || !few.assign(runs))
        return;
    m_windows.give(window);
    entry.runs = few;
    entry.hasWindow = 0;
}

size_t AttemptShard::bytes() const
{
    return m_map.bytes() + m_windows.bytes();
}

void AttemptShard::sweep(const KeyedHash &hash, MonoTime now)
{
    for (size_t place = 0; place < m_map.capacity();) {
        AttemptEntry *entry = m_map.at(place);
        if (entry)
            moveBackIfFew(*entry, now);
        if (entry && entry->isBlank())
            forget(*entry); // a later one may be at its place now
        else
            ++place;
    }
    m_map.shrink(hash);
}

} // namespace gatehouse
