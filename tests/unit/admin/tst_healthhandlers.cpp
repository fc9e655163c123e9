// SPDX-License-Identifier: GPL-3.0-or-later
// What orchestrators, Prometheus and the guide's readers ask.
#include <QtTest/QTest>

#include "tests/support/adminfixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestHealthHandlers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void alwaysAlive()
    {
        AdminFixture fixture;
        fixture.readiness = { false, u"draining"_s };
        const HttpResponse response = fixture.ask("GET", "/healthz", {});
        QCOMPARE(response.status, 200);
        QCOMPARE(objectOf(response), (QJsonObject{ { u"status"_s, u"ok"_s } }));
    }

    void readyOrNotAndWhy_data()
    {
        QTest::addColumn<bool>("isReady");
        QTest::addColumn<QString>("reason");
        QTest::newRow("ready") << true << QString();
        QTest::newRow("draining") << false << u"draining"_s;
        QTest::newRow("store") << false << u"the store cannot write"_s;
    }
    void readyOrNotAndWhy()
    {
        QFETCH(bool, isReady);
        QFETCH(QString, reason);
        AdminFixture fixture;
        fixture.readiness = { isReady, reason };
        const HttpResponse response = fixture.ask("GET", "/readyz", {});
        QCOMPARE(response.status, isReady ? 200 : 503);
        QCOMPARE(objectOf(response)["detail"_L1].toString(), reason);
        if (!isReady)
            QCOMPARE(codeOf(response), u"not_ready"_s);
    }

    void inAClusterItSaysHowItStandsToRedis_data()
    {
        QTest::addColumn<bool>("isRedisUp");
        QTest::addColumn<bool>("isSharing");
        QTest::addColumn<QString>("redis");
        QTest::addColumn<QString>("limits");
        QTest::newRow("all well") << true << true << u"up"_s << u"shared"_s;
        QTest::newRow("slow") << true << false << u"up"_s << u"local"_s;
        QTest::newRow("away") << false << false << u"down"_s << u"local"_s;
    }
    void inAClusterItSaysHowItStandsToRedis()
    {
        QFETCH(bool, isRedisUp);
        QFETCH(bool, isSharing);
        AdminFixture fixture;
        fixture.clusterStats
            = ClusterStats{ .isRedisUp = isRedisUp, .asksPeers = isSharing, .admissionTimes = &fixture.times };
        const HttpResponse response = fixture.ask("GET", "/readyz", {});
        QCOMPARE(response.status, 200); // it serves
        QTEST(objectOf(response)["redis"_L1].toString(), "redis");
        QTEST(objectOf(response)["limits"_L1].toString(), "limits");
        const QList<QByteArray> lines = fixture.ask("GET", "/metrics").body.split('\n');
        QVERIFY(lines.contains(isRedisUp ? "gatehouse_cluster_redis_up 1" : "gatehouse_cluster_redis_up 0"));
        QVERIFY(lines.contains(isSharing ? "gatehouse_cluster_limits_shared 1" : "gatehouse_cluster_limits_shared 0"));
    }

    void prometheusShowsWhatWasCounted()
    {
        AdminFixture fixture;
        fixture.counters.activeConnections = 3;
        fixture.counters.countClose(CloseCode::KickedByAdmin, false);
        const HttpResponse response = fixture.ask("GET", "/metrics", "viewer");
        QCOMPARE(response.contentType, "text/plain; version=0.0.4; charset=utf-8");
        const QList<QByteArray> lines = response.body.split('\n');
        QVERIFY(lines.contains("gatehouse_connections 3"));
        QVERIFY(lines.contains("gatehouse_closes_total{code=\"4133\",initiator=\"server\"} 1"));
        QVERIFY(lines.contains("gatehouse_limits_revision 0"));
        QCOMPARE(fixture
                     .ask("PATCH", "/api/admin/v1/limits", "admin", R"({"limits":{"max_connections":5}})",
                         { { "if-match", "*" } })
                     .status,
            200);
        const QList<QByteArray> changed = fixture.ask("GET", "/metrics").body.split('\n');
        QVERIFY(changed.contains("gatehouse_limits_revision 1"));
        QVERIFY(changed.contains("gatehouse_limit{limit=\"max_connections\",mode=\"enforce\"} 5"));
    }

    void theGuidesSevenNumbers()
    {
        AdminFixture fixture;
        fixture.counters.activeConnections = 5;
        WorkerCounters::add(fixture.counters.accepted, 150);
        WorkerCounters::add(fixture.counters.messagesOut, 1250);
        WorkerCounters::add(fixture.counters.messagesIn, 980);
        WorkerCounters::add(fixture.counters.closed, 145);
        WorkerCounters::add(fixture.counters.closedMillis, 145 * 45'320);
        const QJsonObject metrics = objectOf(fixture.ask("GET", "/api/monitoring/websocket/metrics/", "viewer"));
        const QJsonObject expected{
            { u"active_connections"_s, 5 },
            { u"connections_today"_s, 150 },
            { u"messages_sent"_s, 1250 },
            { u"messages_received"_s, 980 },
            { u"avg_connection_duration"_s, 45.32 },
            { u"messages_per_minute"_s, 2230 },
            { u"timestamp"_s, u"2025-11-10T12:00:00Z"_s },
        };
        QCOMPARE(metrics, expected);
        const QJsonObject active
            = objectOf(fixture.ask("GET", "/api/monitoring/websocket/active-connections", "viewer"));
        QCOMPARE(
            active, (QJsonObject{ { u"active_connections"_s, 5 }, { u"timestamp"_s, u"2025-11-10T12:00:00Z"_s } }));
    }

    void aMinuteLaterTheMessagesAreNotOfTheLastMinute()
    {
        AdminFixture fixture;
        WorkerCounters::add(fixture.counters.messagesIn, 10);
        for (int i = 0; i < 62; ++i) {
            fixture.clock.advance(1s);
            fixture.aggregator.tick();
        }
        const QJsonObject metrics = objectOf(fixture.ask("GET", "/api/monitoring/websocket/metrics/"));
        QCOMPARE(metrics["messages_per_minute"_L1].toInt(), 0);
        QCOMPARE(metrics["messages_received"_L1].toInt(), 10);
        QCOMPARE(metrics["timestamp"_L1].toString(), u"2025-11-10T12:01:02Z"_s);
    }

    void headHasNoOtherAnswer()
    {
        AdminFixture fixture;
        for (const char *path : { "/healthz", "/readyz", "/metrics", "/api/monitoring/websocket/metrics/" })
            QCOMPARE(fixture.ask("HEAD", path).status, 200);
        QCOMPARE(fixture.ask("HEAD", "/api/notifications/").status, 405);
    }
};

QTEST_GUILESS_MAIN(TestHealthHandlers)
#include "tst_healthhandlers.moc"
