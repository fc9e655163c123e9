// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/sideverifier.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include <pthread.h>
#include <sys/resource.h>

#include "server/base/fairqueue.h"

namespace gatehouse {

namespace {

constexpr int kNice = 10;

} // namespace

struct SideVerifier::Queue
{
    std::mutex mutex;
    std::condition_variable changed;
    // Guarded by mutex:
    FairQueue<std::pair<QByteArray, Done>> waiting{ kMostOfOne, kMostWaiting };
    bool isEnding = false;

    std::thread thread;
};

SideVerifier::SideVerifier(const TokenVerifier &verifier, const Clock &clock)
    : m_verifier(verifier)
    , m_clock(clock)
    , m_queue(std::make_unique<Queue>())
{
    m_queue->thread = std::thread([this] { run(); });
}

SideVerifier::~SideVerifier()
{
    end();
}

bool SideVerifier::verify(const QString &who, QByteArray token, Done done)
{
    {
        const std::lock_guard lock(m_queue->mutex);
        if (m_queue->isEnding || !m_queue->waiting.add(who, { std::move(token), std::move(done) }))
            return false;
    }
    m_queue->changed.notify_one();
    return true;
}

void SideVerifier::end()
{
    {
        const std::lock_guard lock(m_queue->mutex);
        m_queue->isEnding = true;
        m_queue->waiting = { kMostOfOne, kMostWaiting };
    }
    m_queue->changed.notify_one();
    if (m_queue->thread.joinable())
        m_queue->thread.join();
}

void SideVerifier::run()
{
    pthread_setname_np(pthread_self(), "side-verifier");
    (void)setpriority(PRIO_PROCESS, 0, kNice); // of this thread alone, as Linux has it
    std::unique_lock lock(m_queue->mutex);
    while (true) {
        if (m_queue->isEnding)
            return;
        const auto turn = m_queue->waiting.next();
        if (!turn) {
            m_queue->changed.wait(lock);
            continue;
        }
        lock.unlock();
        const auto &[token, done] = turn->item;
        done(m_verifier.verify(token, m_clock.utc()));
        lock.lock();
        if (!m_queue->isEnding)
            m_queue->waiting.done(turn->who);
    }
}

} // namespace gatehouse
