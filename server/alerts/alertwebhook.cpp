// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/alerts/alertwebhook.h"

#include <QtCore/QJsonDocument>
#include <QtNetwork/QNetworkReply>

using namespace Qt::StringLiterals;

namespace gatehouse {

QString withoutSecrets(const QUrl &url)
{
    return url.toString(QUrl::RemoveUserInfo | QUrl::RemoveQuery | QUrl::RemoveFragment);
}

AlertWebhook::AlertWebhook(
    const QUrl &url, Log &log, std::chrono::milliseconds firstPause, std::chrono::milliseconds timeout, QObject *parent)
    : QObject(parent)
    , m_url(url)
    , m_log(log)
    , m_firstPause(firstPause)
    , m_timeout(timeout)
{
    m_network.setRedirectPolicy(QNetworkRequest::ManualRedirectPolicy);
    m_pause.setSingleShot(true);
    connect(&m_pause, &QTimer::timeout, this, &AlertWebhook::sendNext);
}

void AlertWebhook::post(const Alert &alert)
{
    if (m_url.isEmpty())
        return;
    if (m_waiting.size() >= kMaxWaiting) {
        // The front one is under way: the oldest that still waits goes.
        const auto oldest = m_waiting.begin() + (m_isSending ? 1 : 0);
        logFailure("alert_webhook_overflow"_L1, u"too many alerts wait"_s);
        Q_EMIT gaveUp(oldest->alertId);
        m_waiting.erase(oldest);
    }
    m_waiting.push_back({ alert.id, QJsonDocument(alert.toJson()).toJson(QJsonDocument::Compact) });
    if (!m_isSending && !m_pause.isActive())
        sendNext();
}

void AlertWebhook::sendNext()
{
    if (m_waiting.empty() || m_isSending)
        return;
    m_isSending = true;
    ++m_tries;
    QNetworkRequest request(m_url);
    request.setHeader(QNetworkRequest::ContentTypeHeader, QByteArray("application/json"));
    request.setHeader(QNetworkRequest::UserAgentHeader, QByteArray("gatehouse/" GATEHOUSE_VERSION));
    request.setTransferTimeout(int(m_timeout.count()));
    QNetworkReply *reply = m_network.post(request, m_waiting.front().body);
    connect(reply, &QNetworkReply::finished, this, [this, reply] { finish(reply); });
}

void AlertWebhook::finish(QNetworkReply *reply)
{
    reply->deleteLater();
    m_isSending = false;
    const int status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (status >= 200 && status < 300) {
        const QString id = m_waiting.front().alertId;
        m_waiting.pop_front();
        m_tries = 0;
        Q_EMIT delivered(id);
        sendNext();
        return;
    }
    // Qt's own error text may quote the whole URL: the kind of error is enough.
    const QString detail
        = status > 0 ? u"HTTP status %1"_s.arg(status) : u"network error %1"_s.arg(int(reply->error()));
    if (m_tries < kMaxTries) {
        logFailure("alert_webhook_failed"_L1, detail);
        m_pause.start(m_firstPause * (1 << (m_tries - 1)));
        return;
    }
    logFailure("alert_webhook_gave_up"_L1, detail);
    const QString id = m_waiting.front().alertId;
    m_waiting.pop_front();
    m_tries = 0;
    Q_EMIT gaveUp(id);
    sendNext();
}

void AlertWebhook::logFailure(QLatin1StringView event, const QString &detail) const
{
    m_log.log(LogLevel::Error, event,
        { { "url"_L1, withoutSecrets(m_url) }, { "detail"_L1, detail }, { "try"_L1, m_tries } });
}

} // namespace gatehouse
