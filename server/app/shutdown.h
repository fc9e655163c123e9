// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "server/channel/workerpool.h"

namespace gatehouse {

/// The orderly end of a server that accepts no clients any more: tells the clients, a few at a time, and then the consoles to come back (1012),
/// and gives the last of them a moment to hear it. Lives on the main thread.
class Shutdown final : public QObject
{
    Q_OBJECT
public:
    /// `workers` outlives it.
    Shutdown(WorkerPool &workers, std::chrono::seconds drainWindow);
    Q_DISABLE_COPY_MOVE(Shutdown)

    /// Once.
    void begin();

Q_SIGNALS:
    /// Everybody has been told; what is open still may be cut.
    void finished();

private:
    void tellConsoles();
    void waitForClients();

    WorkerPool &m_workers;
    std::chrono::seconds m_drainWindow;
    QTimer m_lastWords; ///< until what is queued for the clients has gone out
    int m_waits = 0;
};

} // namespace gatehouse
