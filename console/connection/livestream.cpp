// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/livestream.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtNetwork/QNetworkRequest>
#include <QtWebSockets/QWebSocket>

#include "console/connection/httpcaller.h"
#include "console/connection/tlstrust.h"
#include "shared/protocol/apipaths.h"
#include "shared/protocol/closecode.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr quint64 kMaxMessageBytes = 16 * 1024 * 1024;

QUrl streamUrl(const QUrl &server)
{
    QUrl url = apiUrl(server, paths::kAdminStream);
    url.setScheme(server.scheme() == "https"_L1 ? u"wss"_s : u"ws"_s);
    return url;
}

} // namespace

LiveStream::LiveStream(std::chrono::milliseconds timeout, QObject *parent)
    : QObject(parent)
{
    m_deadline.setSingleShot(true);
    m_deadline.setInterval(timeout);
    connect(&m_deadline, &QTimer::timeout, this, [this] { fail(tr("The live stream was not opened in time.")); });
}

LiveStream::~LiveStream()
{
    close();
}

void LiveStream::open(const QUrl &server, const QString &token, const QSslConfiguration &tls)
{
    close();
    m_untrusted.clear();
    m_socket = new QWebSocket(QString(), QWebSocketProtocol::VersionLatest, this);
    m_socket->setMaxAllowedIncomingMessageSize(kMaxMessageBytes);
    m_socket->setMaxAllowedIncomingFrameSize(kMaxMessageBytes);
    connect(m_socket, &QWebSocket::textMessageReceived, this, &LiveStream::readMessage);
    m_socket->setSslConfiguration(tls);
    connect(m_socket, &QWebSocket::sslErrors, this,
        [this, server](const QList<QSslError> &errors) { m_untrusted = untrustedText(server, errors); });
    connect(m_socket, &QWebSocket::disconnected, this, [this] { fail(closeCause()); });
    const auto onError = [this] { fail(closeCause()); };
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    connect(m_socket, &QWebSocket::errorOccurred, this, onError);
#else
    connect(m_socket, qOverload<QAbstractSocket::SocketError>(&QWebSocket::error), this, onError);
#endif
    QNetworkRequest request(streamUrl(server));
    request.setRawHeader("Authorization", "Bearer " + token.toUtf8());
    request.setRawHeader("User-Agent", "gatehouse-console/" GATEHOUSE_VERSION);
    m_deadline.start();
    m_socket->open(request);
}

void LiveStream::close()
{
    m_deadline.stop();
    m_isSubscribed = false;
    m_order.clear();
    if (!m_socket)
        return;
    QWebSocket *socket = std::exchange(m_socket, nullptr);
    socket->disconnect(this);
    // Deleting a QWebSocket with unsent data leaks its socket; aborting first does not.
    socket->abort();
    socket->deleteLater();
}

void LiveStream::fail(const QString &cause)
{
    if (!m_socket)
        return;
    close();
    Q_EMIT lost(cause);
}

QString LiveStream::closeCause() const
{
    switch (CloseCode(m_socket->closeCode())) {
    case CloseCode::GoingAway:
        return tr("The server is shutting down.");
    case CloseCode::ServiceRestart:
    case CloseCode::TryAgainLater:
        return tr("The server is restarting or too busy.");
    case CloseCode::ProtocolError:
        // QtWebSockets up to 6.8 takes 1012 and 1013 for invalid and keeps neither.
        if (m_socket->closeReason().startsWith("Invalid close code"_L1))
            return tr("The server is restarting or too busy.");
        break;
    case CloseCode::TokenExpired:
        return tr("The token has expired.");
    case CloseCode::SlowConsumer:
        return tr("This console was too slow to take what the server sent.");
    case CloseCode::Banned:
        return tr("The right to watch this server was taken away.");
    case CloseCode::KickedByAdmin:
        return tr("An administrator disconnected this console.");
    default:
        break;
    }
    if (!m_untrusted.isEmpty())
        return m_untrusted;
    if (!m_isSubscribed)
        return tr("The live stream could not be opened: %1").arg(m_socket->errorString());
    return tr("The connection to the server was lost.");
}

void LiveStream::readMessage(const QString &text)
{
    QJsonParseError error;
    const QJsonObject message = QJsonDocument::fromJson(text.toUtf8(), &error).object();
    if (error.error != QJsonParseError::NoError) {
        Q_EMIT messageRejected(tr("A message of the live stream is not valid JSON: %1").arg(error.errorString()));
        return;
    }
    dispatch(message.value("type"_L1).toString(), message);
}

void LiveStream::dispatch(const QString &type, const QJsonObject &message)
{
    if (type == "metrics"_L1) {
        readMetrics(message);
    } else if (type == "decisions"_L1) {
        readDecisions(message);
    } else if (type == "connections"_L1) {
        Q_EMIT connectionsChanged(message.value("active"_L1).toInteger());
    } else if (type == "alert"_L1) {
        if (const std::optional<Alert> alert = Alert::fromJson(message.value("alert"_L1).toObject()))
            Q_EMIT alertChanged(*alert);
        else
            Q_EMIT messageRejected(tr("An alert of the live stream has no id or no time."));
    } else if (type == "limits"_L1) {
        readLimits(message);
    } else if (type == "switch"_L1) {
        Q_EMIT switchChanged(message.value("enabled"_L1).toBool());
    } else if (type == "hello"_L1) {
        readHello(message);
    } else if (type == "subscribed"_L1) {
        m_deadline.stop();
        m_isSubscribed = true;
        Q_EMIT subscribed();
    } else if (type == "error"_L1) {
        Q_EMIT messageRejected(tr("The live stream refused a request: %1").arg(message.value("detail"_L1).toString()));
    } else {
        Q_EMIT messageRejected(tr("The live stream sent a message of the unknown type “%1”.").arg(type));
    }
}

void LiveStream::readHello(const QJsonObject &message)
{
    m_order = metricsOrder(message.value("metadata"_L1).toArray());
    if (m_order.empty()) {
        fail(tr("The live stream began without saying what it measures."));
        return;
    }
    Q_EMIT helloReceived(ServerInfo::fromJson(message.value("server"_L1).toObject()));
    const QJsonArray topics{ "metrics"_L1, "decisions"_L1, "connections"_L1, "alerts"_L1, "limits"_L1 };
    const QJsonObject request{ { "type"_L1, "subscribe"_L1 }, { "topics"_L1, topics } };
    m_socket->sendTextMessage(QString::fromUtf8(QJsonDocument(request).toJson(QJsonDocument::Compact)));
}

void LiveStream::readMetrics(const QJsonObject &message)
{
    const std::optional<MetricsFrame> frame = MetricsFrame::fromJson(message.value("frame"_L1).toObject(), m_order);
    if (!frame) {
        Q_EMIT messageRejected(tr("A frame of the live stream has no time."));
        return;
    }
    LiveSample sample;
    sample.frame = *frame;
    sample.totals = DailyTotals::fromJson(message.value("totals"_L1).toObject());
    sample.peakConnections = message.value("peak_connections"_L1).toInteger();
    sample.refusalsPerMinute = message.value("refusals_per_minute"_L1).toInteger();
    sample.addressesNearLimit = message.value("addresses_near_limit"_L1).toInteger();
    sample.lostFrames = message.value("lost"_L1).toInteger();
    Q_EMIT sampleReceived(sample);
}

void LiveStream::readDecisions(const QJsonObject &message)
{
    std::vector<Decision> decisions;
    qint64 skipped = message.value("skipped"_L1).toInteger();
    for (const QJsonValue &entry : message.value("decisions"_L1).toArray()) {
        // One of a reason that this console does not know is counted at least.
        if (std::optional<Decision> decision = Decision::fromJson(entry.toObject()))
            decisions.push_back(*std::move(decision));
        else
            ++skipped;
    }
    Q_EMIT decisionsReceived(decisions, skipped);
}

void LiveStream::readLimits(const QJsonObject &message)
{
    const Result<LimitsDocument> document = LimitsDocument::fromJson(message.value("document"_L1).toObject());
    if (!document) {
        Q_EMIT messageRejected(tr("The limits in the live stream cannot be read: %1").arg(document.error().message));
        return;
    }
    const Result<Revision> revision = Revision::fromJson(message.value("revision"_L1).toObject());
    if (!revision) {
        Q_EMIT messageRejected(tr("A revision in the live stream cannot be read: %1").arg(revision.error().message));
        return;
    }
    Q_EMIT limitsChanged(*document, *revision);
}

} // namespace gatehouse
