// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/log/logger.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <poll.h>
#include <unistd.h>

#include "server/log/logline.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr auto kFarewell = 1s; // how long the destructor lets a slow sink go on

} // namespace

LogSink descriptorSink(int fd)
{
    return [fd](QByteArrayView lines, const std::function<bool()> &shouldStop) {
        // A pipe that is writable takes this much at once, so no write blocks.
        constexpr qsizetype kAtomicBytes = 4096;
        constexpr int kPollMillis = 50;
        while (!lines.isEmpty()) {
            pollfd ready{ fd, POLLOUT, 0 };
            if (::poll(&ready, 1, kPollMillis) <= 0) {
                if (shouldStop())
                    return;
                continue;
            }
            const auto count = ::write(fd, lines.data(), size_t(std::min(lines.size(), kAtomicBytes)));
            if (count < 0 && errno != EINTR && errno != EAGAIN)
                return; // nobody is there to be told
            lines = lines.sliced(std::max<qsizetype>(count, 0));
            if (count < 0 && shouldStop())
                return;
        }
    };
}

struct Logger::Queue
{
    LogSink sink;
    std::mutex mutex;
    std::condition_variable changed;
    QByteArray pending; ///< whole lines
    qint64 dropped = 0; ///< since the writer last took the pending lines
    bool isWriting = false;
    bool isStopping = false;
    std::atomic<MonoTime> stopAt{ MonoTime::max() };
    std::thread thread;
};

Logger::Logger(const Clock &clock, LoggerOptions options, LogSink sink)
    : m_clock(clock)
    , m_options(options)
    , m_queue(std::make_unique<Queue>())
{
    m_queue->sink = std::move(sink);
    m_queue->thread = std::thread([this] { run(); });
}

Logger::~Logger()
{
    {
        const std::lock_guard lock(m_queue->mutex);
        m_queue->isStopping = true;
        m_queue->stopAt = std::chrono::steady_clock::now() + kFarewell;
    }
    m_queue->changed.notify_all();
    m_queue->thread.join();
}

bool Logger::isEnabled(LogLevel level) const
{
    return level >= m_options.level;
}

void Logger::log(LogLevel level, QLatin1StringView event, LogFields fields)
{
    if (!isEnabled(level))
        return;
    const QByteArray line = logLine(m_clock.utc(), level, event, fields, m_options.format);
    {
        const std::lock_guard lock(m_queue->mutex);
        if (m_queue->pending.size() + line.size() > m_options.maxQueuedBytes) {
            ++m_queue->dropped;
            return;
        }
        m_queue->pending += line;
    }
    m_queue->changed.notify_all();
}

bool Logger::flush(std::chrono::milliseconds timeout)
{
    std::unique_lock lock(m_queue->mutex);
    return m_queue->changed.wait_for(
        lock, timeout, [this] { return m_queue->pending.isEmpty() && !m_queue->isWriting; });
}

void Logger::run()
{
    const auto shouldStop = [this] { return std::chrono::steady_clock::now() >= m_queue->stopAt.load(); };
    std::unique_lock lock(m_queue->mutex);
    while (true) {
        m_queue->changed.wait(lock, [this] { return m_queue->isStopping || !m_queue->pending.isEmpty(); });
        if (m_queue->pending.isEmpty())
            return;
        QByteArray lines = std::exchange(m_queue->pending, {});
        if (const qint64 dropped = std::exchange(m_queue->dropped, 0); dropped > 0)
            lines += logLine(m_clock.utc(), LogLevel::Warning, "log_lines_dropped"_L1, { { "count"_L1, dropped } },
                m_options.format);
        m_queue->isWriting = true;
        lock.unlock();
        m_queue->sink(lines, shouldStop);
        lock.lock();
        m_queue->isWriting = false;
        m_queue->changed.notify_all();
        if (m_queue->isStopping && shouldStop())
            return;
    }
}

} // namespace gatehouse
