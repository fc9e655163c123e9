// SPDX-License-Identifier: GPL-3.0-or-later
// Alerts, their rules, and the audit, through the API.
#include <QtTest/QTest>

#include "tests/support/adminfixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const QByteArray kAlerts = "/api/admin/v1/alerts";
const QByteArray kRules = "/api/admin/v1/alerts/rules";
const QByteArray kAudit = "/api/admin/v1/audit";

struct Fixture : AdminFixture
{
    void evaluate(double connectionsPercent)
    {
        for (int i = 0; i < 15; ++i) {
            clock.advance(1s);
            alerts.evaluate({ connectionsPercent, 0, 0 });
        }
    }
    QStringList states(const QByteArray &query)
    {
        QStringList all;
        for (const QJsonValue &alert : objectOf(ask("GET", kAlerts + query))["alerts"_L1].toArray())
            all.append(alert["state"_L1].toString());
        return all;
    }
    HttpResponse put(const QByteArray &rules) { return ask("PUT", kRules, "operator", "{\"rules\":" + rules + '}'); }
    qint64 audited() { return state.query("SELECT count(*) FROM audit"); }
};

} // namespace

class TestAlertHandlers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void lists_data()
    {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QStringList>("states");
        const QStringList all{ u"raised"_s, u"cleared"_s };
        QTest::newRow("all, newest first") << QByteArray() << all;
        QTest::newRow("said so") << QByteArray("?active=false") << all;
        QTest::newRow("active ones") << QByteArray("?active=true") << QStringList{ u"raised"_s };
    }
    void lists()
    {
        QFETCH(QByteArray, query);
        QFETCH(QStringList, states);
        Fixture fixture;
        QVERIFY(fixture.states(query).isEmpty());
        for (const double percent : { 99.0, 10.0, 99.0 })
            fixture.evaluate(percent);
        QCOMPARE(fixture.states(query), states);
    }

    void refusesBadQueries()
    {
        Fixture fixture;
        for (const char *query : { "?active=yes", "?active=1", "?active=TRUE" }) {
            const HttpResponse response = fixture.ask("GET", kAlerts + query);
            QCOMPARE(response.status, 400);
            QCOMPARE(fieldOf(response), u"active"_s);
        }
    }

    void acknowledgesAndAudits()
    {
        Fixture fixture;
        fixture.evaluate(99);
        const QByteArray path = kAlerts + '/' + fixture.alerts.alerts(true).at(0).id.toLatin1() + "/ack";
        QCOMPARE(fixture.ask("POST", path, "viewer").status, 403);
        const HttpResponse response = fixture.ask("POST", path, "operator");
        QCOMPARE(response.status, 200);
        QCOMPARE(objectOf(response)["acknowledged_by"_L1].toString(), u"someone"_s);
        QVERIFY(objectOf(response)["acknowledged_at"_L1].isString());
        QCOMPARE(fixture.audited(), 1);
        QCOMPARE(fixture.ask("POST", kAlerts + "/01J/ack", "operator").status, 404);
        QVERIFY(fixture.ask("POST", kAlerts + '/' + QByteArray(5000, 'x') + "/ack").body.size() < 500);
        QCOMPARE(fixture.audited(), 1);
    }

    void changesTheRulesNamed()
    {
        Fixture fixture;
        const HttpResponse response
            = fixture.put(R"([{"key":"errors","raise_above":9,"clear_below":3,"for_seconds":60,"enabled":false}])");
        QCOMPARE(response.status, 200);
        const QJsonArray rules = objectOf(response)["rules"_L1].toArray();
        QCOMPARE(rules.size(), qsizetype(AlertEngine::defaultRules().size()));
        QCOMPARE(rules[2]["raise_above"_L1].toInt(), 9);
        QCOMPARE(rules[2]["enabled"_L1], QJsonValue(false));
        QVERIFY(!rules[2]["title"_L1].toString().isEmpty()); // stays the server's
        QCOMPARE(rules[0]["raise_above"_L1].toInt(), 80);
        QCOMPARE(objectOf(fixture.ask("GET", kRules, "viewer")), objectOf(response));
        const QJsonObject entry = objectOf(fixture.ask("GET", kAudit))["entries"_L1][0].toObject();
        QCOMPARE(entry["action"_L1].toString(), u"alerts.rules"_s);
        QCOMPARE(entry["before"_L1]["rules"_L1][2]["raise_above"_L1].toInt(), 5);
        QCOMPARE(entry["after"_L1]["rules"_L1][2]["raise_above"_L1].toInt(), 9);
    }

    void takesBackItsOwnAnswer()
    {
        Fixture fixture;
        const QByteArray rules = fixture.ask("GET", kRules).body;
        QCOMPARE(fixture.ask("PUT", kRules, "operator", rules).status, 200);
        QCOMPARE(fixture.ask("GET", kRules).body, rules);
    }

    void refusesBadRules_data()
    {
        QTest::addColumn<QByteArray>("rules");
        QTest::addColumn<QString>("field");
        const auto row = [](const char *name, const char *rules, const char *field) {
            QTest::newRow(name) << QByteArray(rules) << QString::fromLatin1(field);
        };
        row("crossed", R"([{"key":"errors","raise_above":1,"clear_below":2,"for_seconds":0}])", "errors.clear_below");
        row("negative", R"([{"key":"errors","raise_above":-1,"clear_below":-2,"for_seconds":0}])",
            "errors.raise_above");
        row("huge", R"([{"key":"errors","raise_above":1e300,"clear_below":0,"for_seconds":0}])", "errors.raise_above");
        row("more than all", R"([{"key":"high_connections","raise_above":101,"clear_below":70,"for_seconds":10}])",
            "high_connections.raise_above");
        row("cleared out of bounds too",
            R"([{"key":"node_lost","raise_above":2000,"clear_below":1001,"for_seconds":10}])", "node_lost.raise_above");
        row("longer than a day", R"([{"key":"errors","raise_above":5,"clear_below":1,"for_seconds":86401}])",
            "errors.for_seconds");
        row("text", R"([{"key":"errors","raise_above":"5","clear_below":0,"for_seconds":0}])", "errors.raise_above");
        row("part of a second", R"([{"key":"errors","raise_above":5,"clear_below":0,"for_seconds":0.5}])",
            "errors.for_seconds");
        row("missing", R"([{"key":"errors","raise_above":5,"for_seconds":0}])", "errors.clear_below");
        row("enabled a text", R"([{"key":"errors","raise_above":5,"clear_below":0,"for_seconds":0,"enabled":"no"}])",
            "errors.enabled");
        row("unknown member", R"([{"key":"errors","raise_above":5,"clear_below":0,"for_seconds":0,"pager":"on"}])",
            "errors.pager");
        row("another severity",
            R"([{"key":"errors","raise_above":5,"clear_below":0,"for_seconds":0,"severity":"page"}])",
            "errors.severity");
        row("no key", R"([{"raise_above":5,"clear_below":0,"for_seconds":0}])", ".key");
        row("no object", "[5]", ".key");
        row("unknown", R"([{"key":"lemons","raise_above":5,"clear_below":0,"for_seconds":0}])", "key");
        row("twice",
            R"([{"key":"errors","raise_above":5,"clear_below":0,"for_seconds":0},)"
            R"({"key":"errors","raise_above":6,"clear_below":0,"for_seconds":0}])",
            "key");
        row("a good one beside a bad one",
            R"([{"key":"high_connections","raise_above":5,"clear_below":0,"for_seconds":0},{"key":"errors"}])",
            "errors.raise_above");
    }
    void refusesBadRules()
    {
        QFETCH(QByteArray, rules);
        QFETCH(QString, field);
        Fixture fixture;
        const QByteArray before = fixture.ask("GET", kRules).body;
        const HttpResponse response = fixture.put(rules);
        QCOMPARE(response.status, 422);
        QCOMPARE(codeOf(response), u"invalid_rules"_s);
        QCOMPARE(fieldOf(response), field);
        QCOMPARE(fixture.ask("GET", kRules).body, before);
        QCOMPARE(fixture.audited(), 0);
    }

    void takesTheBoundsThemselves()
    {
        Fixture fixture;
        const HttpResponse response
            = fixture.put(R"([{"key":"high_connections","raise_above":100,"clear_below":0,"for_seconds":86400}])");
        QCOMPARE(response.status, 200);
        QCOMPARE(objectOf(response)["rules"_L1][0]["raise_above"_L1].toInt(), 100);
    }

    void namesTheFieldAndItsBound()
    {
        Fixture fixture;
        const auto detail = [&](const QByteArray &raise, const QByteArray &hold) {
            const HttpResponse response = fixture.put(R"([{"key":"high_connections","raise_above":)" + raise
                + R"(,"clear_below":0,"for_seconds":)" + hold + "}]");
            QStringList messages;
            for (const QJsonValue &error : objectOf(response)["errors"_L1].toArray())
                messages << error["detail"_L1].toString();
            return messages.join(u"; ");
        };
        QCOMPARE(detail("500", "999999999"),
            u"raise_above must be a number from 0 to 100; for_seconds must be a number from 0 to 86400"_s);
        QCOMPARE(detail("1e300", "0"), u"raise_above must be a number from 0 to 100"_s);
    }

    void refusesBodiesOfAnotherShape()
    {
        Fixture fixture;
        for (const char *body : { "", "[]", "{}", R"({"rules":{}})", R"({"rules":null})", "lemon" })
            QCOMPARE(fixture.ask("PUT", kRules, "operator", body).status, 400);
        QCOMPARE(fixture.put("[]").status, 200); // nothing to change
    }

    void pagesTheAudit()
    {
        Fixture fixture;
        for (int i = 0; i < 5; ++i)
            QVERIFY(awaitCallback<Status>([&](auto done) {
                fixture.audit.append(
                    { fixture.clock.utc(), { u"olga"_s, u"203.0.113.7"_s }, QString::number(i) }, done);
            }));
        QJsonObject page = objectOf(fixture.ask("GET", kAudit + "?limit=3", "viewer"));
        QCOMPARE(page["entries"_L1].toArray().size(), 3);
        QCOMPARE(page["entries"_L1][0]["action"_L1].toString(), u"4"_s);
        page = objectOf(fixture.ask("GET", kAudit + "?limit=3&cursor=" + page["next_cursor"_L1].toString().toLatin1()));
        QCOMPARE(page["entries"_L1].toArray().size(), 2);
        QCOMPARE(page["entries"_L1][1]["action"_L1].toString(), u"0"_s);
        QVERIFY(page["next_cursor"_L1].isNull());
        for (const char *bad : { "?limit=0", "?limit=1001", "?cursor=x", "?cursor=0" })
            QCOMPARE(fixture.ask("GET", kAudit + bad).status, 400);
        QVERIFY(fixture.state.execute("DROP TABLE audit"));
        QCOMPARE(fixture.ask("GET", kAudit).status, 503);
    }
};

QTEST_GUILESS_MAIN(TestAlertHandlers)
#include "tst_alerthandlers.moc"
