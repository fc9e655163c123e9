// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QJsonObject>
#include <QtCore/QPointer>
#include <QtCore/QSet>
#include <QtCore/QUrl>
#include <QtCore/QUrlQuery>
#include <QtNetwork/QNetworkAccessManager>

#include "console/connection/apiresult.h"
#include "console/connection/tlstrust.h"
#include "shared/util/clock.h"

QT_BEGIN_NAMESPACE
class QNetworkReply;
QT_END_NAMESPACE

namespace gatehouse {

class CallLog;

/// One call to the admin API, before it is made.
struct HttpCall
{
    QByteArray method = "GET";
    QString path;
    QUrlQuery query;
    std::optional<QJsonObject> body;
    QString ifMatch; ///< the header's value, quotes included; empty for none
};

/// Makes the HTTP calls of HttpAdminClient: JSON in, JSON or a Problem out, each recorded in the call log. Follows no
/// redirect, since that would hand the token to whatever the answer names. GUI thread.
class HttpCaller final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(HttpCaller)

public:
    using Done = ApiCallback<QJsonObject>;

    /// Clock and log must outlive the caller.
    HttpCaller(const Clock &clock, CallLog &log, std::chrono::milliseconds timeout, QObject *parent = nullptr);
    ~HttpCaller() override;

    /// Calls `done` once, later, unless `context` is gone by then.
    void send(const QUrl &server, const QString &token, const HttpCall &call, QObject *context, Done done);
    /// Whose certificates are trusted from the next call on.
    void trust(const QUrl &server, const QByteArray &authorities);
    [[nodiscard]] const TlsTrust &trusted() const { return m_trust; }
    /// Lets all calls under way fail with the code "cancelled".
    void cancelAll();

private:
    struct Pending
    {
        HttpCall call;
        QUrl url;
        UtcTime startedAt{};
        MonoTime started{};
        QPointer<QObject> context;
        Done done;
    };
    void makeNetwork();
    void finish(QNetworkReply *reply, const Pending &pending);
    [[nodiscard]] static ApiResult<QJsonObject> readReply(QNetworkReply *reply, const QUrl &url);
    [[nodiscard]] static Problem networkProblem(const QNetworkReply &reply, const QUrl &url);
    [[nodiscard]] static Problem httpProblem(
        const QNetworkReply &reply, int status, const QByteArray &body, const QUrl &url);

    const Clock &m_clock;
    CallLog &m_log;
    std::chrono::milliseconds m_timeout;
    TlsTrust m_trust;
    QNetworkAccessManager *m_network = nullptr; ///< our child
    QSet<QNetworkReply *> m_replies;
};

/// The server's address with a path of the API; keeps a prefix that a reverse proxy added.
[[nodiscard]] QUrl apiUrl(const QUrl &server, const QString &path, const QUrlQuery &query = {});

} // namespace gatehouse
