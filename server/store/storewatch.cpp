// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/storewatch.h"

#include <pthread.h>

#include "server/store/database.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

StoreWatch::StoreWatch(
    StoreQueue &queue, ReadGate &gate, Signs &signs, QString stateFile, std::chrono::milliseconds interval)
    : m_queue(queue)
    , m_gate(gate)
    , m_signs(signs)
    , m_stateFile(std::move(stateFile))
    , m_interval(interval)
    , m_thread([this] { loop(); })
{
}

StoreWatch::~StoreWatch()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isStopping = true;
    }
    m_wake.notify_one();
    m_thread.join();
}

void StoreWatch::loop()
{
    pthread_setname_np(pthread_self(), "watch-disk");
    std::unique_lock lock(m_mutex);
    while (!m_wake.wait_for(lock, m_interval, [this] { return m_isStopping; })) {
        const bool isHanging = m_detector.look(m_signs.isBusy, m_signs.steps);
        m_signs.isHanging = isHanging;
        if (isHanging) {
            answerWaiting({ u"state file %1: the disk does not answer"_s.arg(m_stateFile), storeerrors::kHanging });
            for (const StoreQueue::Late &late : m_queue.takeLate())
                late({ u"state file %1: the disk has not answered yet"_s.arg(m_stateFile), storeerrors::kHanging });
        } else if (m_queue.size() > kMaxWaiting) {
            answerWaiting({ u"state file %1: too much waits for the disk"_s.arg(m_stateFile), storeerrors::kHanging });
        }
    }
}

/// None of it has begun, and none will.
void StoreWatch::answerWaiting(const Error &error)
{
    StoreQueue::Group waiting = m_queue.takeWaiting();
    m_signs.refused += qint64(waiting.size());
    for (QueuedWrite &write : waiting) {
        if (write.done)
            write.done(error);
        write = {}; // what it holds is let go of before the store may end
    }
    m_gate.giveUp(error);
    m_gate.refused(qint64(waiting.size()));
}

} // namespace gatehouse
