// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QUrl>
#include <QtNetwork/QSslCertificate>
#include <QtNetwork/QSslKey>
#include <QtNetwork/QSslServer>
#include <QtNetwork/QSslSocket>
#include <QtNetwork/QTcpSocket>

namespace gatehouse {

/// TLS in front of a server that speaks none, as a reverse proxy does it: what comes in is passed on to a port of
/// loopback, both ways.
class TlsFront final : public QSslServer
{
public:
    TlsFront(quint16 behind, const QByteArray &certificate, const QByteArray &key)
        : m_behind(behind)
    {
        QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
        configuration.setLocalCertificate(QSslCertificate(certificate, QSsl::Pem));
        configuration.setPrivateKey(QSslKey(key, QSsl::Ec, QSsl::Pem));
        setSslConfiguration(configuration);
        QObject::connect(this, &QTcpServer::pendingConnectionAvailable, this, [this] { accept(); });
        isListening = listen(QHostAddress::LocalHost);
    }

    bool isListening = false;
    int connections = 0; ///< that both sides agreed about

    [[nodiscard]] QUrl url() const { return QUrl(QStringLiteral("https://127.0.0.1:%1").arg(serverPort())); }

private:
    void accept()
    {
        while (QTcpSocket *outside = nextPendingConnection()) {
            ++connections;
            auto *inside = new QTcpSocket(outside);
            QObject::connect(outside, &QTcpSocket::readyRead, inside, [=] { inside->write(outside->readAll()); });
            QObject::connect(inside, &QTcpSocket::readyRead, outside, [=] { outside->write(inside->readAll()); });
            QObject::connect(inside, &QTcpSocket::disconnected, outside, &QTcpSocket::disconnectFromHost);
            QObject::connect(outside, &QTcpSocket::disconnected, outside, &QObject::deleteLater);
            inside->connectToHost(QHostAddress(QHostAddress::LocalHost), m_behind);
            if (outside->bytesAvailable() > 0)
                inside->write(outside->readAll());
        }
    }

    quint16 m_behind;
};

} // namespace gatehouse
