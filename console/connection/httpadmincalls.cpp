// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/httpadmincalls.h"

#include <QtCore/QJsonArray>

#include "console/connection/calllog.h"
#include "shared/protocol/apipaths.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

HttpCall get(QLatin1StringView path, const QUrlQuery &query = {})
{
    HttpCall call;
    call.path = path;
    call.query = query;
    return call;
}

HttpCall withBody(const QByteArray &method, const QString &path, const QJsonObject &body)
{
    HttpCall call;
    call.method = method;
    call.path = path;
    call.body = body;
    return call;
}

QString pathSegment(const QString &id)
{
    return QString::fromLatin1(QUrl::toPercentEncoding(id));
}

QString connectionPath(const QString &id)
{
    return u"%1/%2"_s.arg(paths::kConnections, pathSegment(id));
}

QLatin1StringView pathOf(AccessList list)
{
    return list == AccessList::Bans ? paths::kBans : paths::kExemptions;
}

QJsonObject noteBody(const QString &note)
{
    return note.isEmpty() ? QJsonObject() : QJsonObject{ { "note"_L1, note } };
}

/// No metrics means all.
QUrlQuery historyQuery(const std::vector<Metric> &metrics, UtcTime from, UtcTime to, int points)
{
    QStringList names;
    for (const Metric metric : metrics)
        names << metricDescriptor(metric).name;
    if (metrics.empty()) {
        for (const MetricDescriptor &descriptor : metricDescriptors())
            names << descriptor.name;
    }
    QUrlQuery query;
    query.addQueryItem(u"metrics"_s, names.join(u','));
    query.addQueryItem(u"from"_s, isoMillis(from));
    query.addQueryItem(u"to"_s, isoMillis(to));
    query.addQueryItem(u"points"_s, QString::number(points));
    return query;
}

template <typename T> Result<T> required(std::optional<T> value, const QString &what)
{
    if (!value)
        return Error{ what, {} };
    return *std::move(value);
}

/// Reads each element; those of a kind that this console does not know are left out.
template <typename T> std::vector<T> readKnown(const QJsonValue &array)
{
    std::vector<T> result;
    for (const QJsonValue &entry : array.toArray()) {
        if (std::optional<T> one = T::fromJson(entry.toObject()))
            result.push_back(*std::move(one));
    }
    return result;
}

/// Reads each element, or says what is wrong with the first bad one.
template <typename T> Result<std::vector<T>> readAll(const QJsonValue &array)
{
    std::vector<T> result;
    for (const QJsonValue &entry : array.toArray()) {
        Result<T> one = T::fromJson(entry.toObject());
        if (!one)
            return one.error();
        result.push_back(std::move(one).value());
    }
    return result;
}

Result<bool> readSwitch(const QJsonObject &object)
{
    if (!object.value("enabled"_L1).isBool())
        return Error{ u"the switch has no \"enabled\""_s, u"enabled"_s };
    return object.value("enabled"_L1).toBool();
}

Result<std::vector<AlertRule>> readRules(const QJsonObject &object)
{
    return readAll<AlertRule>(object.value("rules"_L1));
}

Result<RevisionPage> readRevisions(const QJsonObject &object)
{
    Result<std::vector<Revision>> revisions = readAll<Revision>(object.value("revisions"_L1));
    if (!revisions)
        return revisions.error();
    return RevisionPage{ std::move(revisions).value(), object.value("next_cursor"_L1).toString() };
}

Result<DecisionPage> readDecisions(const QJsonObject &object)
{
    return DecisionPage{ readKnown<Decision>(object.value("decisions"_L1)), object.value("next_cursor"_L1).toString(),
        object.value("total"_L1).toInteger(), object.value("not_stored"_L1).toInteger() };
}

Result<TopOffenders> readOffenders(const QJsonObject &object)
{
    TopOffenders offenders;
    for (const QJsonValue &entry : object.value("top"_L1).toArray()) {
        const QJsonObject one = entry.toObject();
        offenders.top.push_back({ one.value("value"_L1).toString(), one.value("count"_L1).toInteger() });
    }
    offenders.total = object.value("total"_L1).toInteger();
    offenders.isSample = object.value("total_is"_L1) == "sample"_L1;
    return offenders;
}

Result<ConnectionPage> readConnections(const QJsonObject &object)
{
    if (!object.value("connections"_L1).isArray())
        return Error{ u"the answer has no \"connections\""_s, u"connections"_s };
    ConnectionPage page;
    for (const QJsonValue &entry : object.value("connections"_L1).toArray())
        page.connections.push_back(ConnectionInfo::fromJson(entry.toObject()));
    page.total = object.value("total"_L1).toInteger(qint64(page.connections.size()));
    page.nextCursor = object.value("next_cursor"_L1).toString();
    for (const QJsonValue &node : object.value("missing_nodes"_L1).toArray())
        page.missingNodes.append(node.toString());
    return page;
}

} // namespace

HttpAdminCalls::HttpAdminCalls(const Clock &clock, QObject *parent)
    : AdminClient(parent)
    , m_callLog(new CallLog(this))
    , m_caller(clock, *m_callLog, kCallTimeout)
{
}

void HttpAdminCalls::setServer(const QUrl &url, const QString &token)
{
    m_url = url;
    m_token = token;
}

template <typename T>
void HttpAdminCalls::call(const HttpCall &call, QObject *context, ApiCallback<T> done, Reader<T> read)
{
    if (m_url.isEmpty() || m_token.isEmpty()) {
        Problem problem;
        problem.status = 0;
        problem.code = u"not_connected"_s;
        problem.detail = tr("The console is not connected to a server.");
        QMetaObject::invokeMethod(
            context, [done = std::move(done), problem] { done(problem); }, Qt::QueuedConnection);
        return;
    }
    m_caller.send(m_url, m_token, call, context,
        [done = std::move(done), read = std::move(read)](const ApiResult<QJsonObject> &answer) {
            if (!answer) {
                done(answer.problem());
                return;
            }
            Result<T> value = read(*answer);
            if (value) {
                done(std::move(value).value());
                return;
            }
            Problem problem;
            problem.status = 0;
            problem.code = u"bad_answer"_s;
            problem.detail = tr("The server's answer cannot be read: %1").arg(value.error().message);
            done(problem);
        });
}

void HttpAdminCalls::testConnection(
    const QUrl &url, const QString &token, QObject *context, ApiCallback<ServerInfo> done)
{
    m_caller.send(url, token, get(paths::kOverview), context,
        [url, hasToken = !token.isEmpty(), done = std::move(done)](const ApiResult<QJsonObject> &answer) {
            if (answer && answer->value("server"_L1).toObject().contains("version"_L1)) {
                done(ServerInfo::fromJson(answer->value("server"_L1).toObject()));
                return;
            }
            Problem problem;
            problem.status = 0;
            problem.code = u"not_gatehouse"_s;
            if (!answer)
                problem = answer.problem();
            if (answer || problem.status == 404 || problem.code == "not_gatehouse"_L1)
                problem.detail = tr("There is a web server at %1, but it is not a Gatehouse.").arg(url.authority());
            else if (problem.status == 401 && !hasToken)
                problem.detail
                    = tr("A token is needed. On the server, “gatehouse token --user me --role admin” makes one.");
            else if (problem.status == 403)
                problem.detail = tr("The token is valid, but it is not one of a viewer, operator or admin.");
            done(problem);
        });
}

void HttpAdminCalls::fetchOverview(QObject *context, ApiCallback<Overview> done)
{
    call<Overview>(get(paths::kOverview), context, std::move(done), &Overview::fromJson);
}

void HttpAdminCalls::fetchHistory(const std::vector<Metric> &metrics, UtcTime from, UtcTime to, int points,
    QObject *context, ApiCallback<HistoryReply> done)
{
    call<HistoryReply>(get(paths::kHistory, historyQuery(metrics, from, to, points)), context, std::move(done),
        &HistoryReply::fromJson);
}

void HttpAdminCalls::fetchNodeHistory(
    const QString &node, UtcTime from, UtcTime to, int points, QObject *context, ApiCallback<HistoryReply> done)
{
    QUrlQuery query = historyQuery({}, from, to, points);
    query.addQueryItem(u"node"_s, pathSegment(node));
    call<HistoryReply>(get(paths::kHistory, query), context, std::move(done), &HistoryReply::fromJson);
}

void HttpAdminCalls::fetchLimits(QObject *context, ApiCallback<LimitsDocument> done)
{
    call<LimitsDocument>(get(paths::kLimits), context, std::move(done), &LimitsDocument::fromJson);
}

void HttpAdminCalls::patchLimits(const std::vector<LimitPatch> &patches, qint64 revision, const QString &note,
    QObject *context, ApiCallback<LimitsDocument> done)
{
    QJsonObject body = noteBody(note);
    body.insert("limits"_L1, toJson(patches));
    HttpCall request = withBody("PATCH", paths::kLimits, body);
    request.ifMatch = u"\"%1\""_s.arg(revision);
    call<LimitsDocument>(request, context, std::move(done), &LimitsDocument::fromJson);
}

void HttpAdminCalls::fetchRevisions(const QString &cursor, QObject *context, ApiCallback<RevisionPage> done)
{
    QUrlQuery query;
    if (!cursor.isEmpty())
        query.addQueryItem(u"cursor"_s, pathSegment(cursor));
    call<RevisionPage>(get(paths::kRevisions, query), context, std::move(done), readRevisions);
}

void HttpAdminCalls::fetchDecisions(const DecisionQuery &query, QObject *context, ApiCallback<DecisionPage> done)
{
    call<DecisionPage>(get(paths::kDecisions, query.toQuery()), context, std::move(done), readDecisions);
}

void HttpAdminCalls::fetchTopOffenders(
    OffenderKind by, UtcTime from, UtcTime to, QObject *context, ApiCallback<TopOffenders> done)
{
    QUrlQuery query;
    query.addQueryItem(u"by"_s, offenderKindName(by));
    query.addQueryItem(u"from"_s, isoMillis(from));
    query.addQueryItem(u"to"_s, isoMillis(to));
    call<TopOffenders>(get(paths::kDecisionsTop, query), context, std::move(done), readOffenders);
}

void HttpAdminCalls::fetchConnections(const ConnectionQuery &query, QObject *context, ApiCallback<ConnectionPage> done)
{
    call<ConnectionPage>(get(paths::kConnections, query.toQuery()), context, std::move(done), readConnections);
}

void HttpAdminCalls::fetchConnection(const QString &id, QObject *context, ApiCallback<ConnectionInfo> done)
{
    HttpCall request;
    request.path = connectionPath(id);
    call<ConnectionInfo>(request, context, std::move(done),
        [](const QJsonObject &object) -> Result<ConnectionInfo> { return ConnectionInfo::fromJson(object); });
}

void HttpAdminCalls::kickConnection(const QString &id, QObject *context, ApiDone done)
{
    HttpCall request;
    request.method = "DELETE";
    request.path = connectionPath(id);
    call<std::monostate>(request, context, std::move(done), [](const QJsonObject &) { return ok(); });
}

void HttpAdminCalls::fetchAccess(const AccessQuery &query, QObject *context, ApiCallback<AccessRulePage> done)
{
    const QLatin1StringView member = query.list == AccessList::Bans ? "bans"_L1 : "exemptions"_L1;
    call<AccessRulePage>(get(pathOf(query.list), query.toQuery()), context, std::move(done),
        [member](const QJsonObject &object) -> Result<AccessRulePage> {
            if (!object.value(member).isArray())
                return Error{ u"the answer has no \"%1\""_s.arg(member), member };
            return AccessRulePage{ readKnown<AccessRule>(object.value(member)), object.value("total"_L1).toInteger(),
                object.value("next_cursor"_L1).toString() };
        });
}

void HttpAdminCalls::addAccess(const AccessDraft &draft, QObject *context, ApiCallback<AccessRule> done)
{
    call<AccessRule>(withBody("POST", pathOf(draft.list), draft.toJson()), context, std::move(done),
        [](const QJsonObject &object) { return required(AccessRule::fromJson(object), u"the rule lacks a part"_s); });
}

void HttpAdminCalls::liftAccess(AccessList list, const QString &id, QObject *context, ApiDone done)
{
    HttpCall request;
    request.method = "DELETE";
    request.path = u"%1/%2"_s.arg(pathOf(list), pathSegment(id));
    call<std::monostate>(request, context, std::move(done), [](const QJsonObject &) { return ok(); });
}

void HttpAdminCalls::fetchAlerts(QObject *context, ApiCallback<std::vector<Alert>> done)
{
    call<std::vector<Alert>>(
        get(paths::kAlerts), context, std::move(done), [](const QJsonObject &object) -> Result<std::vector<Alert>> {
            return readKnown<Alert>(object.value("alerts"_L1));
        });
}

void HttpAdminCalls::acknowledgeAlert(const QString &id, QObject *context, ApiCallback<Alert> done)
{
    call<Alert>(withBody("POST", u"%1/%2/ack"_s.arg(paths::kAlerts, pathSegment(id)), {}), context, std::move(done),
        [](const QJsonObject &object) {
            return required(Alert::fromJson(object), u"the alert has no id or no time"_s);
        });
}

void HttpAdminCalls::fetchAlertRules(QObject *context, ApiCallback<std::vector<AlertRule>> done)
{
    call<std::vector<AlertRule>>(get(paths::kAlertRules), context, std::move(done), readRules);
}

void HttpAdminCalls::putAlertRules(
    const std::vector<AlertRule> &rules, QObject *context, ApiCallback<std::vector<AlertRule>> done)
{
    QJsonArray array;
    for (const AlertRule &rule : rules)
        array.append(rule.toJson());
    call<std::vector<AlertRule>>(
        withBody("PUT", paths::kAlertRules, { { "rules"_L1, array } }), context, std::move(done), readRules);
}

void HttpAdminCalls::fetchNodes(QObject *context, ApiCallback<NodesReply> done)
{
    call<NodesReply>(get(paths::kNodes), context, std::move(done), &NodesReply::fromJson);
}

void HttpAdminCalls::forgetNode(const QString &name, QObject *context, ApiDone done)
{
    HttpCall request;
    request.method = "DELETE";
    request.path = u"%1/%2"_s.arg(paths::kNodes, pathSegment(name));
    call<std::monostate>(request, context, std::move(done), [](const QJsonObject &) { return ok(); });
}

void HttpAdminCalls::fetchSwitchChanges(QObject *context, ApiCallback<std::vector<SwitchChange>> done)
{
    QUrlQuery query;
    query.addQueryItem(u"action"_s, u"switch.set"_s);
    query.addQueryItem(u"limit"_s, u"1000"_s);
    call<std::vector<SwitchChange>>(get(paths::kAudit, query), context, std::move(done),
        [](const QJsonObject &object) -> Result<std::vector<SwitchChange>> {
            return readKnown<SwitchChange>(object.value("entries"_L1));
        });
}

void HttpAdminCalls::setSwitch(bool isEnabled, const QString &note, QObject *context, ApiCallback<bool> done)
{
    QJsonObject body = noteBody(note);
    body.insert("enabled"_L1, isEnabled);
    call<bool>(withBody("PUT", paths::kSwitch, body), context, std::move(done), readSwitch);
}

} // namespace gatehouse
