// SPDX-License-Identifier: GPL-3.0-or-later
// The bench's small contract on a plain QWebSocketServer, as anybody would write it. Usage: qwebsocketpeer PORT
#include <cstdlib>

#include <QtCore/QCoreApplication>
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtWebSockets/QWebSocket>
#include <QtWebSockets/QWebSocketServer>

using namespace Qt::StringLiterals;

namespace {

QString compact(const QJsonObject &object)
{
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

/// Greets, answers pings and broadcasts.
class Peer final : public QObject
{
public:
    explicit Peer(QWebSocketServer &server)
        : m_server(server)
    {
        m_server.setMaxPendingConnections(10'000);
        connect(&m_server, &QWebSocketServer::newConnection, this, &Peer::takeConnections);
    }

private:
    void takeConnections()
    {
        while (QWebSocket *socket = m_server.nextPendingConnection()) {
            m_sockets.append(socket);
            connect(socket, &QWebSocket::textMessageReceived, this,
                [this, socket](const QString &text) { handle(*socket, text); });
            connect(socket, &QWebSocket::disconnected, this, [this, socket] {
                m_sockets.removeOne(socket);
                socket->deleteLater();
            });
            socket->sendTextMessage(
                compact({ { "type"_L1, "notifications_list"_L1 }, { "notifications"_L1, QJsonArray() } }));
        }
    }

    void handle(QWebSocket &socket, const QString &text)
    {
        const QJsonObject message = QJsonDocument::fromJson(text.toUtf8()).object();
        const QString type = message.value("type"_L1).toString();
        if (type == "ping"_L1) {
            socket.sendTextMessage(compact({ { "type"_L1, "pong"_L1 } }));
        } else if (type == "pub"_L1) {
            const QString out
                = compact({ { "type"_L1, "notification"_L1 }, { "notification"_L1, message.value("body"_L1) } });
            for (QWebSocket *listener : std::as_const(m_sockets))
                listener->sendTextMessage(out);
        }
    }

    QWebSocketServer &m_server;
    QList<QWebSocket *> m_sockets;
};

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    QWebSocketServer server(u"bench"_s, QWebSocketServer::NonSecureMode);
    const Peer peer(server);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() != 2 || !server.listen(QHostAddress::LocalHost, arguments[1].toUShort()))
        return EXIT_FAILURE;
    return QCoreApplication::exec();
}
