// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/connectiontest.h"

#include <algorithm>
#include <functional>

#include <QtCore/QEventLoop>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QTimer>
#include <QtNetwork/QNetworkAccessManager>
#include <QtNetwork/QNetworkReply>

#include "server/cli/websocketclient.h"
#include "shared/protocol/apipaths.h"
#include "shared/util/result.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr auto kMetricsInterval = 250ms;
constexpr qsizetype kMostDetailChars = 200;
constexpr qsizetype kMostCodeChars = 64;

/// What a refusal before the upgrade means for the person who tests.
QString hintFor(int status)
{
    switch (status) {
    case 401:
        return u"the token is not accepted"_s;
    case 403:
        return u"the Origin is not in ALLOWED_HOSTS, or the token may not do this"_s;
    case 404:
        return u"there is no Gatehouse at this address"_s;
    case 429:
        return u"a rate limit is reached; wait, or raise it"_s;
    case 503:
        return u"the server is full or shutting down"_s;
    default:
        return u"refused"_s;
    }
}

/// What a stranger says, in one line of a terminal, which it has no power over.
QString printable(const QString &text, qsizetype most)
{
    QString line = text.simplified().left(most);
    std::replace_if(
        line.begin(), line.end(), [](QChar c) { return c.category() == QChar::Other_Control; }, QChar(u'?'));
    return line;
}

/// What the answer itself says of it: which limit has which value, and how long to wait.
QString reasonIn(const QByteArray &body, const QString &hint)
{
    const QJsonObject problem = QJsonDocument::fromJson(body).object();
    const QString detail = printable(problem.value("detail"_L1).toString(), kMostDetailChars);
    if (detail.isEmpty())
        return hint;
    const qint64 seconds = problem.value("retry_after"_L1).toInteger();
    const QString code = printable(problem.value("code"_L1).toString(), kMostCodeChars);
    return (code.isEmpty() ? detail : u"%1 (%2)"_s.arg(detail, code))
        + (seconds > 0 ? u"; wait %1 s"_s.arg(seconds) : QString());
}

/// The same for a refusal of the metrics endpoint, which no Origin is sent to.
QString metricsHintFor(int status)
{
    return status == 403 ? u"the token has no admin rights (ADMIN_USERS, or the claims is_staff or role)"_s
                         : hintFor(status);
}

class ConnectionTester
{
public:
    explicit ConnectionTester(const ConnectionTestOptions &options)
        : m_options(options)
    {
        QObject::connect(&m_socket, &WebSocketClient::textReceived, &m_socket,
            [this](const QByteArray &text) { m_messages.append(QJsonDocument::fromJson(text).object()); });
        QObject::connect(
            &m_socket, &WebSocketClient::refused, &m_socket, [this](int status, int, const QByteArray &body) {
                m_refusal = u"%1: %2; Origin %3"_s.arg(status).arg(reasonIn(body, hintFor(status)), m_options.origin);
            });
        QObject::connect(
            &m_socket, &WebSocketClient::failed, &m_socket, [this](const QString &reason) { m_refusal = reason; });
    }

    ConnectionTestReport run()
    {
        ConnectionTestReport report;
        const Result<QJsonObject> before = readMetrics();
        report.connection = connectSocket();
        if (report.connection)
            report.message = u"there is no connection"_s;
        else
            report.message = exchangeMessages();
        if (!before)
            report.metrics = before.error().message;
        else if (report.connection || report.message)
            report.metrics = u"there was nothing to count"_s;
        else
            report.metrics = waitForMetrics(*before);
        m_socket.close();
        return report;
    }

private:
    /// Spins the event loop until `isDone`, or patience ends. Whether it was done.
    bool waitUntil(const std::function<bool()> &isDone)
    {
        QEventLoop loop;
        QTimer look;
        QObject::connect(&look, &QTimer::timeout, &loop, [&] {
            if (isDone())
                loop.quit();
        });
        look.start(10ms);
        QTimer::singleShot(m_options.patience, &loop, &QEventLoop::quit);
        if (!isDone())
            loop.exec();
        return isDone();
    }

    void wait(std::chrono::milliseconds time)
    {
        QEventLoop loop;
        QTimer::singleShot(time, &loop, &QEventLoop::quit);
        loop.exec();
    }

    QNetworkRequest metricsRequest() const
    {
        QUrl url = m_options.url;
        url.setPath(paths::kMonitoringMetrics);
        QNetworkRequest request(url);
        request.setRawHeader("Authorization", "Bearer " + m_options.token);
        request.setTransferTimeout(int(m_options.patience.count()));
        return request;
    }

    Result<QJsonObject> readMetrics()
    {
        const std::unique_ptr<QNetworkReply> reply(m_network.get(metricsRequest()));
        if (!waitUntil([&reply] { return reply->isFinished(); })
            || reply->error() == QNetworkReply::OperationCanceledError)
            return Error{
                u"%1 does not answer within %2 s"_s.arg(m_options.url.toString()).arg(m_options.patience / 1s), {}
            };
        const int status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
        if (status == 0)
            return Error{ u"%1 does not answer (%2)"_s.arg(m_options.url.toString(), reply->errorString()), {} };
        if (status != 200)
            return Error{ u"the metrics endpoint answers %1: %2"_s.arg(status).arg(
                              status == 429 ? reasonIn(reply->readAll(), hintFor(status)) : metricsHintFor(status)),
                {} };
        const QJsonObject metrics = QJsonDocument::fromJson(reply->readAll()).object();
        if (!metrics.value("messages_sent"_L1).isDouble() || !metrics.value("active_connections"_L1).isDouble())
            return Error{ u"the metrics endpoint does not answer with metrics"_s, {} };
        return metrics;
    }

    std::optional<QString> connectSocket()
    {
        const QUrl &url = m_options.url;
        const bool isEncrypted = url.scheme() == "https"_L1;
        m_socket.open({ url.host(), quint16(url.port(isEncrypted ? 443 : 80)),
            QByteArray(paths::kChannel.data(), paths::kChannel.size()), m_options.token, m_options.origin.toLatin1(),
            {}, isEncrypted });
        if (!waitUntil([this] { return m_socket.isOpen() || m_socket.isIdle(); }))
            return u"no answer within %1 s"_s.arg(m_options.patience / 1s);
        return m_refusal;
    }

    bool hasMessage(QLatin1StringView type) const
    {
        return std::any_of(m_messages.begin(), m_messages.end(),
            [type](const QJsonObject &message) { return message.value("type"_L1) == type; });
    }

    std::optional<QString> exchangeMessages()
    {
        if (!waitUntil([this] { return !m_messages.isEmpty(); }))
            return u"no notifications_list within %1 s"_s.arg(m_options.patience / 1s);
        if (m_messages.constFirst().value("type"_L1) != "notifications_list"_L1)
            return u"the first message is not notifications_list"_s;
        m_socket.sendText("{\"type\":\"ping\",\"id\":\"gatehouse-test\"}");
        if (!waitUntil([this] { return hasMessage("pong"_L1); }))
            return u"a ping is not answered"_s;
        return std::nullopt;
    }

    std::optional<QString> waitForMetrics(const QJsonObject &before)
    {
        const auto grew = [&before](const QJsonObject &now, QLatin1StringView key) {
            return now.value(key).toInteger() > before.value(key).toInteger();
        };
        const auto giveUpAt = std::chrono::steady_clock::now() + m_options.patience;
        while (true) {
            const Result<QJsonObject> now = readMetrics();
            if (!now)
                return now.error().message;
            const bool isMoving = now->value("active_connections"_L1).toInteger() > 0 && grew(*now, "messages_sent"_L1)
                && grew(*now, "messages_received"_L1);
            if (isMoving)
                return std::nullopt;
            if (std::chrono::steady_clock::now() >= giveUpAt)
                return u"the counters do not move; is monitoring on? (USE_PRODUCTION_WEBSOCKET_MIDDLEWARE, DEBUG, the console's switch)"_s;
            wait(kMetricsInterval);
        }
    }

    const ConnectionTestOptions &m_options;
    QNetworkAccessManager m_network;
    WebSocketClient m_socket;
    std::optional<QString> m_refusal; ///< why there is no connection
    QList<QJsonObject> m_messages;
};

} // namespace

ConnectionTestReport runConnectionTest(const ConnectionTestOptions &options)
{
    return ConnectionTester(options).run();
}

} // namespace gatehouse
