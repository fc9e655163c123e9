// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "server/store/hangdetector.h"
#include "server/store/readgate.h"
#include "server/store/storequeue.h"

namespace gatehouse {

/// Looks from a thread of its own whether the store thread gets on: it may be stuck in a call to a disk that does not
/// answer, and then nobody else could tell those who wait. While it is stuck, what waits in the queue is answered with
/// an error of the field kHanging, for nothing of that has begun, and so are the reads that wait for a write; who waits
/// for what has begun is told that it is late.
class StoreWatch final
{
public:
    static constexpr std::chrono::milliseconds kInterval{ 500 };
    static constexpr int kLooks = 10;              ///< without a sign of life: 5 s
    static constexpr size_t kMaxWaiting = 100'000; ///< that may wait for a store that is slow

    /// What the store thread shows of itself; outlives the watch, as queue and gate do.
    struct Signs
    {
        std::atomic<quint64> steps{ 0 }; ///< changes while it gets on
        std::atomic<bool> isBusy{ false };
        std::atomic<bool> isHanging{ false }; ///< set here
        std::atomic<qint64> refused{ 0 };     ///< writes that were answered here
    };

    StoreWatch(StoreQueue &queue, ReadGate &gate, Signs &signs, QString stateFile,
        std::chrono::milliseconds interval = kInterval);
    ~StoreWatch();
    Q_DISABLE_COPY_MOVE(StoreWatch)

private:
    void loop();
    void answerWaiting(const Error &error);

    StoreQueue &m_queue;
    ReadGate &m_gate;
    Signs &m_signs;
    QString m_stateFile;
    std::chrono::milliseconds m_interval;
    HangDetector m_detector{ kLooks };
    std::mutex m_mutex;
    std::condition_variable m_wake;
    bool m_isStopping = false; ///< guarded by m_mutex
    std::thread m_thread;
};

} // namespace gatehouse
