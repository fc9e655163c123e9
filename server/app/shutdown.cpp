// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/shutdown.h"

#include <utility>

#include <QtCore/QPointer>

#include "server/channel/channelmessages.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr std::chrono::milliseconds kLastWords = 100ms;
constexpr int kMostWaits = 5;
// What requests get for their answers, whose disk may be slow. Nobody is accepted meanwhile.
constexpr std::chrono::milliseconds kLookForAnswers = 10ms;
constexpr int kMostLooks = 50;

} // namespace

Shutdown::Shutdown(
    WorkerPool &workers, std::chrono::seconds drainWindow, Remember remember, std::function<void()> stopListening)
    : m_workers(workers)
    , m_drainWindow(drainWindow)
    , m_remember(std::move(remember))
    , m_stopListening(std::move(stopListening))
{
    m_lastAnswers.setSingleShot(true);
    connect(&m_lastAnswers, &QTimer::timeout, this, &Shutdown::waitForAnswers);
    connect(&m_lastWords, &QTimer::timeout, this, &Shutdown::waitForClients);
}

void Shutdown::begin()
{
    // Asked before anybody is closed, so that each client is in the list.
    m_workers.listClients([this](ClientCounts counts) { rememberClients(std::move(counts)); });
    m_workers.drain(m_drainWindow, [this] { tellConsoles(); });
}

void Shutdown::cutShort()
{
    m_isCutShort = true;
    if (m_isRemembered)
        finish();
}

void Shutdown::rememberClients(ClientCounts counts)
{
    m_remember(std::move(counts));
    m_isRemembered = true;
    if (m_isCutShort)
        finish();
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
    m_waits = 0;
    m_stopListening();
    waitForAnswers();
}

void Shutdown::waitForAnswers()
{
    m_workers.countUnanswered([self = QPointer(this)](qint64 count) {
        if (self)
            self->answersLeft(count);
    });
}

void Shutdown::answersLeft(qint64 count)
{
    if (count > 0 && ++m_waits < kMostLooks)
        m_lastAnswers.start(kLookForAnswers);
    else
        finish();
}

void Shutdown::finish()
{
    if (!std::exchange(m_isFinished, true))
        Q_EMIT finished();
}

} // namespace gatehouse
