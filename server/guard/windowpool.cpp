// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/windowpool.h"

namespace gatehouse {

namespace {

constexpr size_t kPlaceBytes = sizeof(RollingWindow) + sizeof(quint32);

} // namespace

void WindowPool::setLength(std::chrono::milliseconds length)
{
    m_length = length;
    for (RollingWindow &window : m_windows)
        window.setLength(length);
}

size_t WindowPool::bytes() const
{
    return m_windows.capacity() * sizeof(RollingWindow) + m_free.capacity() * sizeof(quint32) + m_runBytes;
}

bool WindowPool::hasRoom() const
{
    const bool needsPlaces = m_free.empty() && m_windows.size() == m_windows.capacity();
    const size_t places = needsPlaces ? (nextCapacity() - m_windows.capacity()) * kPlaceBytes : 0;
    return bytes() + places + RollingWindow(m_length).growthBytes() <= m_mostBytes;
}

quint32 WindowPool::take(std::span<const WindowRun> runs, MonoTime newest)
{
    if (m_free.empty()) {
        if (m_windows.size() == m_windows.capacity()) {
            m_windows.reserve(nextCapacity());
            m_free.reserve(m_windows.capacity());
        }
        m_windows.emplace_back(m_length);
        m_free.push_back(quint32(m_windows.size()));
    }
    const quint32 number = m_free.back();
    m_free.pop_back();
    (*this)[number] = RollingWindow(m_length, runs, newest);
    m_runBytes += (*this)[number].heapBytes();
    return number;
}

void WindowPool::give(quint32 number)
{
    m_runBytes -= (*this)[number].heapBytes();
    (*this)[number] = RollingWindow(m_length);
    m_free.push_back(number);
    if (m_free.size() == m_windows.size()) { // an attack is over
        std::vector<RollingWindow>().swap(m_windows);
        std::vector<quint32>().swap(m_free);
    }
}

void WindowPool::add(quint32 number, MonoTime now)
{
    RollingWindow &window = (*this)[number];
    if (window.growsWith(now) && bytes() + window.growthBytes() > m_mostBytes)
        window.joinClosest();
    m_runBytes -= window.heapBytes();
    window.add(now);
    m_runBytes += window.heapBytes();
}

} // namespace gatehouse
