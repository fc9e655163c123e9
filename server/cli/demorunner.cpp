// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/demorunner.h"

#include <algorithm>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtNetwork/QNetworkReply>

#include "shared/protocol/apipaths.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr auto kStartInterval = 100ms;
constexpr auto kPublishInterval = 4s;
constexpr auto kFarewell = 2s; // how long clients may take to say goodbye

/// The n-th notification: to one user, to a group or to all in turn.
QJsonObject notification(qint64 number, int clients)
{
    QJsonValue to = u"all"_s;
    if (number % 3 != 0)
        to = QJsonObject{ { "users"_L1, QJsonArray{ QString::number(number % clients + 1) } } };
    const QStringList levels{ u"info"_s, u"success"_s, u"warning"_s, u"error"_s };
    return { { "to"_L1, to }, { "title"_L1, u"Demo notification %1"_s.arg(number) },
        { "body"_L1, u"Sent by gatehouse demo."_s }, { "level"_L1, levels[number % levels.size()] },
        { "ttl"_L1, 600 } };
}

QHostAddress serverAddress(const QUrl &url)
{
    return url.host() == "localhost"_L1 ? QHostAddress(QHostAddress::LocalHost) : QHostAddress(url.host());
}

} // namespace

bool isDemoTarget(const QUrl &url)
{
    const QHostAddress address = serverAddress(url);
    // IPv4 alone, because the clients come from addresses of 127.0.0.0/8.
    return url.scheme() == "http"_L1 && address.protocol() == QAbstractSocket::IPv4Protocol && address.isLoopback();
}

DemoRunner::DemoRunner(DemoOptions options, QObject *parent)
    : QObject(parent)
    , m_options(std::move(options))
{
    const WebSocketTarget target{ serverAddress(m_options.url).toString(), quint16(m_options.url.port(80)),
        QByteArray(paths::kChannel.data(), paths::kChannel.size()), {}, m_options.origin };
    for (const DemoClientPlan &plan : planDemo(m_options.clients)) {
        WebSocketTarget own = target;
        own.token = m_options.tokenFor(plan.number);
        m_clients.push_back(std::make_unique<DemoClient>(plan, own, m_counts));
        connect(m_clients.back().get(), &DemoClient::stopped, this, &DemoRunner::finishIfIdle);
    }
    m_endTimer.setSingleShot(true);
    connect(&m_startTimer, &QTimer::timeout, this, &DemoRunner::startNextClient);
    connect(&m_publishTimer, &QTimer::timeout, this, &DemoRunner::publish);
    connect(&m_endTimer, &QTimer::timeout, this, &DemoRunner::stop);
}

void DemoRunner::start()
{
    m_startTimer.start(kStartInterval);
    m_publishTimer.start(kPublishInterval);
    if (m_options.duration)
        m_endTimer.start(*m_options.duration);
}

void DemoRunner::stop()
{
    if (m_isStopping) {
        Q_EMIT finished();
        return;
    }
    m_isStopping = true;
    m_startTimer.stop();
    m_publishTimer.stop();
    m_endTimer.stop();
    for (size_t i = 0; i < m_started; ++i)
        m_clients[i]->stop();
    m_endTimer.start(kFarewell);
    finishIfIdle();
}

int DemoRunner::openClients() const
{
    return int(std::count_if(m_clients.begin(), m_clients.end(), [](const auto &client) { return client->isOpen(); }));
}

void DemoRunner::startNextClient()
{
    m_clients[m_started++]->start();
    if (m_started == m_clients.size())
        m_startTimer.stop();
}

void DemoRunner::publish()
{
    QUrl url = m_options.url;
    url.setPath(paths::kPublish);
    QNetworkRequest request(url);
    request.setRawHeader("Authorization", "Bearer " + m_options.publisherToken);
    request.setHeader(QNetworkRequest::ContentTypeHeader, u"application/json"_s);
    request.setTransferTimeout(5000);
    const QJsonObject body = notification(m_published + 1, int(m_clients.size()));
    QNetworkReply *reply = m_network.post(request, QJsonDocument(body).toJson(QJsonDocument::Compact));
    connect(reply, &QNetworkReply::finished, this, [this, reply] {
        if (reply->error() == QNetworkReply::NoError)
            ++m_published;
        reply->deleteLater();
    });
}

void DemoRunner::finishIfIdle()
{
    const bool isIdle
        = std::all_of(m_clients.begin(), m_clients.end(), [](const auto &client) { return client->isIdle(); });
    if (m_isStopping && isIdle && m_endTimer.isActive()) {
        m_endTimer.stop();
        Q_EMIT finished();
    }
}

} // namespace gatehouse
