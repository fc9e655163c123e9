// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "server/store/writegroup.h"

namespace gatehouse {

/// The writes that wait for the store thread, in order, and who is to be told when they wait for too long. Any thread.
class StoreQueue final
{
public:
    using Late = std::function<void(const Error &)>;
    using Group = std::vector<QueuedWrite>;

    static constexpr size_t kMaxGroup = 1000; ///< bounds how long the first of a group waits for the last

    /// False after stop(): then `write` stays as it is, and nobody will take it.
    [[nodiscard]] bool add(QueuedWrite &&write);
    /// Nothing more is added nor waited for; what is queued is still taken.
    void stop();

    /// Waits for work, at most that long; empty if there was none. False when it was stopped and all is done.
    [[nodiscard]] bool take(Group &group, std::chrono::milliseconds wait);

    /// Takes out what has not begun.
    [[nodiscard]] Group takeWaiting();
    /// Whom to tell that what has begun takes long; each once.
    [[nodiscard]] std::vector<Late> takeLate();
    [[nodiscard]] size_t size() const;

private:
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<QueuedWrite> m_writes;
    std::vector<Late> m_late; ///< of what was taken last
    bool m_isStopping = false;
};

} // namespace gatehouse
