// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/httpcaller.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QTimer>
#include <QtNetwork/QNetworkReply>
#include <QtNetwork/QNetworkRequest>

#include "console/connection/calllog.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr char kUntrusted[] = "untrusted"; ///< a reply's property: why its server's certificate was not accepted

Problem localProblem(const QString &code, const QString &detail, int status = 0)
{
    Problem problem;
    problem.status = status;
    problem.code = code;
    problem.detail = detail;
    return problem;
}

int statusOf(const QNetworkReply &reply)
{
    return reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
}

QString serverName(const QUrl &url)
{
    return url.port() < 0 ? url.host() : u"%1:%2"_s.arg(url.host()).arg(url.port());
}

} // namespace

QUrl apiUrl(const QUrl &server, const QString &path, const QUrlQuery &query)
{
    QUrl url = server;
    QString prefix = server.path();
    while (prefix.endsWith(u'/'))
        prefix.chop(1);
    // Tolerant: what a path segment holds is encoded already, a slash in it too.
    url.setPath(prefix + path, QUrl::TolerantMode);
    url.setQuery(query);
    return url;
}

HttpCaller::HttpCaller(const Clock &clock, CallLog &log, std::chrono::milliseconds timeout, QObject *parent)
    : QObject(parent)
    , m_clock(clock)
    , m_log(log)
    , m_timeout(timeout)
{
    makeNetwork();
}

void HttpCaller::makeNetwork()
{
    m_network = new QNetworkAccessManager(this);
    m_network->setRedirectPolicy(QNetworkRequest::ManualRedirectPolicy);
}

HttpCaller::~HttpCaller()
{
    for (QNetworkReply *reply : std::as_const(m_replies))
        reply->disconnect(this);
}

void HttpCaller::send(const QUrl &server, const QString &token, const HttpCall &call, QObject *context, Done done)
{
    const QUrl url = apiUrl(server, call.path, call.query);
    QNetworkRequest request(url);
    request.setRawHeader("Accept", "application/json, application/problem+json");
    request.setRawHeader("Authorization", "Bearer " + token.toUtf8());
    request.setRawHeader("User-Agent", "gatehouse-console/" GATEHOUSE_VERSION);
    if (!call.ifMatch.isEmpty())
        request.setRawHeader("If-Match", call.ifMatch.toUtf8());
    if (call.body)
        request.setHeader(QNetworkRequest::ContentTypeHeader, u"application/json"_s);
    // A cookie or a cached answer would be a state that nobody sees.
    request.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::AlwaysNetwork);
    request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    request.setTransferTimeout(int(m_timeout.count()));
    if (url.scheme() == "https"_L1)
        request.setSslConfiguration(m_trust.configuration(server));
    const QByteArray body = call.body ? QJsonDocument(*call.body).toJson(QJsonDocument::Compact) : QByteArray();
    QNetworkReply *reply = m_network->sendCustomRequest(request, call.method, body);
    m_replies.insert(reply);
    const Pending pending{ call, url, m_clock.utc(), m_clock.monotonic(), context, std::move(done) };
    connect(reply, &QNetworkReply::sslErrors, this, [reply, server](const QList<QSslError> &errors) {
        reply->setProperty(kUntrusted, untrustedText(server, errors));
    });
    connect(reply, &QNetworkReply::finished, this, [this, reply, pending] { finish(reply, pending); });
}

void HttpCaller::trust(const QUrl &server, const QByteArray &authorities)
{
    if (!m_trust.set(server, authorities))
        return;
    // Connections that are open were judged by the answer before. They serve the calls under way, and no others.
    QTimer::singleShot(2 * m_timeout, m_network, &QObject::deleteLater);
    makeNetwork();
}

void HttpCaller::cancelAll()
{
    const QSet<QNetworkReply *> replies = m_replies;
    for (QNetworkReply *reply : replies) {
        reply->setProperty("cancelled", true);
        reply->abort();
    }
}

void HttpCaller::finish(QNetworkReply *reply, const Pending &pending)
{
    m_replies.remove(reply);
    reply->deleteLater();
    const ApiResult<QJsonObject> result = readReply(reply, pending.url);

    CallRecord record;
    record.at = pending.startedAt;
    record.method = QString::fromLatin1(pending.call.method);
    record.path = pending.url.path(QUrl::FullyEncoded);
    if (pending.url.hasQuery())
        record.path += u'?' + pending.url.query(QUrl::FullyEncoded);
    record.status = statusOf(*reply);
    record.duration = std::chrono::duration_cast<std::chrono::milliseconds>(m_clock.monotonic() - pending.started);
    if (!result)
        record.error = result.problem().detail.isEmpty() ? result.problem().title : result.problem().detail;
    record.curl = curlCommand(record.method, pending.url.toString(QUrl::FullyEncoded),
        pending.call.body ? QJsonDocument(*pending.call.body).toJson(QJsonDocument::Compact) : QByteArray(),
        pending.call.ifMatch);
    m_log.record(std::move(record));

    if (pending.context)
        pending.done(result);
}

ApiResult<QJsonObject> HttpCaller::readReply(QNetworkReply *reply, const QUrl &url)
{
    const int status = statusOf(*reply);
    if (reply->property("cancelled").toBool())
        return localProblem(u"cancelled"_s, tr("The call was cancelled."));
    if (status == 0)
        return networkProblem(*reply, url);
    const QByteArray body = reply->readAll();
    if (status < 200 || status >= 300)
        return httpProblem(*reply, status, body, url);
    // A status without its whole body: the connection broke in between.
    if (reply->error() != QNetworkReply::NoError)
        return networkProblem(*reply, url);
    if (body.trimmed().isEmpty() && status == 204)
        return QJsonObject();
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(body, &error);
    if (error.error != QJsonParseError::NoError || !document.isObject()) {
        return localProblem(
            u"bad_answer"_s, tr("What %1 answered is not the JSON of a Gatehouse server.").arg(serverName(url)));
    }
    return document.object();
}

Problem HttpCaller::networkProblem(const QNetworkReply &reply, const QUrl &url)
{
    const QString name = serverName(url);
    switch (reply.error()) {
    case QNetworkReply::ConnectionRefusedError:
        return localProblem(u"network"_s, tr("Nothing listens at %1: connection refused.").arg(name));
    case QNetworkReply::HostNotFoundError:
        return localProblem(u"network"_s, tr("There is no host named %1.").arg(url.host()));
    case QNetworkReply::TimeoutError:
    case QNetworkReply::OperationCanceledError:
        return localProblem(u"timeout"_s, tr("%1 did not answer in time.").arg(name));
    case QNetworkReply::SslHandshakeFailedError:
        if (const QString untrusted = reply.property(kUntrusted).toString(); !untrusted.isEmpty())
            return localProblem(u"tls"_s, untrusted);
        return localProblem(u"tls"_s, tr("No secure connection to %1: %2").arg(name, reply.errorString()));
    case QNetworkReply::RemoteHostClosedError:
        return localProblem(u"network"_s, tr("%1 closed the connection without a whole answer.").arg(name));
    case QNetworkReply::ProtocolFailure:
    case QNetworkReply::ProtocolUnknownError:
        return localProblem(u"bad_answer"_s, tr("%1 does not speak HTTP: %2").arg(name, reply.errorString()));
    default:
        return localProblem(u"network"_s, tr("No answer from %1: %2").arg(name, reply.errorString()));
    }
}

Problem HttpCaller::httpProblem(const QNetworkReply &reply, int status, const QByteArray &body, const QUrl &url)
{
    if (status < 400) {
        const QUrl target = reply.attribute(QNetworkRequest::RedirectionTargetAttribute).toUrl();
        return localProblem(u"bad_answer"_s,
            tr("%1 redirects to %2. Enter the server's own address.")
                .arg(serverName(url), url.resolved(target).toString()),
            status);
    }
    const QJsonDocument document = QJsonDocument::fromJson(body);
    if (document.isObject() && document.object().value("code"_L1).isString())
        return Problem::fromJson(document.object(), status);
    return localProblem(u"not_gatehouse"_s,
        tr("%1 answered %2, but not as a Gatehouse server does.").arg(serverName(url)).arg(status), status);
}

} // namespace gatehouse
