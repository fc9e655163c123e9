// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include "server/log/log.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// Where a Logger's lines go. Called on its writer thread, one call at a time, with one or more whole lines. May block,
/// but must give up once `shouldStop()` is true.
using LogSink = std::function<void(QByteArrayView lines, const std::function<bool()> &shouldStop)>;

/// Writes to a descriptor that may be a pipe whose reader has stopped: never stays in a write after it was told to
/// stop. The descriptor is not closed.
[[nodiscard]] LogSink descriptorSink(int fd);

struct LoggerOptions
{
    LogLevel level = LogLevel::Info;
    LogFormat format = LogFormat::Text;
    qsizetype maxQueuedBytes = 1024 * 1024;
};

/// The server's log. log() formats the line and queues it; a thread of its own writes. When the sink falls behind and
/// the queue is full, lines are dropped, and a later line says how many ("log_lines_dropped"). Any thread may log.
class Logger final : public Log
{
public:
    /// The clock must outlive the logger.
    Logger(const Clock &clock, LoggerOptions options, LogSink sink);
    /// Writes what is queued, for at most a second, then ends the thread.
    ~Logger() override;
    Q_DISABLE_COPY_MOVE(Logger)

    void log(LogLevel level, QLatin1StringView event, LogFields fields = {}) override;
    [[nodiscard]] bool isEnabled(LogLevel level) const override;

    /// Waits until everything logged so far is written, at most so long. False if it is not.
    bool flush(std::chrono::milliseconds timeout = std::chrono::seconds(1));

private:
    struct Queue;
    void run();

    const Clock &m_clock;
    LoggerOptions m_options;
    std::unique_ptr<Queue> m_queue;
};

} // namespace gatehouse
