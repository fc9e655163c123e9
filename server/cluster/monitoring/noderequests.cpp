// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/monitoring/noderequests.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

const QString kAsk = QStringLiteral("ask");
const QString kAnswer = QStringLiteral("answer");
constexpr qsizetype kMostQuery = 32; ///< parameters

QJsonObject fieldsOf(qint64 id, const PeerRequest &request)
{
    QJsonArray query;
    for (const auto &[name, value] : request.http.query)
        query.append(QJsonArray{ QString::fromUtf8(name), QString::fromUtf8(value) });
    return {
        { "id"_L1, id },
        { "method"_L1, QString::fromLatin1(request.http.method) },
        { "path"_L1, QString::fromLatin1(request.http.path) },
        { "query"_L1, query },
        { "user"_L1, request.who.user },
        { "role"_L1, roleName(request.who.role) },
        { "address"_L1, request.http.client.toString() },
    };
}

std::optional<PeerRequest> requestIn(const QJsonObject &signal)
{
    const std::optional<Role> role = parseRole(signal.value("role"_L1).toString());
    const std::optional<IpAddress> client = IpAddress::parse(signal.value("address"_L1).toString().toLatin1());
    const QJsonArray query = signal.value("query"_L1).toArray();
    PeerRequest request;
    request.http.method = signal.value("method"_L1).toString().toLatin1();
    request.http.path = signal.value("path"_L1).toString().toLatin1();
    request.who.user = signal.value("user"_L1).toString();
    if (!role || !client || request.who.user.isEmpty() || !request.http.path.startsWith('/')
        || query.size() > kMostQuery)
        return std::nullopt;
    request.who.role = *role;
    request.http.client = *client;
    for (const QJsonValue &item : query)
        request.http.query.emplace_back(item[0].toString().toUtf8(), item[1].toString().toUtf8());
    return request;
}

/// What crosses of an answer: its status, and its JSON or text.
QJsonObject answerOf(qint64 id, const HttpResponse &response)
{
    constexpr qsizetype kFrame = 1024; // what a signal has around the body
    if (response.body.size() > ClusterPubSub::kMostBytes - kFrame) {
        const HttpResponse tooLarge = HttpResponse::problem({ 503, u"answer_too_large"_s, u"Answer too large"_s,
            u"what this node has to say is too much for one answer: ask for fewer"_s });
        return answerOf(id, tooLarge);
    }
    QJsonObject answer{ { "id"_L1, id }, { "status"_L1, response.status } };
    if (response.contentType.startsWith("text/")) {
        answer.insert("content_type"_L1, QString::fromLatin1(response.contentType));
        answer.insert("text"_L1, QString::fromUtf8(response.body));
    } else {
        answer.insert("body"_L1, QJsonDocument::fromJson(response.body).object());
    }
    return answer;
}

HttpResponse responseIn(const QJsonObject &signal, int status)
{
    if (signal.contains("text"_L1))
        return HttpResponse::text(
            signal.value("text"_L1).toString().toUtf8(), signal.value("content_type"_L1).toString().toLatin1());
    const QJsonObject body = signal.value("body"_L1).toObject();
    HttpResponse response = body.isEmpty() ? HttpResponse::noContent() : HttpResponse::json(body, status);
    response.status = status;
    if (status >= 400)
        response.contentType = "application/problem+json";
    return response;
}

} // namespace

NodeRequests::NodeRequests(ClusterPubSub &pubSub, const Clock &clock, QObject *parent)
    : QObject(parent)
    , m_pubSub(pubSub)
    , m_clock(clock)
{
    m_timer.setInterval(kLookEvery);
    connect(&m_timer, &QTimer::timeout, this, &NodeRequests::checkDeadlines);
    pubSub.onSignal(kAnswer, [this](const QJsonObject &signal) { answered(signal); });
}

void NodeRequests::ask(const NodeInfo &node, const PeerRequest &request, Done done)
{
    if (m_waiting.size() >= kMostWaiting) {
        done(std::nullopt);
        return;
    }
    const qint64 id = m_nextId++;
    m_waiting.emplace(id, Waiting{ node.run, m_clock.monotonic() + kPatience, std::move(done) });
    m_pubSub.signal(kAsk, fieldsOf(id, request), node.run);
    if (!m_timer.isActive())
        m_timer.start();
}

void NodeRequests::answered(const QJsonObject &signal)
{
    const auto waiting = m_waiting.find(signal.value("id"_L1).toInteger());
    const int status = signal.value("status"_L1).toInt();
    const bool isOf = waiting != m_waiting.end() && waiting->second.run == signal.value("from"_L1).toString();
    if (!isOf || status < 200 || status > 599)
        return;
    const Done done = std::move(waiting->second.done);
    m_waiting.erase(waiting);
    done(responseIn(signal, status));
}

void NodeRequests::checkDeadlines()
{
    const MonoTime now = m_clock.monotonic();
    while (!m_waiting.empty() && m_waiting.begin()->second.deadline <= now) {
        const Done done = std::move(m_waiting.begin()->second.done);
        m_waiting.erase(m_waiting.begin());
        done(std::nullopt);
    }
    if (m_waiting.empty())
        m_timer.stop();
}

void nodeanswers::listen(ClusterPubSub &pubSub, Answer answer)
{
    pubSub.onSignal(kAsk, [&pubSub, answer = std::move(answer)](const QJsonObject &signal) {
        const std::optional<PeerRequest> request = requestIn(signal);
        if (!request)
            return; // who asked is told nothing, and gives it up
        const QString from = signal.value("from"_L1).toString();
        const qint64 id = signal.value("id"_L1).toInteger();
        answer(*request, [&pubSub, from, id](const HttpResponse &response) {
            pubSub.signal(kAnswer, answerOf(id, response), from);
        });
    });
}

} // namespace gatehouse
