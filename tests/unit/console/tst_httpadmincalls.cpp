// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/httpadminclient.h"

#include <QtTest/QtTest>

#include "console/connection/calllog.h"
#include "tests/support/fakeadminserver.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// The typed calls of HttpAdminClient: what goes over the wire, and what comes of the answer.
class TestHttpAdminCalls : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void readsLimits();
    void patchesLimits();
    void tellsAConflict();
    void tellsEveryBadField();
    void listsRevisions();
    void listsDecisions();
    void listsTopOffenders();
    void listsConnections();
    void asksForOneConnection();
    void kicks();
    void listsBansAndExemptions();
    void bansAndLifts();
    void listsAndAcknowledgesAlerts();
    void editsAlertRules();
    void listsAndForgetsNodes();
    void turnsTheSwitch();
    void refusesAnswersItCannotRead_data();
    void refusesAnswersItCannotRead();
    void needsAServer();
    void forgetsACallerThatIsGone();
    void cancelsCallsOnDisconnect();
    void keepsThePrefixOfAProxy();
    void testsAConnection();
    void testNamesWhatIsWrong_data();
    void testNamesWhatIsWrong();
    void recordsCallsAsCurl();

private:
    /// Keeps the answer of one call.
    template <typename T> [[nodiscard]] ApiCallback<T> keep(std::optional<ApiResult<T>> &answer)
    {
        return [&answer](const ApiResult<T> &result) { answer = result; };
    }
    [[nodiscard]] const FakeAdminServer::Request &lastRequest() const { return m_server->requests.back(); }
    [[nodiscard]] QJsonObject lastBody() const { return QJsonDocument::fromJson(lastRequest().body).object(); }

    FakeClock m_clock;
    std::unique_ptr<FakeAdminServer> m_server;
    std::unique_ptr<HttpAdminClient> m_client;
};

namespace {

constexpr UtcTime kStart{ 1'762'776'000s };

LimitsDocument document()
{
    LimitsDocument result;
    result.revision = 8;
    LimitState state;
    state.key = u"max_connections_per_ip"_s;
    state.value = 10;
    state.minimum = 1;
    state.maximum = 100;
    result.limits = { state };
    return result;
}

} // namespace

void TestHttpAdminCalls::init()
{
    m_server = std::make_unique<FakeAdminServer>();
    QVERIFY(m_server->start());
    m_client = std::make_unique<HttpAdminClient>(m_clock, ReconnectPolicy([] { return 0.0; }));
    m_client->connectToServer(m_server->url(), u"good-token"_s);
    QTRY_COMPARE(m_client->status().state, ConnectionState::Live);
    QTRY_COMPARE(m_server->requestsFor(paths::kHistory).size(), 2u);
}

void TestHttpAdminCalls::cleanup()
{
    m_client.reset();
    m_server.reset();
}

void TestHttpAdminCalls::readsLimits()
{
    m_server->setJson("GET", paths::kLimits, document().toJson());
    std::optional<ApiResult<LimitsDocument>> answer;
    m_client->fetchLimits(this, keep(answer));
    QVERIFY(!answer); // never within the call
    QTRY_VERIFY(answer);
    QVERIFY(answer->isOk());
    QCOMPARE((*answer)->revision, 8);
    QCOMPARE((*answer)->limits[0].value, 10);
    QCOMPARE(lastRequest().headers.value("authorization"), QByteArray("Bearer good-token"));
}

void TestHttpAdminCalls::patchesLimits()
{
    m_server->setJson("PATCH", paths::kLimits, document().toJson());
    std::optional<ApiResult<LimitsDocument>> answer;
    m_client->patchLimits(
        { { u"max_connections_per_ip"_s, 10, LimitMode::Observe } }, 7, u"วันเปิดตัว"_s, this, keep(answer));
    QTRY_VERIFY(answer);
    QVERIFY(answer->isOk());
    QCOMPARE(lastRequest().method, QByteArray("PATCH"));
    QCOMPARE(lastRequest().headers.value("if-match"), QByteArray("\"7\""));
    QCOMPARE(lastRequest().headers.value("content-type"), QByteArray("application/json"));
    QCOMPARE(lastBody().value("note"_L1).toString(), u"วันเปิดตัว"_s);
    const QJsonObject expected{ { "value"_L1, 10 }, { "mode"_L1, "observe"_L1 } };
    QCOMPARE(lastBody().value("limits"_L1).toObject().value("max_connections_per_ip"_L1).toObject(), expected);
}

void TestHttpAdminCalls::tellsAConflict()
{
    Problem problem;
    problem.status = 412;
    problem.code = u"revision_conflict"_s;
    problem.detail = u"the limits are at revision 9"_s;
    m_server->setProblem("PATCH", paths::kLimits, problem);
    std::optional<ApiResult<LimitsDocument>> answer;
    m_client->patchLimits({}, 7, {}, this, keep(answer));
    QTRY_VERIFY(answer);
    QVERIFY(!answer->isOk());
    QCOMPARE(answer->problem().status, 412);
    QCOMPARE(answer->problem().code, u"revision_conflict"_s);
    QVERIFY(!lastBody().contains("note"_L1));
}

void TestHttpAdminCalls::tellsEveryBadField()
{
    Problem problem;
    problem.status = 422;
    problem.code = u"invalid_limits"_s;
    problem.fields = { { u"must be from 1 to 100"_s, u"a"_s }, { u"there is no limit named b"_s, u"b"_s } };
    m_server->setProblem("PATCH", paths::kLimits, problem);
    std::optional<ApiResult<LimitsDocument>> answer;
    m_client->patchLimits({}, 7, {}, this, keep(answer));
    QTRY_VERIFY(answer);
    QCOMPARE(answer->problem().fields.size(), 2u);
    QCOMPARE(answer->problem().fields[1].field, u"b"_s);
}

void TestHttpAdminCalls::listsRevisions()
{
    Revision revision;
    revision.revision = 3;
    revision.at = kStart;
    m_server->setJson("GET", paths::kRevisions,
        { { "revisions"_L1, QJsonArray{ revision.toJson() } }, { "next_cursor"_L1, "c+2"_L1 } });
    std::optional<ApiResult<RevisionPage>> page;
    m_client->fetchRevisions({}, this, keep(page));
    QTRY_VERIFY(page);
    QCOMPARE((*page)->revisions.at(0).revision, 3);
    QCOMPARE((*page)->nextCursor, u"c+2"_s);
    page.reset();
    m_client->fetchRevisions(u"c+2"_s, this, keep(page));
    QTRY_VERIFY(page);
    QVERIFY(lastRequest().target.endsWith("?cursor=c%2B2"));
}

void TestHttpAdminCalls::listsDecisions()
{
    Decision decision;
    decision.id = u"D1"_s;
    decision.at = kStart;
    QJsonObject unknown = decision.toJson();
    unknown.insert("guard"_L1, "moat"_L1);
    m_server->setJson("GET", paths::kDecisions,
        { { "decisions"_L1, QJsonArray{ decision.toJson(), unknown } }, { "next_cursor"_L1, QJsonValue() },
            { "total"_L1, 2041 }, { "total_is"_L1, "sample"_L1 }, { "not_stored"_L1, 88'000 } });
    std::optional<ApiResult<DecisionPage>> page;
    DecisionQuery query;
    query.address = u"2001:db8::/64"_s;
    query.origin = u"https://a.example"_s;
    query.filter = u"50 %"_s;
    m_client->fetchDecisions(query, this, keep(page));
    QTRY_VERIFY(page);
    QCOMPARE((*page)->decisions.size(), 1u);
    QVERIFY((*page)->nextCursor.isEmpty());
    QCOMPARE((*page)->total, 2041);
    QCOMPARE((*page)->notStored, 88'000);
    QVERIFY(
        lastRequest().target.contains("address=2001%3Adb8%3A%3A%2F64&origin=https%3A%2F%2Fa.example&filter=50%20%25"));
}

void TestHttpAdminCalls::listsTopOffenders()
{
    m_server->setJson("GET", paths::kDecisionsTop,
        { { "by"_L1, "user"_L1 }, { "top"_L1, QJsonArray{ QJsonObject{ { "value"_L1, "42"_L1 }, { "count"_L1, 9 } } } },
            { "total"_L1, 90'100 }, { "total_is"_L1, "sample"_L1 } });
    std::optional<ApiResult<TopOffenders>> answer;
    m_client->fetchTopOffenders(OffenderKind::User, kStart, kStart + 1h, this, keep(answer));
    QTRY_VERIFY(answer);
    QCOMPARE(answer->value().top, (std::vector<TopOffender>{ { u"42"_s, 9 } }));
    QCOMPARE(answer->value().total, 90'100);
    QVERIFY(answer->value().isSample);
    QVERIFY(lastRequest().target.contains("by=user&from=2025-11-10T12:00:00.000Z&to=2025-11-10T13:00:00.000Z"));
}

void TestHttpAdminCalls::listsConnections()
{
    ConnectionInfo info;
    info.id = u"C1"_s;
    info.user = u"42"_s;
    m_server->setJson("GET", paths::kConnections,
        { { "connections"_L1, QJsonArray{ info.toJson() } }, { "total"_L1, 100'000 }, { "next_cursor"_L1, "n"_L1 } });
    std::optional<ApiResult<ConnectionPage>> page;
    ConnectionQuery query;
    query.filter = u"a b"_s;
    query.sort = u"user"_s;
    query.isDescending = true;
    m_client->fetchConnections(query, this, keep(page));
    QTRY_VERIFY(page);
    QCOMPARE((*page)->connections.at(0).user, u"42"_s);
    QCOMPARE((*page)->total, 100'000);
    QCOMPARE((*page)->nextCursor, u"n"_s);
    QVERIFY(lastRequest().target.endsWith("?filter=a%20b&sort=-user&limit=1000"));
}

void TestHttpAdminCalls::asksForOneConnection()
{
    ConnectionInfo info;
    info.id = u"C1"_s;
    info.user = u"42"_s;
    m_server->setJson("GET", u"/api/admin/v1/connections/C1"_s, info.toJson());
    std::optional<ApiResult<ConnectionInfo>> answer;
    m_client->fetchConnection(u"C1"_s, this, keep(answer));
    QTRY_VERIFY(answer);
    QCOMPARE((*answer)->user, u"42"_s);
    answer.reset();
    m_client->fetchConnection(u"gone/../x"_s, this, keep(answer));
    QTRY_VERIFY(answer);
    QCOMPARE(answer->problem().status, 404);
    QVERIFY(lastRequest().target.endsWith("/connections/gone%2F..%2Fx"));
}

void TestHttpAdminCalls::kicks()
{
    m_server->set("DELETE", u"/api/admin/v1/connections/C1"_s, { 204, {}, {}, {}, false, false });
    std::optional<ApiResult<std::monostate>> answer;
    m_client->kickConnection(u"C1"_s, this, keep(answer));
    QTRY_VERIFY(answer);
    QVERIFY(answer->isOk());
    answer.reset();
    m_client->kickConnection(u"gone/../x"_s, this, keep(answer));
    QTRY_VERIFY(answer);
    QCOMPARE(answer->problem().status, 404);
    QVERIFY(lastRequest().target.endsWith("/connections/gone%2F..%2Fx"));
}

void TestHttpAdminCalls::listsBansAndExemptions()
{
    AccessRule rule;
    rule.id = u"B1"_s;
    rule.value = u"203.0.113.7"_s;
    rule.createdAt = kStart;
    QJsonObject ofAnotherVersion = rule.toJson();
    ofAnotherVersion.insert("kind"_L1, "phase_of_the_moon"_L1);
    m_server->setJson("GET", paths::kBans,
        { { "bans"_L1, QJsonArray{ rule.toJson(), ofAnotherVersion } }, { "total"_L1, 7 },
            { "next_cursor"_L1, "B1"_L1 } });
    std::optional<ApiResult<AccessRulePage>> page;
    AccessQuery query;
    query.filter = u"a+b"_s;
    query.cursor = u"B9"_s;
    m_client->fetchAccess(query, this, keep(page));
    QTRY_VERIFY(page);
    QCOMPARE((*page)->rules, std::vector{ rule });
    QCOMPARE((*page)->total, 7);
    QCOMPARE((*page)->nextCursor, u"B1"_s);
    QVERIFY(lastRequest().target.endsWith("/bans?filter=a%2Bb&cursor=B9&limit=500"));
    page.reset();
    query.list = AccessList::Exemptions;
    m_server->setJson("GET", paths::kExemptions, { { "bans"_L1, QJsonArray() } });
    m_client->fetchAccess(query, this, keep(page));
    QTRY_VERIFY(page);
    QCOMPARE(page->problem().code, u"bad_answer"_s); // of the other list
}

void TestHttpAdminCalls::bansAndLifts()
{
    AccessRule rule;
    rule.id = u"B1"_s;
    rule.kind = AccessKind::User;
    rule.value = u"42"_s;
    rule.createdAt = kStart;
    m_server->setJson("POST", paths::kBans, rule.toJson());
    std::optional<ApiResult<AccessRule>> made;
    AccessDraft draft;
    draft.kind = AccessKind::User;
    draft.value = u"42"_s;
    m_client->addAccess(draft, this, keep(made));
    QTRY_VERIFY(made);
    QCOMPARE(made->value(), rule);
    const auto sent = [this] { return QJsonDocument::fromJson(lastRequest().body).object(); };
    QCOMPARE(sent(), (QJsonObject{ { "kind"_L1, "user"_L1 }, { "value"_L1, "42"_L1 } }));
    draft.isOfTokensSoFar = true;
    draft.lifetime = 1h;
    draft.reason = u"r"_s;
    draft.note = u"n"_s;
    draft.isForced = true;
    made.reset();
    m_client->addAccess(draft, this, keep(made));
    QTRY_VERIFY(made);
    QCOMPARE(sent(),
        (QJsonObject{ { "kind"_L1, "user"_L1 }, { "value"_L1, "42"_L1 }, { "issued_before"_L1, "now"_L1 },
            { "expires_in"_L1, "3600s"_L1 }, { "reason"_L1, "r"_L1 }, { "note"_L1, "n"_L1 }, { "force"_L1, true } }));
    m_server->set("DELETE", u"/api/admin/v1/exemptions/B1"_s, { 204, {}, {}, {}, false, false });
    std::optional<ApiResult<std::monostate>> lifted;
    m_client->liftAccess(AccessList::Exemptions, u"B1"_s, this, keep(lifted));
    QTRY_VERIFY(lifted);
    QVERIFY(lifted->isOk());
}

void TestHttpAdminCalls::listsAndAcknowledgesAlerts()
{
    Alert alert;
    alert.id = u"A1"_s;
    alert.raisedAt = kStart;
    m_server->setJson("GET", paths::kAlerts, { { "alerts"_L1, QJsonArray{ alert.toJson() } } });
    std::optional<ApiResult<std::vector<Alert>>> alerts;
    m_client->fetchAlerts(this, keep(alerts));
    QTRY_VERIFY(alerts);
    QCOMPARE(alerts->value().size(), 1u);
    alert.acknowledgedAt = kStart + 1s;
    m_server->setJson("POST", u"/api/admin/v1/alerts/A1/ack"_s, alert.toJson());
    std::optional<ApiResult<Alert>> acknowledged;
    m_client->acknowledgeAlert(u"A1"_s, this, keep(acknowledged));
    QTRY_VERIFY(acknowledged);
    QVERIFY((*acknowledged)->acknowledgedAt);
}

void TestHttpAdminCalls::editsAlertRules()
{
    const AlertRule rule{ u"errors"_s, u"Errors"_s, u"errors"_s, {}, 10, 5, 30s, true };
    const QJsonObject json{ { "rules"_L1, QJsonArray{ rule.toJson() } } };
    m_server->setJson("GET", paths::kAlertRules, json);
    m_server->setJson("PUT", paths::kAlertRules, json);
    std::optional<ApiResult<std::vector<AlertRule>>> rules;
    m_client->fetchAlertRules(this, keep(rules));
    QTRY_VERIFY(rules);
    QCOMPARE(rules->value().at(0).raiseAbove, 10.0);
    rules.reset();
    m_client->putAlertRules({ rule }, this, keep(rules));
    QTRY_VERIFY(rules);
    QVERIFY(rules->isOk());
    QCOMPARE(lastBody(), json);
}

void TestHttpAdminCalls::listsAndForgetsNodes()
{
    NodesReply reply;
    reply.nodes.resize(2);
    reply.nodes[0].name = u"a:1"_s;
    reply.nodes[0].startedAt = kStart;
    reply.nodes[1].name = u"b"_s;
    reply.nodes[1].startedAt = kStart;
    reply.nodes[1].state = NodeState::Lost;
    reply.nodes[1].age = 7s;
    reply.redis = RedisState{ false, u"10.0.0.5:6379"_s, u"connection refused"_s, kStart };
    m_server->setJson("GET", paths::kNodes, reply.toJson());
    std::optional<ApiResult<NodesReply>> answer;
    m_client->fetchNodes(this, keep(answer));
    QTRY_VERIFY(answer);
    QVERIFY(answer->isOk());
    QCOMPARE((*answer)->nodes.size(), 2U);
    QCOMPARE((*answer)->nodes[1].state, NodeState::Lost);
    QCOMPARE((*answer)->nodes[1].age, std::optional<std::chrono::milliseconds>(7s));
    QCOMPARE((*answer)->redis->detail, u"connection refused"_s);
    answer.reset();
    m_server->setJson("GET", paths::kNodes, { { "nodes"_L1, QJsonArray{ QJsonObject{ { "name"_L1, "x"_L1 } } } } });
    m_client->fetchNodes(this, keep(answer));
    QTRY_VERIFY(answer);
    QCOMPARE(answer->problem().code, u"bad_answer"_s);

    std::optional<ApiResult<HistoryReply>> history;
    m_client->fetchNodeHistory(u"a:1"_s, kStart, kStart + 1min, 60, this, keep(history));
    QTRY_VERIFY(history);
    QVERIFY(history->isOk());
    QVERIFY2(
        lastRequest().target.endsWith("&points=60&node=a:1") || lastRequest().target.endsWith("&points=60&node=a%3A1"),
        lastRequest().target.constData());

    m_server->set("DELETE", u"/api/admin/v1/nodes/a%3A1"_s, { 204, {}, {}, {}, false, false });
    std::optional<ApiResult<std::monostate>> forgotten;
    m_client->forgetNode(u"a:1"_s, this, keep(forgotten));
    QTRY_VERIFY(forgotten);
    QVERIFY(forgotten->isOk());
    QCOMPARE(lastRequest().method, "DELETE");
}

void TestHttpAdminCalls::turnsTheSwitch()
{
    m_server->setJson("PUT", paths::kSwitch, { { "enabled"_L1, false } });
    std::optional<ApiResult<bool>> answer;
    m_client->setSwitch(false, u"rollback"_s, this, keep(answer));
    QTRY_VERIFY(answer);
    QCOMPARE(answer->value(), false);
    QCOMPARE(lastBody(), (QJsonObject{ { "enabled"_L1, false }, { "note"_L1, "rollback"_L1 } }));
}

void TestHttpAdminCalls::refusesAnswersItCannotRead_data()
{
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<QString>("code");
    QTest::newRow("truncated") << QByteArray(R"({"revision":8,"limits":[)") << u"bad_answer"_s;
    QTest::newRow("another shape") << QByteArray("{}") << u"bad_answer"_s;
    QTest::newRow("bounds the wrong way round")
        << QByteArray(R"({"revision":8,"limits":[{"key":"a","min":5,"max":1}]})") << u"bad_answer"_s;
    QTest::newRow("empty") << QByteArray() << u"bad_answer"_s;
}

void TestHttpAdminCalls::refusesAnswersItCannotRead()
{
    QFETCH(QByteArray, body);
    QFETCH(QString, code);
    m_server->set("GET", paths::kLimits, { 200, body, "application/json", {}, false, false });
    std::optional<ApiResult<LimitsDocument>> answer;
    m_client->fetchLimits(this, keep(answer));
    QTRY_VERIFY(answer);
    QVERIFY(!answer->isOk());
    QCOMPARE(answer->problem().status, 0);
    QCOMPARE(answer->problem().code, code);
    QVERIFY(!answer->problem().detail.isEmpty());
}

void TestHttpAdminCalls::needsAServer()
{
    HttpAdminClient client(m_clock, ReconnectPolicy([] { return 0.0; }));
    std::optional<ApiResult<LimitsDocument>> answer;
    client.fetchLimits(this, keep(answer));
    QVERIFY(!answer);
    QTRY_VERIFY(answer);
    QCOMPARE(answer->problem().code, u"not_connected"_s);
}

void TestHttpAdminCalls::forgetsACallerThatIsGone()
{
    m_server->setJson("GET", paths::kLimits, document().toJson());
    auto context = std::make_unique<QObject>();
    bool isCalled = false;
    m_client->fetchLimits(context.get(), [&](const ApiResult<LimitsDocument> &) { isCalled = true; });
    context.reset();
    std::optional<ApiResult<LimitsDocument>> later;
    m_client->fetchLimits(this, keep(later));
    QTRY_VERIFY(later);
    QVERIFY(!isCalled);
}

void TestHttpAdminCalls::cancelsCallsOnDisconnect()
{
    FakeAdminServer::Answer silent;
    silent.isSilent = true;
    m_server->set("GET", paths::kLimits, silent);
    std::optional<ApiResult<LimitsDocument>> answer;
    m_client->fetchLimits(this, keep(answer));
    QTRY_COMPARE(m_server->requestsFor(paths::kLimits).size(), 1u);
    m_client->disconnectFromServer();
    QTRY_VERIFY(answer);
    QCOMPARE(answer->problem().code, u"cancelled"_s);
}

void TestHttpAdminCalls::keepsThePrefixOfAProxy()
{
    const QUrl server(u"https://example.org/gate/"_s);
    QCOMPARE(apiUrl(server, paths::kLimits).toString(), u"https://example.org/gate/api/admin/v1/limits"_s);
    QCOMPARE(apiUrl(QUrl(u"http://127.0.0.1:8080"_s), paths::kHealth).toString(), u"http://127.0.0.1:8080/healthz"_s);
}

void TestHttpAdminCalls::testsAConnection()
{
    FakeAdminServer other;
    other.token = "other-token";
    QVERIFY(other.start());
    std::optional<ApiResult<ServerInfo>> answer;
    m_client->testConnection(other.url(), u"other-token"_s, this, keep(answer));
    QTRY_VERIFY(answer);
    QVERIFY(answer->isOk());
    QCOMPARE((*answer)->version, u"9.9.9"_s);
    QCOMPARE((*answer)->role, u"admin"_s);
    // The connection there is goes on undisturbed.
    QCOMPARE(m_client->status().state, ConnectionState::Live);
    QCOMPARE(m_client->url(), m_server->url());
}

void TestHttpAdminCalls::testNamesWhatIsWrong_data()
{
    QTest::addColumn<FakeAdminServer::Answer>("answer");
    QTest::addColumn<QString>("scheme");
    QTest::addColumn<QString>("token");
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("text");
    const FakeAdminServer::Answer fine;
    const FakeAdminServer::Answer page{ 200, "<html>It works!</html>", "text/html", {}, false, false };
    const FakeAdminServer::Answer missing{ 404, "<html>404</html>", "text/html", {}, false, false };
    const FakeAdminServer::Answer json{ 200, R"({"hello":"world"})", "application/json", {}, false, false };
    const FakeAdminServer::Answer forbidden{ 403, R"({"code":"forbidden","title":"Forbidden","detail":"role"})",
        "application/problem+json", {}, false, false };
    QTest::newRow("a web page") << page << u"http"_s << u"good-token"_s << 0 << u"not the JSON of a Gatehouse"_s;
    QTest::newRow("a web server without it")
        << missing << u"http"_s << u"good-token"_s << 404 << u"it is not a Gatehouse"_s;
    QTest::newRow("another JSON service") << json << u"http"_s << u"good-token"_s << 0 << u"it is not a Gatehouse"_s;
    QTest::newRow("a wrong token") << fine << u"http"_s << u"bad-token"_s << 401 << u"the signature is wrong"_s;
    QTest::newRow("no token") << fine << u"http"_s << QString() << 401 << u"A token is needed"_s;
    QTest::newRow("no administrator's token")
        << forbidden << u"http"_s << u"good-token"_s << 403 << u"not one of a viewer"_s;
    QTest::newRow("TLS where there is none") << fine << u"https"_s << u"good-token"_s << 0 << u"127.0.0.1"_s;
}

void TestHttpAdminCalls::testNamesWhatIsWrong()
{
    QFETCH(FakeAdminServer::Answer, answer);
    QFETCH(QString, scheme);
    QFETCH(QString, token);
    QFETCH(int, status);
    QFETCH(QString, text);
    FakeAdminServer other;
    other.set("GET", paths::kOverview, answer);
    QVERIFY(other.start());
    QUrl url = other.url();
    url.setScheme(scheme);
    std::optional<ApiResult<ServerInfo>> result;
    m_client->testConnection(url, token, this, keep(result));
    QTRY_VERIFY(result);
    QVERIFY(!result->isOk());
    QCOMPARE(result->problem().status, status);
    QVERIFY2(result->problem().detail.contains(text), qPrintable(result->problem().detail));
    // And with nobody there at all.
    other.stop();
    url.setPort(1);
    url.setScheme(u"http"_s);
    result.reset();
    m_client->testConnection(url, token, this, keep(result));
    QTRY_VERIFY(result);
    QVERIFY(result->problem().detail.contains(u"connection refused"_s));
}

void TestHttpAdminCalls::recordsCallsAsCurl()
{
    m_server->setJson("PATCH", paths::kLimits, document().toJson());
    std::optional<ApiResult<LimitsDocument>> answer;
    m_client->patchLimits({ { u"a"_s, 1, std::nullopt } }, 7, {}, this, keep(answer));
    QTRY_VERIFY(answer);
    const CallRecord &call = m_client->callLog()->at(0);
    QCOMPARE(call.method, u"PATCH"_s);
    QCOMPARE(call.path, QString(paths::kLimits));
    QCOMPARE(call.status, 200);
    QVERIFY(call.error.isEmpty());
    QVERIFY(call.curl.contains(u"-H 'If-Match: \"7\"'"_s));
    QVERIFY(call.curl.contains(u"{\"limits\":{\"a\":{\"value\":1}}}"_s));
    QVERIFY(!call.curl.contains(u"good-token"_s));
}

QTEST_GUILESS_MAIN(TestHttpAdminCalls)
#include "tst_httpadmincalls.moc"
