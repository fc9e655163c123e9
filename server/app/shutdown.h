// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "server/channel/workerpool.h"

namespace gatehouse {

/// The orderly end of a server that accepts no clients any more: has the clients' addresses remembered, tells the
/// clients, a few at a time, and then the consoles to come back (1012), and gives the last of them a moment to hear it.
/// Lives on the main thread.
class Shutdown final : public QObject
{
    Q_OBJECT
public:
    /// What keeps the addresses of the clients, as they were before the first was told to go.
    using Remember = std::function<void(AddressCounts)>;

    /// `workers` outlives it.
    Shutdown(WorkerPool &workers, std::chrono::seconds drainWindow, Remember remember);
    Q_DISABLE_COPY_MOVE(Shutdown)

    /// Once.
    void begin();
    /// Waits for nobody any more: finished() follows as soon as the addresses are remembered. After begin().
    void cutShort();

Q_SIGNALS:
    /// Everybody has been told; what is open still may be cut.
    void finished();

private:
    void rememberAddresses(AddressCounts counts);
    void tellConsoles();
    void waitForClients();

    WorkerPool &m_workers;
    std::chrono::seconds m_drainWindow;
    Remember m_remember;
    bool m_isRemembered = false;
    bool m_isCutShort = false;
    QTimer m_lastWords; ///< until what is queued for the clients has gone out
    int m_waits = 0;
};

} // namespace gatehouse
