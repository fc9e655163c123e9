// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>

#include <QtCore/QTimer>
#include <QtCore/QUrl>
#include <QtNetwork/QNetworkAccessManager>

#include "server/log/log.h"
#include "shared/protocol/adminmessages.h"

class QNetworkReply;

namespace gatehouse {

/// Posts alerts as JSON to ALERT_WEBHOOK_URL, one after the other, in order. Each gets three tries; redirects are not
/// followed. Failures are logged without the URL's user and query, which may be secrets. Lives on the main thread.
class AlertWebhook final : public QObject
{
    Q_OBJECT

public:
    static constexpr int kMaxTries = 3;
    static constexpr size_t kMaxWaiting = 100; ///< then the oldest is given up
    static constexpr std::chrono::milliseconds kTimeout{ 10'000 };

    /// An empty URL posts nothing. `firstPause` doubles after every failed try.
    AlertWebhook(const QUrl &url, Log &log, std::chrono::milliseconds firstPause = std::chrono::seconds(2),
        std::chrono::milliseconds timeout = kTimeout, QObject *parent = nullptr);

    void post(const Alert &alert);

Q_SIGNALS:
    void delivered(const QString &alertId);
    void gaveUp(const QString &alertId);

private:
    struct Message
    {
        QString alertId;
        QByteArray body;
    };

    void sendNext();
    void finish(QNetworkReply *reply);
    void logFailure(QLatin1StringView event, const QString &detail) const;

    QUrl m_url;
    Log &m_log;
    std::chrono::milliseconds m_firstPause;
    std::chrono::milliseconds m_timeout;
    QNetworkAccessManager m_network;
    QTimer m_pause;
    std::deque<Message> m_waiting; ///< front: under way
    int m_tries = 0;
    bool m_isSending = false;
};

/// A URL for logs: without user, password, query and fragment.
[[nodiscard]] QString withoutSecrets(const QUrl &url);

} // namespace gatehouse
