// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/storequeue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace gatehouse {

bool StoreQueue::add(QueuedWrite &&write)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_isStopping)
            return false;
        m_writes.push_back(std::move(write));
    }
    m_wake.notify_one();
    return true;
}

void StoreQueue::stop()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isStopping = true;
    }
    m_wake.notify_one();
}

bool StoreQueue::take(Group &group, std::chrono::milliseconds wait)
{
    std::unique_lock lock(m_mutex);
    m_late.clear();
    m_wake.wait_for(lock, wait, [this] { return m_isStopping || !m_writes.empty(); });
    const auto end = m_writes.begin() + qsizetype(std::min(m_writes.size(), kMaxGroup));
    for (auto write = m_writes.begin(); write != end; ++write) {
        if (write->late)
            m_late.push_back(write->late);
        group.push_back(std::move(*write));
    }
    m_writes.erase(m_writes.begin(), end);
    return !m_isStopping || !group.empty();
}

StoreQueue::Group StoreQueue::takeWaiting()
{
    std::deque<QueuedWrite> waiting;
    {
        const std::lock_guard lock(m_mutex);
        waiting.swap(m_writes);
    }
    return { std::make_move_iterator(waiting.begin()), std::make_move_iterator(waiting.end()) };
}

std::vector<StoreQueue::Late> StoreQueue::takeLate()
{
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_late, {});
}

size_t StoreQueue::size() const
{
    const std::lock_guard lock(m_mutex);
    return m_writes.size();
}

} // namespace gatehouse
