// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include <QtCore/QtGlobal>

namespace gatehouse::bench {

using SteadyTime = std::chrono::steady_clock::time_point;

/// Told when its file descriptor is ready. It may close that descriptor and open another then, but destroys nothing.
class Pollable
{
public:
    virtual ~Pollable() = default;
    /// `events` as from epoll_wait(2).
    virtual void ready(quint32 events) = 0;
};

/// The bench's own event loop: epoll_wait(2) and nothing else, so that the load costs far less than the server it
/// measures. It also hears SIGINT and SIGTERM while it exists. Level-triggered; does not own what it watches; closing a
/// descriptor ends the watch. Lives on one thread.
class EventLoop final
{
public:
    EventLoop();
    ~EventLoop();
    Q_DISABLE_COPY_MOVE(EventLoop)

    [[nodiscard]] bool isValid() const { return m_epoll >= 0 && m_signals >= 0; }
    void add(int fd, quint32 events, Pollable *target);
    void modify(int fd, quint32 events, Pollable *target);

    enum class End : quint8
    {
        Done,
        TimeUp,
        Stopped
    };
    /// Serves events until `isDone` (asked after every turn), the time is up or somebody wants the program to end.
    End run(std::chrono::milliseconds atMost, const std::function<bool()> &isDone);
    End run(std::chrono::milliseconds atMost);

    /// SIGINT or SIGTERM has come.
    [[nodiscard]] bool isStopped() const { return m_isStopped; }
    /// Called about once a second by run().
    void onProgress(std::function<void()> progress) { m_progress = std::move(progress); }
    /// Room for what is being read at the moment; whoever reads next overwrites it.
    [[nodiscard]] std::vector<char> &scratch() { return m_scratch; }
    [[nodiscard]] static SteadyTime now() { return std::chrono::steady_clock::now(); }

private:
    void readSignals();

    int m_epoll = -1;
    int m_signals = -1;
    bool m_isStopped = false;
    std::function<void()> m_progress;
    std::vector<char> m_scratch = std::vector<char>(256 * 1024);
    SteadyTime m_nextProgress;
};

} // namespace gatehouse::bench
