// SPDX-License-Identifier: GPL-3.0-or-later
// GET nodes, DELETE nodes/{name}, and the `node` parameter of what monitoring answers.
#include <QtTest/QTest>

#include "tests/support/adminfixture.h"
#include "tests/support/fakemonitoring.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const QByteArray kNodes = "/api/admin/v1/nodes";

struct Fixture : AdminFixture
{
    FakeMonitoring cluster;
    QStringList forgotten;
    Status outcome = ok();

    Fixture()
    {
        makeApi(cluster, [this](const QString &node, const std::function<void(const Status &)> &done) {
            forgotten.append(node);
            done(outcome);
        });
    }
};

} // namespace

class TestNodeHandlers : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aServerAloneIsOneNode()
    {
        AdminFixture fixture;
        fixture.counters.activeConnections = 3;
        fixture.clock.advance(1s);
        fixture.aggregator.tick();
        const HttpResponse response = fixture.ask("GET", kNodes, "viewer");
        QCOMPARE(response.status, 200);
        const Result<NodesReply> reply = NodesReply::fromJson(objectOf(response));
        QVERIFY(reply);
        QCOMPARE(reply->nodes.size(), 1U);
        QCOMPARE(reply->nodes.front().name, u"one"_s);
        QCOMPARE(reply->nodes.front().activeConnections, 3);
        QVERIFY(reply->nodes.front().isThis);
        QVERIFY(!reply->redis);
        QCOMPARE(fixture.ask("DELETE", kNodes + "/one").status, 409);
    }

    void listsTheCluster()
    {
        Fixture fixture;
        const Result<NodesReply> reply = NodesReply::fromJson(objectOf(fixture.ask("GET", kNodes)));
        QVERIFY(reply);
        QCOMPARE(reply->nodes.size(), 3U);
        QCOMPARE(reply->redis->server, u"127.0.0.1:6379"_s);
    }

    void answersForAllOrForOne_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::newRow("metrics") << QByteArray("/api/monitoring/websocket/metrics/");
        QTest::newRow("active") << QByteArray("/api/monitoring/websocket/active-connections/");
        QTest::newRow("overview") << QByteArray("/api/admin/v1/overview");
    }

    void answersForAllOrForOne()
    {
        QFETCH(const QByteArray, path);
        Fixture fixture;
        const auto open = [&](const QByteArray &query) {
            const QJsonObject answer = objectOf(fixture.ask("GET", path + query));
            return (answer.contains("totals"_L1) ? answer["totals"_L1].toObject() : answer)["active_connections"_L1]
                .toInt();
        };
        QCOMPARE(open({}), 8);
        QCOMPARE(open("?node=two"), 5);
        const HttpResponse unknown = fixture.ask("GET", path + "?node=three");
        QCOMPARE(unknown.status, 404);
        QVERIFY(unknown.body.contains("three"));
    }

    void historyForAllOrForOne()
    {
        Fixture fixture;
        const QByteArray path = "/api/admin/v1/history?metrics=errors";
        QCOMPARE(fixture.ask("GET", path).status, 200);
        QCOMPARE(fixture.ask("GET", path + "&node=two").status, 200);
        QCOMPARE(fixture.ask("GET", path + "&node=three").status, 404);
        QCOMPARE(fixture.ask("GET", path + "&node=gone").status, 503);
        QCOMPARE(fixture.ask("GET", path + "&points=0&node=two").status, 400);
    }

    void forgetsWhatIsGone()
    {
        Fixture fixture;
        QCOMPARE(fixture.ask("DELETE", kNodes + "/gone", "operator").status, 204);
        QCOMPARE(fixture.forgotten, QStringList{ u"gone"_s });
        const Result<AuditPage> audit
            = awaitCallback<Result<AuditPage>>([&](auto done) { fixture.audit.list({}, {}, 10, done); });
        QVERIFY(audit);
        QCOMPARE(audit->entries.at(0).action, u"node.forget"_s);
        QCOMPARE(audit->entries.at(0).target, u"gone"_s);
    }

    void forgetsNothingElse()
    {
        Fixture fixture;
        QCOMPARE(fixture.ask("DELETE", kNodes + "/two").status, 409);
        QCOMPARE(fixture.ask("DELETE", kNodes + "/one").status, 409);
        QCOMPARE(fixture.ask("DELETE", kNodes + "/three").status, 404);
        QCOMPARE(fixture.ask("DELETE", kNodes + "/gone", "viewer").status, 403);
        QCOMPARE(fixture.forgotten, QStringList());
        fixture.outcome = Error{ u"Redis is away"_s, {} };
        QCOMPARE(fixture.ask("DELETE", kNodes + "/gone").status, 503);
    }
};

QTEST_GUILESS_MAIN(TestNodeHandlers)
#include "tst_nodehandlers.moc"
