// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QtCore/QHash>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <QtWebSockets/QWebSocket>
#include <QtWebSockets/QWebSocketServer>

namespace gatehouse {

/// An HTTP and WebSocket server made of Qt's own parts, to test clients against: scripted answers by path, and every
/// other upgrade accepted. Lives on the test's thread.
class TinyServer final : public QObject
{
    Q_OBJECT
public:
    TinyServer()
        : m_webSockets(QStringLiteral("test"), QWebSocketServer::NonSecureMode)
    {
        connect(&m_tcp, &QTcpServer::newConnection, this, [this] {
            while (QTcpSocket *socket = m_tcp.nextPendingConnection())
                connect(socket, &QTcpSocket::readyRead, this, [this, socket] { judge(socket); });
        });
        connect(&m_webSockets, &QWebSocketServer::newConnection, this, [this] {
            while (QWebSocket *socket = m_webSockets.nextPendingConnection()) {
                socket->setParent(this);
                sockets.append(socket);
                Q_EMIT connected(socket);
            }
        });
        m_isListening = m_tcp.listen(QHostAddress::LocalHost);
    }
    [[nodiscard]] quint16 port() const { return m_tcp.serverPort(); }

    /// The whole answer to requests for a path, its head included; empty: none, the request hangs.
    QHash<QByteArray, std::function<QByteArray()>> answers;
    QList<QByteArray> heads;     ///< of all requests
    QList<QWebSocket *> sockets; ///< accepted

    [[nodiscard]] static QByteArray response(
        const QByteArray &statusLine, const QByteArray &body, const QByteArray &headers = {})
    {
        return "HTTP/1.1 " + statusLine + "\r\nConnection: close\r\nContent-Length: " + QByteArray::number(body.size())
            + "\r\n" + headers + "\r\n" + body;
    }

Q_SIGNALS:
    void connected(QWebSocket *socket);

private:
    void judge(QTcpSocket *socket)
    {
        const QByteArray bytes = socket->peek(64 * 1024);
        if (!bytes.contains("\r\n\r\n"))
            return;
        socket->disconnect(this);
        heads.append(bytes.left(bytes.indexOf("\r\n\r\n")));
        const auto answer = answers.constFind(bytes.split(' ').value(1));
        if (answer == answers.cend()) {
            m_webSockets.handleConnection(socket);
            return;
        }
        socket->readAll();
        socket->setParent(this);
        if (const QByteArray text = (*answer)(); !text.isEmpty()) {
            socket->write(text);
            socket->disconnectFromHost();
        }
    }

    QTcpServer m_tcp;
    QWebSocketServer m_webSockets;
    bool m_isListening = false;
};

} // namespace gatehouse
