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

Shutdown::Shutdown(WorkerPool &workers, std::chrono::seconds drainWindow, Remember remember)
    : m_workers(workers)
    , m_drainWindow(drainWindow)
    , m_remember(std::move(remember))
{
    connect(&m_lastWords, &QTimer::timeout, this, &Shutdown::waitForClients);
}

void Shutdown::begin()
{
    // Asked before anybody is closed, so that each client is in the list.
    m_workers.listAddresses([this](AddressCounts counts) { rememberAddresses(std::move(counts)); });
    m_workers.drain(m_drainWindow, [this] { tellConsoles(); });
}

void Shutdown::cutShort()
{
    m_isCutShort = true;
    if (m_isRemembered)
        Q_EMIT finished();
}

void Shutdown::rememberAddresses(AddressCounts counts)
{
    m_remember(std::move(counts));
    m_isRemembered = true;
    if (m_isCutShort)
        Q_EMIT finished();
}

void Shutdown::tellConsoles()
{
    // And a client whose handshake ended just when the drain began.
    m_workers.closeAll(
        CloseCode::ServiceRestart, closeReason("shutdown"_L1, 1, {}), [this] { m_lastWords.start(kLastWords); });
}

void Shutdown::waitForClients()
{
    if (m_workers.activeConnections() > 0 && ++m_waits < kMostWaits)
        return;
    m_lastWords.stop();
    Q_EMIT finished();
}

} // namespace gatehouse
