// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <QtCore/QUrl>

#include "console/connection/apitypes.h"

QT_BEGIN_NAMESPACE
class QSslConfiguration;
class QWebSocket;
QT_END_NAMESPACE

namespace gatehouse {

/// The live stream of one connect: opens the WebSocket, subscribes to every topic and decodes what comes. Knows nothing
/// of retries. After lost() or close() it can be opened again. GUI thread.
class LiveStream final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(LiveStream)

public:
    /// An attempt that is not subscribed by then is given up.
    explicit LiveStream(std::chrono::milliseconds timeout, QObject *parent = nullptr);
    ~LiveStream() override;

    /// `tls` says whose certificates are trusted, where the server's address is https.
    void open(const QUrl &server, const QString &token, const QSslConfiguration &tls);
    /// Ends it silently.
    void close();

Q_SIGNALS:
    void helloReceived(const gatehouse::ServerInfo &server);
    /// Samples come from now on.
    void subscribed();
    /// It ended or never began; a sentence in the user's language says why.
    void lost(const QString &cause);
    /// The server sent something that cannot be read. The stream goes on.
    void messageRejected(const QString &why);

    void sampleReceived(const gatehouse::LiveSample &sample);
    void decisionsReceived(const std::vector<gatehouse::Decision> &decisions, qint64 skipped);
    void connectionsChanged(qint64 active);
    void alertChanged(const gatehouse::Alert &alert);
    void limitsChanged(const gatehouse::LimitsDocument &document, const gatehouse::Revision &revision);
    void switchChanged(bool isEnabled);

private:
    void readMessage(const QString &text);
    void dispatch(const QString &type, const QJsonObject &message);
    void readHello(const QJsonObject &message);
    void readMetrics(const QJsonObject &message);
    void readDecisions(const QJsonObject &message);
    void readLimits(const QJsonObject &message);
    void fail(const QString &cause);
    [[nodiscard]] QString closeCause() const;

    QWebSocket *m_socket = nullptr;
    QTimer m_deadline;
    QString m_untrusted;                        ///< why the server's certificate was not accepted
    std::vector<std::optional<Metric>> m_order; ///< of a frame's values, as the hello told
    bool m_isSubscribed = false;
};

} // namespace gatehouse
