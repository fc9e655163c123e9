// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtNetwork/QNetworkRequest>
#include <QtWebSockets/QWebSocket>

#include "server/channel/channelcontrol.h"
#include "server/notify/notificationstore.h"

namespace gatehouse {

/// A client that keeps what it receives.
struct ChannelClient
{
    explicit ChannelClient(quint16 port, const QString &token = QStringLiteral("42"),
        const QByteArray &origin = "https://app.example", const QString &query = {})
    {
        QObject::connect(&socket, &QWebSocket::textMessageReceived, &socket,
            [this](const QString &text) { messages.append(QJsonDocument::fromJson(text.toUtf8()).object()); });
        QNetworkRequest request(
            QUrl(QStringLiteral("ws://127.0.0.1:%1/ws/notifications/?token=%2%3").arg(port).arg(token, query)));
        request.setRawHeader("Origin", origin);
        socket.open(request);
    }
    [[nodiscard]] QString type(qsizetype index) const
    {
        return messages.at(index).value(QLatin1StringView("type")).toString();
    }
    void say(const QByteArray &json) { socket.sendTextMessage(QString::fromUtf8(json)); }

    QWebSocket socket;
    QList<QJsonObject> messages;
};

/// A list of notifications with these ids.
inline Inbox inboxOf(const QStringList &ids, qint64 lastSequence)
{
    Inbox inbox;
    for (const QString &id : ids)
        inbox.notifications.push_back(
            { lastSequence, { id, QStringLiteral("Hello"), {}, QStringLiteral("info"), QJsonValue::Null, {}, false } });
    inbox.unreadCount = ids.size();
    inbox.lastSequence = lastSequence;
    return inbox;
}

/// One delivery; sequence 0 is an ephemeral one.
inline std::vector<Delivery> delivery(const Audience &to, qint64 sequence, const QByteArray &message)
{
    return { { to, message, sequence, sequence == 0 } };
}

} // namespace gatehouse
