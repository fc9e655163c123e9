// SPDX-License-Identifier: GPL-3.0-or-later
// Every route of the table, judged as the router does, over the real parts with a fake channel.
#include <QtTest/QTest>

#include "tests/support/adminfixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestAdminApi : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyRouteAsksForItsRole()
    {
        AdminFixture fixture;
        QVERIFY(fixture.api->routes().size() > 20);
        for (const Route &route : fixture.api->routes()) {
            const QByteArray path = AdminFixture::pathOf(route);
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
        AdminFixture fixture;
        for (const Route &route : fixture.api->routes()) {
            const HttpResponse response = fixture.ask("TRACE", AdminFixture::pathOf(route));
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
        AdminFixture fixture;
        QCOMPARE(fixture.ask("GET", path).status, status);
        QCOMPARE(fixture.ask("HEAD", path).status, status);
    }

    void refusesPagesOfOtherHosts()
    {
        AdminFixture fixture;
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
        AdminFixture fixture;
        for (int i = 0; i < FailedLogins::kMaxPerMinute; ++i)
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
        AdminFixture fixture;
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
        AdminFixture fixture;
        const QByteArray edit
            = R"({"limits":{"max_connections_per_ip":0,"lemons":1,"max_connections":{"mode":"maybe"}}})";
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
        AdminFixture fixture;
        const HttpResponse response = fixture.ask(method, path, "admin", body, { { "if-match", "*" } });
        QCOMPARE(response.status, 400);
        QVERIFY(!QJsonDocument::fromJson(response.body).object().value("detail"_L1).toString().isEmpty());
        QCOMPARE(fixture.limits.revision(), 0);
        QVERIFY(fixture.limits.snapshot()->isGuarding);
    }

    void saysWhyItIsNotReady()
    {
        AdminFixture fixture;
        QCOMPARE(fixture.ask("GET", "/readyz", {}).status, 200);
        fixture.readiness = { false, u"draining"_s };
        const HttpResponse response = fixture.ask("GET", "/readyz", {});
        QCOMPARE(response.status, 503);
        QVERIFY(response.body.contains("draining"));
        QCOMPARE(fixture.ask("GET", "/healthz", {}).status, 200);
    }

    void acknowledgesAnAlert()
    {
        AdminFixture fixture;
        for (int i = 0; i < 20; ++i) {
            fixture.clock.advance(std::chrono::seconds(1));
            fixture.alerts.evaluate({ 99, 0, 0 });
        }
        const QString id = fixture.alerts.alerts(true).at(0).id;
        const HttpResponse response = fixture.ask("POST", "/api/admin/v1/alerts/" + id.toLatin1() + "/ack", "operator");
        QCOMPARE(response.status, 200);
        QCOMPARE(fixture.alerts.alerts(true).at(0).acknowledgedBy, u"someone"_s);
        QCOMPARE(fixture.ask("POST", "/api/admin/v1/alerts/x/ack", "operator").status, 404);
        QCOMPARE(fixture.log.lines("alert_raised"_L1).size(), 1U);
    }
};

QTEST_GUILESS_MAIN(TestAdminApi)
#include "tst_adminapi.moc"
