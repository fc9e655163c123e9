// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/addressshard.h"

#include <algorithm>

namespace gatehouse {

namespace {

// How far makeRoom() looks: at so many candidates, further if none of them may go, but never past so many places.
constexpr int kCandidates = 8;
constexpr int kMostPlaces = 256;

// A window with so few runs left goes back into its entry; fewer than it holds, so that nobody makes it move to and
// fro.
constexpr size_t kFewRuns = 2;

} // namespace

AddressShard::AddressShard(size_t mostAddresses, size_t mostWindowBytes)
    : m_mostAddresses(mostAddresses)
    , m_map(mostAddresses)
    , m_windows(m_window, mostWindowBytes)
{
}

void AddressShard::setWindow(std::chrono::milliseconds length)
{
    if (length == m_window)
        return;
    m_window = length;
    m_windows.setLength(length);
}

AddressEntry &AddressShard::insert(
    const AddressKey &key, quint64 hashed, const KeyedHash &hash, qint64 attemptLimit, MonoTime now)
{
    // Two may go for one that comes, so that a shard which open connections kept over its bound returns to it.
    for (int i = 0; i < 2 && m_map.size() >= m_mostAddresses; ++i)
        makeRoom(attemptLimit, now);
    return m_map.insert(key, hashed, hash);
}

void AddressShard::makeRoom(qint64 attemptLimit, MonoTime now)
{
    AddressEntry *victim = nullptr;
    qint64 least = 0;
    int candidates = 0;
    for (int looked = 0; looked < kMostPlaces; ++looked) {
        if (candidates >= kCandidates && least < attemptLimit)
            break;
        m_hand = m_hand + 1 < m_map.capacity() ? m_hand + 1 : 0;
        AddressEntry *entry = m_map.at(m_hand);
        if (!entry || entry->open > 0)
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

void AddressShard::forget(AddressEntry &entry)
{
    if (entry.hasWindow)
        m_windows.give(entry.window);
    m_map.erase(entry);
}

void AddressShard::forgetIfBlank(AddressEntry &entry)
{
    if (entry.open == 0 && (entry.hasWindow ? m_windows[entry.window].runs().empty() : entry.runs.isEmpty()))
        forget(entry);
}

qint64 AddressShard::attempts(AddressEntry &entry, MonoTime now)
{
    if (entry.hasWindow)
        return m_windows[entry.window].count(now);
    entry.runs.expire(windowticks::ofNow(now), windowTicks());
    return entry.runs.count();
}

std::chrono::milliseconds AddressShard::waitUntilBelow(AddressEntry &entry, qint64 limit, MonoTime now)
{
    if (entry.hasWindow)
        return m_windows[entry.window].waitUntilBelow(limit, now);
    return std::chrono::milliseconds(entry.runs.waitUntilBelow(limit, windowticks::ofNow(now), windowTicks()));
}

AddressShard::Attempts AddressShard::peekAttempts(
    const AddressEntry &entry, qint64 limit, std::chrono::milliseconds length, MonoTime now) const
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

void AddressShard::addAttempt(AddressEntry &entry, MonoTime now)
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

void AddressShard::removeAttempt(AddressEntry &entry, quint32 ticks)
{
    if (entry.hasWindow)
        m_windows[entry.window].removeAt(ticks);
    else
        entry.runs.removeAt(ticks);
}

void AddressShard::moveToWindow(AddressEntry &entry, MonoTime now)
{
    std::array<WindowRun, FewRuns::kMost> runs;
    const size_t count = entry.runs.copyTo(runs);
    entry.window = m_windows.take({ runs.data(), count }, now);
    entry.hasWindow = 1;
}

void AddressShard::moveBackIfFew(AddressEntry &entry, MonoTime now)
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

std::vector<AddressShard::OpenCount>::iterator AddressShard::firstFrom(quint32 open)
{
    return std::lower_bound(
        m_opens.begin(), m_opens.end(), open, [](const OpenCount &row, quint32 value) { return row.open < value; });
}

void AddressShard::setOpen(AddressEntry &entry, quint32 open)
{
    if (entry.open > 0) {
        const auto row = firstFrom(entry.open);
        if (--row->addresses == 0)
            m_opens.erase(row);
    }
    entry.open = open & AddressEntry::kMostOpen;
    if (open == 0)
        return;
    const auto row = firstFrom(open);
    if (row != m_opens.end() && row->open == open)
        ++row->addresses;
    else
        m_opens.insert(row, { open, 1 });
}

qint64 AddressShard::withAtLeast(qint64 open) const
{
    qint64 sum = 0;
    for (const OpenCount &row : m_opens)
        sum += qint64(row.open) >= open ? row.addresses : 0;
    return sum;
}

std::optional<AddressKey> AddressShard::withMostOpen() const
{
    const qint64 most = mostOpen();
    for (size_t place = 0; most > 0 && place < m_map.capacity(); ++place) {
        const AddressEntry *entry = m_map.at(place);
        if (entry && entry->open == most)
            return entry->key();
    }
    return std::nullopt;
}

size_t AddressShard::bytes() const
{
    return m_map.bytes() + m_windows.bytes() + m_opens.capacity() * sizeof(OpenCount);
}

void AddressShard::sweep(const KeyedHash &hash, MonoTime now)
{
    for (size_t place = 0; place < m_map.capacity();) {
        AddressEntry *entry = m_map.at(place);
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
