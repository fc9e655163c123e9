// SPDX-License-Identifier: GPL-3.0-or-later
// Every route of the table, judged as the router does, over the real parts with a fake channel.
#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QTimeZone>
#include <QtTest/QTest>

#include "server/admin/adminapi.h"
#include "server/admin/adminauth.h"
#include "tests/support/fakechannel.h"
#include "tests/support/fakeclock.h"
#include "tests/support/recordinglog.h"
#include "tests/support/storefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

/// Takes the name of a role for a token of it; "user" is somebody without any.
class RoleVerifier final : public TokenVerifier
{
public:
    [[nodiscard]] TokenVerdict verify(QByteArrayView token, UtcTime) const override
    {
        if (token.isEmpty())
            return TokenRefusal { Reason::TokenMissing, u"no token"_s };
        const std::optional<Role> role = parseRole(QString::fromUtf8(token));
        if (!role && token != "user")
            return TokenRefusal { Reason::TokenInvalid, u"bad token"_s };
        return Identity { u"someone"_s, role.value_or(Role::None) };
    }
};

struct Fixture
{
    FakeClock clock;
    RecordingLog log;
    RoleVerifier verifier;
    FakeChannel channel;
    QObject anchor;
    StoreFixture state { { &LimitStore::createTables, &AuditLog::createTables, &DecisionArchive::createTables,
        &MetricsArchive::createTables, &AlertService::createTables } };
    AdminAuth auth { verifier, clock };
    LimitStore limits { state.store(), clock, anchor };
    AuditLog audit { state.store(), anchor };
    DecisionArchive decisionArchive { state.store(), 30 };
    DecisionLog decisions { clock, log, decisionArchive };
    MetricsArchive metricsArchive { state.store(), log, 30 };
    History history;
    AlertEngine alertEngine { clock, UlidGenerator::systemEntropy() };
    AlertWebhook webhook { QUrl(), log };
    AlertService alerts { alertEngine, state.store(), log, webhook };
    Aggregator aggregator { clock, QTimeZone("UTC"), {} };
    Readiness readiness;
    LatencyHistogram times;
    std::unique_ptr<AdminApi> api;

    Fixture()
    {
        const Status loaded = limits.load({ LimitSet(), {}, true });
        if (!loaded)
            qFatal("%s", qPrintable(loaded.error().message));
        limits.setApplyToWorkers([](LimitSnapshotPtr, std::function<void()> done) { done(); });
        api = std::make_unique<AdminApi>(AdminDependencies { clock, auth, aggregator, history, metricsArchive, decisions, alerts,
            channel, limits, audit,
            [](const QByteArray &, const QByteArray &, const Identity &, Responder done) { done(HttpResponse::json({}, 202)); },
            [this] { return readiness; }, times, times, times });
    }

    HttpResponse ask(const QByteArray &method, const QByteArray &path, const QByteArray &token = "admin",
        const QByteArray &body = {}, std::vector<std::pair<QByteArray, QByteArray>> headers = {})
    {
        HttpRequest request;
        request.method = method;
        request.path = path;
        request.body = body;
        request.client = IpAddress::fromIpv4(0x0a000001);
        request.headers = std::move(headers);
        request.headers.emplace_back("host", "gatehouse.example");
        if (!token.isEmpty())
            request.headers.emplace_back("authorization", "Bearer " + token);
        return awaitCallback<HttpResponse>([&](auto done) { api->handle(request, done); });
    }

    /// A path that fits a pattern.
    static QByteArray pathOf(const Route &route)
    {
        QByteArray path(route.pattern.data(), route.pattern.size());
        return path.replace("{n}", "1").replace("{id}", "0-1");
    }
};

QString codeOf(const HttpResponse &response)
{
    return QJsonDocument::fromJson(response.body).object().value("code"_L1).toString();
}

QByteArray headerOf(const HttpResponse &response, const QByteArray &name)
{
    for (const auto &[key, value] : response.headers) {
        if (key == name)
            return value;
    }
    return {};
}

} // namespace

class TestAdminApi : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyRouteAsksForItsRole()
    {
        Fixture fixture;
        QVERIFY(fixture.api->routes().size() > 20);
        for (const Route &route : fixture.api->routes()) {
            const QByteArray path = Fixture::pathOf(route);
            if (!route.needed) {
                QVERIFY2(fixture.ask(route.method, path, {}).status == 200, path.constData());
                continue;
            }
            const HttpResponse nobody = fixture.ask(route.method, path, {});
            QVERIFY2(nobody.status == 401, path.constData());
            QCOMPARE(headerOf(nobody, "WWW-Authenticate"), "Bearer");
            QVERIFY(QJsonDocument::fromJson(nobody.body).object().contains("detail"_L1));
            for (const char *weak : { "user", "viewer", "publisher", "operator", "admin" }) {
                const Role held = parseRole(QString::fromLatin1(weak)).value_or(Role::None);
                const int status = fixture.ask(route.method, path, weak).status;
                QVERIFY2(allows(held, *route.needed) == (status != 403), QByteArray(path + ' ' + weak).constData());
            }
        }
    }

    void everyPathRefusesOtherMethods()
    {
        Fixture fixture;
        for (const Route &route : fixture.api->routes()) {
            const HttpResponse response = fixture.ask("TRACE", Fixture::pathOf(route));
            QCOMPARE(response.status, 405);
            QVERIFY2(headerOf(response, "Allow").contains(route.method), route.pattern.data());
        }
    }

    void findsPaths_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<int>("status");
        QTest::newRow("guide, slash") << QByteArray("/api/monitoring/websocket/metrics/") << 200;
        QTest::newRow("guide, no slash") << QByteArray("/api/monitoring/websocket/metrics") << 200;
        QTest::newRow("unknown") << QByteArray("/api/admin/v1/lemons") << 404;
        QTest::newRow("too short") << QByteArray("/api/admin/v1") << 404;
        QTest::newRow("too long") << QByteArray("/api/admin/v1/limits/x") << 404;
        QTest::newRow("root") << QByteArray("/") << 404;
        QTest::newRow("two slashes") << QByteArray("//api/admin/v1/limits") << 404;
        QTest::newRow("another case") << QByteArray("/API/admin/v1/limits") << 404;
        QTest::newRow("no such connection") << QByteArray("/api/admin/v1/connections/%2e%2e%2f") << 404;
    }
    void findsPaths()
    {
        QFETCH(QByteArray, path);
        QFETCH(int, status);
        Fixture fixture;
        QCOMPARE(fixture.ask("GET", path).status, status);
        QCOMPARE(fixture.ask("HEAD", path).status, status);
    }

    void refusesPagesOfOtherHosts()
    {
        Fixture fixture;
        const auto status = [&fixture](const QByteArray &origin) {
            return fixture.ask("GET", "/api/admin/v1/limits", "admin", {}, { { "origin", origin } }).status;
        };
        QCOMPARE(status("https://evil.example"), 403);
        QCOMPARE(status("null"), 403);
        QCOMPARE(status("https://gatehouse.example.evil.org"), 403);
        QCOMPARE(status("https://gatehouse.example"), 200);
    }

    void stopsGuessing()
    {
        Fixture fixture;
        for (int i = 0; i < AdminAuth::kMaxFailuresPerMinute; ++i)
            QCOMPARE(fixture.ask("GET", "/api/admin/v1/limits", "guess").status, 401);
        const HttpResponse refused = fixture.ask("GET", "/api/admin/v1/limits", "guess");
        QCOMPARE(refused.status, 429);
        QVERIFY(headerOf(refused, "Retry-After").toInt() > 0);
        QCOMPARE(fixture.ask("GET", "/api/admin/v1/limits", {}).status, 401); // a missing token guesses nothing
        fixture.clock.advance(std::chrono::minutes(1));
        QCOMPARE(fixture.ask("GET", "/api/admin/v1/limits", "guess").status, 401);
    }

    void editsLimitsOnlyFromTheRevisionSeen()
    {
        Fixture fixture;
        const QByteArray path = "/api/admin/v1/limits";
        const QByteArray edit = R"({"limits":{"max_connections_per_ip":10},"note":"launch day"})";
        const QByteArray tag = headerOf(fixture.ask("GET", path), "ETag");
        QCOMPARE(codeOf(fixture.ask("PATCH", path, "operator", edit)), u"precondition_required"_s);
        const HttpResponse applied = fixture.ask("PATCH", path, "operator", edit, { { "if-match", tag } });
        QCOMPARE(applied.status, 200);
        QCOMPARE(fixture.limits.snapshot()->limits[LimitKey::MaxConnectionsPerIp].value, 10);
        QVERIFY(headerOf(applied, "ETag") != tag);
        QCOMPARE(fixture.ask("PATCH", path, "operator", edit, { { "if-match", tag } }).status, 412);
        const HttpResponse audit = fixture.ask("GET", "/api/admin/v1/audit");
        QVERIFY(audit.body.contains("launch day"));
    }

    void namesEveryBadLimit()
    {
        Fixture fixture;
        const QByteArray edit = R"({"limits":{"max_connections_per_ip":0,"lemons":1,"max_connections":{"mode":"maybe"}}})";
        const HttpResponse response
            = fixture.ask("PATCH", "/api/admin/v1/limits", "operator", edit, { { "if-match", "*" } });
        QCOMPARE(response.status, 422);
        QCOMPARE(QJsonDocument::fromJson(response.body).object().value("errors"_L1).toArray().size(), 3);
        QCOMPARE(fixture.limits.revision(), 0);
    }

    void refusesBadBodies_data()
    {
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("body");
        const auto row = [](const char *name, const char *method, const char *path, const QByteArray &body) {
            QTest::newRow(name) << QByteArray(method) << QByteArray("/api/admin/v1/").append(path) << body;
        };
        row("no JSON", "PATCH", "limits", "hello");
        row("an array", "PATCH", "limits", "[]");
        row("no limits", "PATCH", "limits", "{}");
        row("limits a number", "PATCH", "limits", R"({"limits":5})");
        row("note too long", "PATCH", "limits", R"({"limits":{},"note":")" + QByteArray(501, 'n') + R"("})");
        row("nested", "PATCH", "limits", QByteArray(1000, '['));
        row("switch without state", "PUT", "switch", "{}");
        row("switch a text", "PUT", "switch", R"({"enabled":"yes"})");
        row("rules no list", "PUT", "alerts/rules", R"({"rules":5})");
    }
    void refusesBadBodies()
    {
        QFETCH(QByteArray, method);
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, body);
        Fixture fixture;
        const HttpResponse response = fixture.ask(method, path, "admin", body, { { "if-match", "*" } });
        QCOMPARE(response.status, 400);
        QVERIFY(!QJsonDocument::fromJson(response.body).object().value("detail"_L1).toString().isEmpty());
        QCOMPARE(fixture.limits.revision(), 0);
        QVERIFY(fixture.limits.snapshot()->isGuarding);
    }

    void saysWhyItIsNotReady()
    {
        Fixture fixture;
        QCOMPARE(fixture.ask("GET", "/readyz", {}).status, 200);
        fixture.readiness = { false, u"draining"_s };
        const HttpResponse response = fixture.ask("GET", "/readyz", {});
        QCOMPARE(response.status, 503);
        QVERIFY(response.body.contains("draining"));
        QCOMPARE(fixture.ask("GET", "/healthz", {}).status, 200);
    }

    void acknowledgesAnAlert()
    {
        Fixture fixture;
        for (int i = 0; i < 20; ++i) {
            fixture.clock.advance(std::chrono::seconds(1));
            fixture.alerts.evaluate({ 99, 0, 0 });
        }
        const QString id = fixture.alerts.alerts(true).at(0).id;
        const HttpResponse response
            = fixture.ask("POST", "/api/admin/v1/alerts/" + id.toLatin1() + "/ack", "operator");
        QCOMPARE(response.status, 200);
        QCOMPARE(fixture.alerts.alerts(true).at(0).acknowledgedBy, u"someone"_s);
        QCOMPARE(fixture.ask("POST", "/api/admin/v1/alerts/x/ack", "operator").status, 404);
        QCOMPARE(fixture.log.lines("alert_raised"_L1).size(), 1U);
    }
};

QTEST_GUILESS_MAIN(TestAdminApi)
#include "tst_adminapi.moc"
