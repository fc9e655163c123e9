// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "server/channel/workerpool.h"

namespace gatehouse {

/// The orderly end of a server that lets no clients in any more: has the clients' addresses remembered, tells the
/// clients, a few at a time, and then the consoles to come back (1012), and gives the last of them a moment to hear it.
/// HTTP is served until then. Last of all nobody is accepted any more, and who is being answered still is. Lives on the
/// main thread.
class Shutdown final : public QObject
{
    Q_OBJECT
public:
    /// What keeps the addresses of the clients, as they were before the first was told to go.
    using Remember = std::function<void(ClientCounts)>;

    /// `workers` outlives it. `stopListening` closes what the server listens on.
    Shutdown(
        WorkerPool &workers, std::chrono::seconds drainWindow, Remember remember, std::function<void()> stopListening);
    Q_DISABLE_COPY_MOVE(Shutdown)

    /// Once.
    void begin();
    /// Waits for nobody any more: finished() follows as soon as the addresses are remembered. After begin().
    void cutShort();

Q_SIGNALS:
    /// Everybody has been told; what is open still may be cut.
    void finished();

private:
    void rememberClients(ClientCounts counts);
    void tellConsoles();
    void waitForClients();
    void waitForAnswers();
    void answersLeft(qint64 count);
    void finish();

    WorkerPool &m_workers;
    std::chrono::seconds m_drainWindow;
    Remember m_remember;
    std::function<void()> m_stopListening;
    bool m_isRemembered = false;
    bool m_isCutShort = false;
    bool m_isFinished = false;
    QTimer m_lastWords;   ///< until what is queued for the clients has gone out
    QTimer m_lastAnswers; ///< until what was asked has been answered
    int m_waits = 0;
};

} // namespace gatehouse
