// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>

#include <QtCore/QByteArray>
#include <QtCore/QObject>
#include <QtCore/QTimer>

namespace gatehouse {

/// Tells systemd, or whoever speaks its protocol (sd_notify(3)), how the server is, and keeps its watchdog quiet while
/// all workers answer. Does nothing where nobody asked for it. Lives on the main thread.
class SystemdNotifier final : public QObject
{
    Q_OBJECT
public:
    /// Asks all workers for a sign of life and calls back, on the main thread, when the last has given it.
    using AskWorkers = std::function<void(std::function<void()> answered)>;

    /// Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment, so that no child speaks for the
    /// server.
    SystemdNotifier();
    ~SystemdNotifier() override;
    Q_DISABLE_COPY_MOVE(SystemdNotifier)

    /// The server is still starting, with what, and hopes to need no more than that time from now.
    void starting(const QString &status, std::chrono::seconds atMost);
    /// The server listens. From now on the watchdog is told twice in its time that the main loop turns, if since the
    /// last time every worker has answered.
    void ready(AskWorkers askWorkers);
    /// The configuration is being read again; reloaded() says that it has been.
    void reloading();
    void reloaded();
    /// The server ends, within that time at most. The watchdog is told on: the drain may take longer than its time.
    void stopping(std::chrono::seconds atMost);

private:
    void send(const QByteArray &message) const;
    void watch();

    int m_descriptor = -1;                         ///< connected to systemd's socket; -1: nobody listens
    std::chrono::microseconds m_watchdogTime{ 0 }; ///< 0: there is none
    AskWorkers m_askWorkers;
    bool m_hasAnswer = true;
    bool m_hasStatus = false;
    QTimer m_watchdog;
};

} // namespace gatehouse
