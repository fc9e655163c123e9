// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/shutdown.h"

#include "server/channel/channelmessages.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

// Also what requests under way get for their answers.
constexpr std::chrono::milliseconds kLastWords = 100ms;
constexpr int kMostWaits = 5;

} // namespace

Shutdown::Shutdown(WorkerPool &workers, std::chrono::seconds drainWindow)
    : m_workers(workers)
    , m_drainWindow(drainWindow)
{
    connect(&m_lastWords, &QTimer::timeout, this, &Shutdown::waitForClients);
}

void Shutdown::begin()
{
    m_workers.drain(m_drainWindow, [this] { tellConsoles(); });
}

void Shutdown::tellConsoles()
{
    // And a client whose handshake ended just when the drain began.
    m_workers.closeAll(CloseCode::ServiceRestart, closeReason("shutdown"_L1, 1, {}), [this] { m_lastWords.start(kLastWords); });
}

void Shutdown::waitForClients()
{
    if (m_workers.activeConnections() > 0 && ++m_waits < kMostWaits)
        return;
    m_lastWords.stop();
    Q_EMIT finished();
}

} // namespace gatehouse
