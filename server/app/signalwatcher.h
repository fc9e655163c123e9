// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QtCore/QObject>
#include <QtCore/QSocketNotifier>

namespace gatehouse {

/// Turns SIGTERM, SIGINT and SIGHUP into Qt signals of the main thread (a signalfd; the signals are blocked in all
/// threads started afterwards, so construct it first). SIGPIPE and SIGXFSZ are ignored. The previous mask comes back
/// with its end; what has not been read by then is discarded.
class SignalWatcher final : public QObject
{
    Q_OBJECT
public:
    explicit SignalWatcher(QObject *parent = nullptr);
    ~SignalWatcher() override;
    Q_DISABLE_COPY_MOVE(SignalWatcher)

    /// Whether the process has been asked to end; for while no event loop runs.
    [[nodiscard]] bool takeStopRequest();

Q_SIGNALS:
    /// Somebody wants the program to end, or its terminal has gone. Comes again if they insist.
    void stopRequested(int signalNumber);
    /// Somebody sent SIGHUP. Several that come at once are one.
    void reloadRequested();

private:
    void readSignals();

    int m_descriptor = -1;
    bool m_isStopRequested = false;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace gatehouse
