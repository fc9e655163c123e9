// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/democlient.h"

#include <QtCore/QRandomGenerator>

using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr int kFloodMessages = 75; // over MAX_MESSAGES_PER_MINUTE, and not all of its strikes
constexpr auto kLongestWait = 60s; // a client that would have to wait longer goes on with another address

std::chrono::milliseconds about(std::chrono::milliseconds time)
{
    // Within a quarter, so that the clients do not move in step.
    const auto spread = int(time.count() / 4);
    return time + std::chrono::milliseconds(QRandomGenerator::global()->bounded(-spread, spread + 1));
}

} // namespace

DemoClient::DemoClient(const DemoClientPlan &plan, const WebSocketTarget &target, DemoCounts &counts, QObject *parent)
    : QObject(parent)
    , m_plan(plan)
    , m_target(target)
    , m_counts(counts)
{
    m_target.localAddress = QHostAddress(plan.address);
    if (plan.behaviour == DemoBehaviour::ForeignOrigin)
        m_target.origin = "https://elsewhere.invalid";
    if (plan.behaviour == DemoBehaviour::BadToken)
        m_target.token = "not-a-token";
    m_speakTimer.setSingleShot(true);
    m_returnTimer.setSingleShot(true);
    connect(&m_speakTimer, &QTimer::timeout, this, &DemoClient::speak);
    connect(&m_returnTimer, &QTimer::timeout, this, &DemoClient::connectNow);
    connect(&m_socket, &WebSocketClient::opened, this, &DemoClient::handleOpened);
    connect(&m_socket, &WebSocketClient::refused, this, &DemoClient::handleRefused);
    connect(&m_socket, &WebSocketClient::textReceived, this, [this] { ++m_counts.received; });
    connect(&m_socket, &WebSocketClient::ended, this, [this] {
        ++m_counts.ended;
        handleOver();
    });
    connect(&m_socket, &WebSocketClient::failed, this, [this] {
        ++m_counts.failed;
        handleOver();
    });
}

void DemoClient::start()
{
    m_isStopping = false;
    connectNow();
}

void DemoClient::stop()
{
    m_isStopping = true;
    m_speakTimer.stop();
    m_returnTimer.stop();
    if (m_socket.isIdle())
        Q_EMIT stopped();
    else
        m_socket.close();
}

void DemoClient::connectNow()
{
    m_socket.open(m_target);
}

void DemoClient::handleOpened()
{
    ++m_counts.opened;
    m_speakTimer.start(about(pauseBetweenMessages() / 2));
}

std::chrono::milliseconds DemoClient::pauseBetweenMessages() const
{
    switch (m_plan.behaviour) {
    case DemoBehaviour::Chatty:
        return 3s;
    case DemoBehaviour::Flooder:
        return 40s;
    case DemoBehaviour::Reconnector:
        return 4s;
    default:
        return 20s;
    }
}

void DemoClient::speak()
{
    if (m_plan.behaviour == DemoBehaviour::Reconnector) {
        m_socket.close();
        return;
    }
    const int messages = m_plan.behaviour == DemoBehaviour::Flooder ? kFloodMessages : 1;
    for (int i = 0; i < messages; ++i)
        m_socket.sendText(R"({"type":"ping"})");
    m_counts.sent += messages;
    m_speakTimer.start(about(pauseBetweenMessages()));
}

void DemoClient::handleRefused(int status, int retryAfter)
{
    ++m_counts.refused;
    if (m_isStopping) {
        Q_EMIT stopped();
        return;
    }
    constexpr int kTooManyRequests = 429;
    const bool isAddressUsedUp = status == kTooManyRequests && std::chrono::seconds(retryAfter) > kLongestWait;
    if (isAddressUsedUp && m_plan.behaviour != DemoBehaviour::Crowd) {
        m_plan.address = nextDemoAddress(m_plan.address);
        m_target.localAddress = QHostAddress(m_plan.address);
    }
    comeBackIn(about(10s));
}

void DemoClient::handleOver()
{
    m_speakTimer.stop();
    if (m_isStopping)
        Q_EMIT stopped();
    else
        comeBackIn(about(m_plan.behaviour == DemoBehaviour::Reconnector ? 2s : 5s));
}

void DemoClient::comeBackIn(std::chrono::milliseconds time)
{
    m_returnTimer.start(time);
}

} // namespace gatehouse
