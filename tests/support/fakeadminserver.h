// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QtCore/QHash>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QUrl>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <QtWebSockets/QWebSocket>
#include <QtWebSockets/QWebSocketServer>

#include "shared/protocol/adminmessages.h"
#include "shared/protocol/apipaths.h"
#include "shared/protocol/historyreply.h"
#include "shared/protocol/problem.h"

namespace gatehouse {

/// A server that speaks the documented admin API over real sockets on one loopback port, and every fault on demand. For
/// tests of the console's network side; independent of the real server's code. Runs in the test's own event loop.
class FakeAdminServer final : public QObject
{
public:
    struct Request
    {
        QByteArray method;
        QByteArray target;                     ///< path and query, as sent
        QHash<QByteArray, QByteArray> headers; ///< names in lower case
        QByteArray body;
    };
    struct Answer
    {
        int status = 200;
        QByteArray body;
        QByteArray contentType = "application/json";
        QByteArray extraHeaders;
        bool isCutOff = false; ///< promises more than it sends, then closes
        bool isSilent = false; ///< never answers
    };

    FakeAdminServer()
        : m_webSockets(QStringLiteral("fake"), QWebSocketServer::NonSecureMode)
    {
        QObject::connect(&m_tcp, &QTcpServer::newConnection, this, [this] { accept(); });
        QObject::connect(&m_webSockets, &QWebSocketServer::newConnection, this, [this] { acceptStream(); });
        setJson("GET", paths::kOverview, overview().toJson());
        HistoryReply history;
        history.from = now;
        history.step = std::chrono::seconds(1);
        setJson("GET", paths::kHistory, history.toJson());
    }
    ~FakeAdminServer() override { stop(); }

    UtcTime now{ std::chrono::seconds(1'762'776'000) };
    QByteArray token = "good-token";
    std::vector<Request> requests;           ///< HTTP calls, in order
    std::vector<QJsonObject> streamMessages; ///< what consoles sent over their streams
    bool saysHello = true;
    bool confirmsSubscription = true;
    bool refusesStreams = false;

    [[nodiscard]] bool start(quint16 port = 0) { return m_tcp.listen(QHostAddress::LocalHost, port); }
    /// As when the process ends: every socket is gone.
    void stop()
    {
        m_tcp.close();
        for (QWebSocket *stream : std::exchange(m_streams, {})) {
            stream->disconnect(this);
            stream->abort();
            stream->deleteLater();
        }
        for (QTcpSocket *socket : m_tcp.findChildren<QTcpSocket *>())
            socket->abort();
    }
    [[nodiscard]] quint16 port() const { return m_tcp.serverPort(); }
    [[nodiscard]] QUrl url() const { return QUrl(QStringLiteral("http://127.0.0.1:%1").arg(port())); }

    void set(const QByteArray &method, const QString &path, const Answer &answer)
    {
        m_answers.insert(method + ' ' + path.toUtf8(), answer);
    }
    void setJson(const QByteArray &method, const QString &path, const QJsonObject &json)
    {
        set(method, path,
            { 200, QJsonDocument(json).toJson(QJsonDocument::Compact), "application/json", {}, false, false });
    }
    void setProblem(const QByteArray &method, const QString &path, const Problem &problem)
    {
        set(method, path, { problem.status, problem.toText(), "application/problem+json", {}, false, false });
    }

    [[nodiscard]] qsizetype streamCount() const { return m_streams.size(); }
    void send(const QJsonObject &message)
    {
        sendText(QString::fromUtf8(QJsonDocument(message).toJson(QJsonDocument::Compact)));
    }
    void sendText(const QString &text)
    {
        for (QWebSocket *stream : m_streams)
            stream->sendTextMessage(text);
    }
    void sendFrame(UtcTime time, double connections)
    {
        MetricsFrame frame;
        frame.time = time;
        frame[Metric::ActiveConnections] = connections;
        send({ { QStringLiteral("type"), QStringLiteral("metrics") }, { QStringLiteral("frame"), frame.toJson() },
            { QStringLiteral("totals"), DailyTotals{ 7, 70, 1, 2, 3.5, 9 }.toJson(time) },
            { QStringLiteral("peak_connections"), 12 }, { QStringLiteral("refusals_per_minute"), 3 },
            { QStringLiteral("addresses_near_limit"), 2 }, { QStringLiteral("lost"), 4 } });
    }
    /// Ends the streams with a close frame.
    void closeStreams(QWebSocketProtocol::CloseCode code = QWebSocketProtocol::CloseCodeNormal)
    {
        const QList<QWebSocket *> streams = m_streams;
        for (QWebSocket *stream : streams)
            stream->close(code);
    }
    /// Ends the streams without one, as a broken network does.
    void dropStreams()
    {
        const QList<QWebSocket *> streams = m_streams;
        for (QWebSocket *stream : streams)
            stream->abort();
    }

    [[nodiscard]] Overview overview() const
    {
        Overview result;
        result.server
            = { QStringLiteral("9.9.9"), now, true, 2, QStringLiteral("admin"), QStringLiteral("night-shift") };
        result.now.time = now;
        result.limits.revision = 7;
        result.peakConnections = 12;
        return result;
    }
    /// The requests for a path, whatever the query.
    [[nodiscard]] std::vector<Request> requestsFor(const QString &path) const
    {
        std::vector<Request> result;
        for (const Request &request : requests) {
            if (request.target.split('?').first() == path.toUtf8())
                result.push_back(request);
        }
        return result;
    }

private:
    void accept()
    {
        while (QTcpSocket *socket = m_tcp.nextPendingConnection()) {
            QObject::connect(socket, &QTcpSocket::disconnected, socket, &QObject::deleteLater);
            QObject::connect(socket, &QTcpSocket::readyRead, this, [this, socket] { read(socket); });
        }
    }
    void read(QTcpSocket *socket)
    {
        const QByteArray peeked = socket->peek(1 << 20);
        if (peeked.startsWith('\x16')) { // TLS, where there is none
            socket->abort();
            return;
        }
        const qsizetype headEnd = peeked.indexOf("\r\n\r\n");
        if (headEnd < 0)
            return;
        Request request = parseHead(peeked.left(headEnd));
        const qsizetype whole = headEnd + 4 + request.headers.value("content-length").toLongLong();
        if (peeked.size() < whole)
            return;
        if (request.headers.value("upgrade").toLower() == "websocket" && !refusesStreams && isAllowed(request)) {
            socket->disconnect(this);
            m_webSockets.handleConnection(socket);
            return;
        }
        socket->skip(whole);
        request.body = peeked.mid(headEnd + 4, whole - headEnd - 4);
        requests.push_back(request);
        answer(socket, request);
    }
    [[nodiscard]] static Request parseHead(const QByteArray &head)
    {
        QList<QByteArray> lines = head.split('\n');
        const QList<QByteArray> first = lines.takeFirst().split(' ');
        Request request{ first.value(0), first.value(1), {}, {} };
        for (const QByteArray &line : lines) {
            const qsizetype colon = line.indexOf(':');
            request.headers.insert(line.left(colon).trimmed().toLower(), line.mid(colon + 1).trimmed());
        }
        return request;
    }
    [[nodiscard]] bool isAllowed(const Request &request) const
    {
        return request.headers.value("authorization") == "Bearer " + token;
    }
    void answer(QTcpSocket *socket, const Request &request)
    {
        Answer reply = m_answers.value(request.method + ' ' + request.target.split('?').first(),
            { 404, R"({"code":"not_found","title":"Not found","detail":"no such path"})", "application/problem+json",
                {}, false, false });
        if (!isAllowed(request))
            reply = { 401, R"({"code":"token_invalid","title":"Token invalid","detail":"the signature is wrong"})",
                "application/problem+json", "WWW-Authenticate: Bearer\r\n", false, false };
        if (reply.isSilent)
            return;
        const qsizetype length = reply.body.size() + (reply.isCutOff ? 100 : 0);
        socket->write("HTTP/1.1 " + QByteArray::number(reply.status) + " Status\r\nContent-Type: " + reply.contentType
            + "\r\n" + reply.extraHeaders
            + (reply.status == 204 ? QByteArray() : "Content-Length: " + QByteArray::number(length) + "\r\n") + "\r\n"
            + reply.body);
        if (reply.isCutOff)
            socket->disconnectFromHost();
    }
    void acceptStream()
    {
        while (QWebSocket *stream = m_webSockets.nextPendingConnection()) {
            m_streams.append(stream);
            QObject::connect(stream, &QWebSocket::disconnected, this, [this, stream] {
                m_streams.removeOne(stream);
                stream->deleteLater();
            });
            QObject::connect(stream, &QWebSocket::textMessageReceived, this, [this, stream](const QString &text) {
                streamMessages.push_back(QJsonDocument::fromJson(text.toUtf8()).object());
                if (confirmsSubscription)
                    stream->sendTextMessage(QStringLiteral("{\"type\":\"subscribed\",\"topics\":[]}"));
            });
            if (saysHello) {
                const QJsonObject hello{ { QStringLiteral("type"), QStringLiteral("hello") },
                    { QStringLiteral("server"), overview().server.toJson() },
                    { QStringLiteral("metadata"), metricsMetadata() } };
                stream->sendTextMessage(QString::fromUtf8(QJsonDocument(hello).toJson(QJsonDocument::Compact)));
            }
        }
    }

    QTcpServer m_tcp;
    QWebSocketServer m_webSockets;
    QList<QWebSocket *> m_streams;
    QHash<QByteArray, Answer> m_answers;
};

} // namespace gatehouse
