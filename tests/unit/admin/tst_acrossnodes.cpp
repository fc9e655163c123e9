// SPDX-License-Identifier: GPL-3.0-or-later
// What only a node itself knows (connections, decisions, its days), asked of one node or of all of them.
#include <QtTest/QTest>

#include "server/admin/combinations.h"
#include "tests/support/adminfixture.h"
#include "tests/support/fakemonitoring.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const QByteArray kConnections = "/api/admin/v1/connections";
const QByteArray kDecisions = "/api/admin/v1/decisions";

/// Hands requests to the other server's API, as Redis would.
class DirectPeers final : public PeerNodes
{
public:
    void ask(const NodeInfo &node, const PeerRequest &request, Done done) override
    {
        asked.append(node.name);
        if (!other) {
            done(std::nullopt);
            return;
        }
        done(awaitCallback<HttpResponse>([&](auto answered) { other->api->handleOfPeer(request, answered); }));
    }
    AdminFixture *other = nullptr; ///< null: it does not answer
    QStringList asked;
};

/// Node "one", and node "two" that it can ask.
struct Cluster
{
    AdminFixture one;
    AdminFixture two;
    FakeMonitoring nodes;
    DirectPeers others;

    Cluster()
    {
        nodes.isOneLost = false;
        others.other = &two;
        one.peers = &others;
        one.makeApi(nodes, {});
    }
    static ConnectionInfo connection(const QString &id, UtcTime since)
    {
        ConnectionInfo info;
        info.id = id;
        info.user = u"user-"_s + id;
        info.connectedAt = since;
        return info;
    }
    /// Connections of both nodes, by turns: 1-0 is the oldest, then 2-1, 1-2, …
    void connectBoth(int count)
    {
        for (int i = 0; i < count; ++i) {
            AdminFixture &node = i % 2 == 0 ? one : two;
            node.channel.connections.push_back(
                connection(u"%1-%2"_s.arg(i % 2 + 1).arg(i), one.clock.utc() + std::chrono::seconds(i)));
        }
    }
    static void refuse(AdminFixture &node, const QString &id, const QString &address)
    {
        Decision decision;
        decision.id = id;
        decision.at = node.clock.utc();
        decision.reason = Reason::OriginNotAllowed;
        decision.address = address;
        node.decisions.record(decision);
        node.decisions.drain();
    }
};

QStringList idsIn(const HttpResponse &response, QLatin1StringView member)
{
    QStringList ids;
    for (const QJsonValue &row : objectOf(response)[member].toArray())
        ids.append(row["id"_L1].toString());
    return ids;
}

QStringList missingIn(const HttpResponse &response)
{
    return objectOf(response)["missing_nodes"_L1].toVariant().toStringList();
}

} // namespace

class TestAcrossNodes : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aServerAloneAnswersAsItAlwaysDid()
    {
        AdminFixture fixture;
        fixture.channel.connections = { Cluster::connection(u"0-1"_s, fixture.clock.utc()) };
        const QJsonObject answer = objectOf(fixture.ask("GET", kConnections));
        QCOMPARE(answer["total"_L1].toInt(), 1);
        QVERIFY(!answer.contains("missing_nodes"_L1));
        QVERIFY(!answer["connections"_L1][0].toObject().contains("node"_L1));
        QCOMPARE(fixture.ask("GET", kConnections + "?node=one").status, 200);
        QCOMPARE(fixture.ask("GET", kConnections + "?node=two").status, 404);
    }

    void connectionsOfAllNodesInOneOrder()
    {
        Cluster cluster;
        cluster.connectBoth(7);
        const HttpResponse all = cluster.one.ask("GET", kConnections);
        QCOMPARE(idsIn(all, "connections"_L1),
            (QStringList{ u"1-0"_s, u"2-1"_s, u"1-2"_s, u"2-3"_s, u"1-4"_s, u"2-5"_s, u"1-6"_s }));
        QCOMPARE(objectOf(all)["total"_L1].toInt(), 7);
        QCOMPARE(objectOf(all)["connections"_L1][1]["node"_L1].toString(), u"two"_s);
        QVERIFY(objectOf(all)["next_cursor"_L1].isNull());
        QCOMPARE(missingIn(all), QStringList());
        QCOMPARE(idsIn(cluster.one.ask("GET", kConnections + "?sort=-user&limit=2"), "connections"_L1),
            (QStringList{ u"2-5"_s, u"2-3"_s }));
        QCOMPARE(idsIn(cluster.one.ask("GET", kConnections + "?filter=user-2"), "connections"_L1),
            (QStringList{ u"2-1"_s, u"2-3"_s, u"2-5"_s }));
    }

    void pagesRepeatAndSkipNothing_data()
    {
        QTest::addColumn<QByteArray>("sort");
        QTest::newRow("oldest first") << QByteArray("connected_at");
        QTest::newRow("newest first") << QByteArray("-connected_at");
        QTest::newRow("one node after the other") << QByteArray("node");
        QTest::newRow("all equal") << QByteArray("origin");
    }

    void pagesRepeatAndSkipNothing()
    {
        QFETCH(const QByteArray, sort);
        Cluster cluster;
        cluster.connectBoth(23);
        QStringList seen;
        QString cursor;
        do {
            const HttpResponse page = cluster.one.ask(
                "GET", kConnections + "?limit=5&sort=" + sort + "&cursor=" + QUrl::toPercentEncoding(cursor));
            QCOMPARE(page.status, 200);
            seen += idsIn(page, "connections"_L1);
            cursor = objectOf(page)["next_cursor"_L1].toString();
        } while (!cursor.isEmpty() && seen.size() < 100);
        QCOMPARE(seen.size(), 23);
        const QStringList atOnce
            = idsIn(cluster.one.ask("GET", kConnections + "?limit=1000&sort=" + sort), "connections"_L1);
        QCOMPARE(seen, atOnce);
        QCOMPARE(QSet<QString>(seen.begin(), seen.end()).size(), 23);
    }

    void whatIsSortedByIsReadOnceOfEach()
    {
        int read = 0;
        const combinations::ConnectionOrder order{ [&read](ConnectionInfo info) {
                                                      ++read;
                                                      return combinations::ConnectionRow{ std::move(info) };
                                                  },
            [](const auto &one, const auto &other) { return one.info.id > other.info.id; } };
        QJsonArray many;
        for (int i = 0; i < 100; ++i)
            many.append(Cluster::connection(QString::number(i), UtcTime(1s)).toJson());
        const HttpResponse answer = HttpResponse::json({ { "connections"_L1, many }, { "total"_L1, many.size() } });
        const Combination pages = combinations::connectionPages([&order](const HttpRequest &) { return order; });
        const HttpResponse whole = pages.whole({}, { { u"one"_s, answer }, { u"two"_s, answer } }, {});
        QCOMPARE(idsIn(whole, "connections"_L1).mid(0, 3), (QStringList{ u"99"_s, u"99"_s, u"98"_s }));
        QCOMPARE(read, 200);
    }

    void oneNodeIfItIsNamed()
    {
        Cluster cluster;
        cluster.connectBoth(4);
        QCOMPARE(idsIn(cluster.one.ask("GET", kConnections + "?node=two"), "connections"_L1),
            (QStringList{ u"2-1"_s, u"2-3"_s }));
        QCOMPARE(cluster.others.asked, QStringList{ u"two"_s });
        QCOMPARE(idsIn(cluster.one.ask("GET", kConnections + "?node=one"), "connections"_L1),
            (QStringList{ u"1-0"_s, u"1-2"_s }));
        QCOMPARE(cluster.others.asked.size(), 1);
        QCOMPARE(cluster.one.ask("GET", kConnections + "?node=three").status, 404);
        QCOMPARE(fieldOf(cluster.one.ask("GET", kConnections + "?node=two&sort=shoe")), u"sort"_s);
    }

    void whatIsWrongIsToldOnce_data()
    {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QString>("field");
        QTest::newRow("sort") << QByteArray("?sort=shoe") << u"sort"_s;
        QTest::newRow("limit") << QByteArray("?limit=0") << u"limit"_s;
        QTest::newRow("cursor") << QByteArray("?cursor=one") << u"cursor"_s;
        QTest::newRow("cursor below zero") << QByteArray("?cursor=one=-1") << u"cursor"_s;
        QTest::newRow("cursor of nobody") << QByteArray("?cursor==3") << u"cursor"_s;
    }

    void whatIsWrongIsToldOnce()
    {
        QFETCH(const QByteArray, query);
        QFETCH(const QString, field);
        Cluster cluster;
        const HttpResponse answer = cluster.one.ask("GET", kConnections + query);
        QCOMPARE(answer.status, 400);
        QCOMPARE(fieldOf(answer), field);
    }

    void whoDoesNotAnswerIsNamed()
    {
        Cluster cluster;
        cluster.connectBoth(4);
        cluster.others.other = nullptr;
        const HttpResponse list = cluster.one.ask("GET", kConnections);
        QCOMPARE(list.status, 200);
        QCOMPARE(missingIn(list), QStringList{ u"two"_s });
        QCOMPARE(objectOf(list)["total"_L1].toInt(), 2);
        const HttpResponse alone = cluster.one.ask("GET", kConnections + "?node=two");
        QCOMPARE(alone.status, 503);
        QCOMPARE(codeOf(alone), u"node_unreachable"_s);
        QVERIFY(objectOf(alone)["detail"_L1].toString().contains(u"two"));
        QCOMPARE(headerOf(alone, "Retry-After"), "5");
        // It may be there: nobody knows.
        QCOMPARE(codeOf(cluster.one.ask("DELETE", kConnections + "/2-1")), u"node_unreachable"_s);
        QCOMPARE(cluster.one.ask("DELETE", kConnections + "/1-0").status, 204);
    }

    void whoIsCutOffIsNotAsked()
    {
        Cluster cluster;
        cluster.nodes.stateOfTwo = NodeState::Unknown;
        QCOMPARE(missingIn(cluster.one.ask("GET", kConnections)), QStringList{ u"two"_s });
        QCOMPARE(codeOf(cluster.one.ask("GET", kConnections + "?node=two")), u"node_unreachable"_s);
        QCOMPARE(cluster.others.asked, QStringList());
        cluster.nodes.stateOfTwo = NodeState::Left; // of its own will: nobody misses it
        QCOMPARE(missingIn(cluster.one.ask("GET", kConnections)), QStringList());
    }

    void aConnectionIsFoundWhereverItIs()
    {
        Cluster cluster;
        cluster.connectBoth(4);
        QCOMPARE(objectOf(cluster.one.ask("GET", kConnections + "/2-3"))["user"_L1].toString(), u"user-2-3"_s);
        QCOMPARE(objectOf(cluster.one.ask("GET", kConnections + "/1-2"))["user"_L1].toString(), u"user-1-2"_s);
        QCOMPARE(cluster.one.ask("GET", kConnections + "/9-9").status, 404);
    }

    void kicksWhereverItIsAndAuditsThere()
    {
        Cluster cluster;
        cluster.connectBoth(4);
        QCOMPARE(cluster.one.ask("DELETE", kConnections + "/2-3", "operator").status, 204);
        QCOMPARE(cluster.two.channel.connections.size(), 1U);
        QCOMPARE(cluster.one.channel.connections.size(), 2U);
        const auto audit
            = awaitCallback<Result<AuditPage>>([&](auto done) { cluster.two.audit.list({}, {}, 10, done); });
        QCOMPARE(audit->entries.at(0).action, u"connection.kick"_s);
        QCOMPARE(audit->entries.at(0).actor.address, u"10.0.0.1"_s);
        QCOMPARE(cluster.one.ask("DELETE", kConnections + "/2-3", "operator").status, 404);
        QCOMPARE(cluster.one.ask("DELETE", kConnections + "/2-1", "viewer").status, 403);
        QCOMPARE(cluster.two.channel.connections.size(), 1U);
    }

    void nodesAskEachOtherForNothingElse()
    {
        Cluster cluster;
        const auto asPeer = [&](const QByteArray &method, const QByteArray &path, Role role) {
            PeerRequest request;
            request.http.method = method;
            request.http.path = path;
            request.who = { u"someone"_s, role };
            return awaitCallback<HttpResponse>([&](auto done) { cluster.two.api->handleOfPeer(request, done); }).status;
        };
        QCOMPARE(asPeer("GET", kConnections, Role::Viewer), 200);
        QCOMPARE(asPeer("GET", kConnections, Role::None), 403);
        QCOMPARE(asPeer("DELETE", kConnections + "/2-1", Role::Viewer), 403);
        QCOMPARE(asPeer("POST", "/api/admin/v1/bans", Role::Admin), 404);
        QCOMPARE(asPeer("PATCH", "/api/admin/v1/limits", Role::Admin), 404);
        QCOMPARE(asPeer("GET", "/metrics", Role::Admin), 404);
    }

    void decisionsOfAllNodesNewestFirst()
    {
        Cluster cluster;
        QStringList ids;
        UlidGenerator ulids = UlidGenerator::withSystemEntropy();
        for (int i = 0; i < 9; ++i) {
            cluster.one.clock.advance(1s);
            cluster.two.clock.advance(1s);
            ids.prepend(ulids.next(cluster.one.clock.utc()));
            Cluster::refuse(i % 3 == 0 ? cluster.two : cluster.one, ids.front(), u"10.0.0.%1"_s.arg(i % 2));
        }
        const HttpResponse all = cluster.one.ask("GET", kDecisions);
        QCOMPARE(idsIn(all, "decisions"_L1), ids);
        QCOMPARE(objectOf(all)["decisions"_L1][2]["node"_L1].toString(), u"two"_s);
        QStringList seen;
        QString cursor;
        do {
            const HttpResponse page = cluster.one.ask("GET", kDecisions + "?limit=2&cursor=" + cursor.toLatin1());
            seen += idsIn(page, "decisions"_L1);
            cursor = objectOf(page)["next_cursor"_L1].toString();
        } while (!cursor.isEmpty() && seen.size() < 100);
        QCOMPARE(seen, ids);
        QCOMPARE(idsIn(cluster.one.ask("GET", kDecisions + "?node=two"), "decisions"_L1).size(), 3);
        QCOMPARE(objectOf(cluster.one.ask("GET", kDecisions + "?limit=2"))["total"_L1].toInt(), 9);
        QCOMPARE(objectOf(all)["total_is"_L1].toString(), u"exact"_s);
        QCOMPARE(objectOf(all)["not_stored"_L1].toInt(-1), 0);
        Decision about;
        about.at = cluster.two.clock.utc();
        cluster.two.decisions.count(about, 7);
        const QJsonObject sample = objectOf(cluster.one.ask("GET", kDecisions));
        QCOMPARE(sample["total_is"_L1].toString(), u"sample"_s); // one node's is enough
        QCOMPARE(sample["not_stored"_L1].toInt(), 7);

        const QJsonObject top = objectOf(cluster.one.ask("GET", kDecisions + "/top?by=address&limit=1"));
        QCOMPARE(top["top"_L1].toArray().size(), 1);
        QCOMPARE(top["top"_L1][0]["value"_L1].toString(), u"10.0.0.0"_s);
        QCOMPARE(top["top"_L1][0]["count"_L1].toInt(), 5);
        QCOMPARE(top["total"_L1].toInt(), 16);
        QCOMPARE(top["total_is"_L1].toString(), u"exact"_s);
        QCOMPARE(cluster.one.ask("GET", kDecisions + "/top?by=shoe").status, 400);
    }

    void daysAddUp()
    {
        Cluster cluster;
        for (AdminFixture *node : { &cluster.one, &cluster.two }) {
            WorkerCounters::add(node->counters.accepted, 10);
            WorkerCounters::add(node->counters.closed, 4);
            WorkerCounters::add(node->counters.closedMillis, node == &cluster.one ? 4000 : 12'000);
            node->aggregator.tick();
        }
        const QByteArray path = "/api/admin/v1/summary";
        const QJsonObject all = objectOf(cluster.one.ask("GET", path));
        QCOMPARE(all["days"_L1].toArray().size(), 1);
        QCOMPARE(all["total"_L1]["connections"_L1].toInt(), 20);
        QCOMPARE(all["total"_L1]["avg_connection_duration"_L1].toDouble(), 2.0);
        QCOMPARE(objectOf(cluster.one.ask("GET", path + "?node=two"))["total"_L1]["connections"_L1].toInt(), 10);
        const HttpResponse csv = cluster.one.ask("GET", path + "?format=csv");
        QCOMPARE(csv.contentType, "text/csv; charset=utf-8");
        QVERIFY(csv.body.contains(",20,"));
        QCOMPARE(cluster.one.ask("GET", path + "?format=pdf").status, 400);
    }
};

QTEST_GUILESS_MAIN(TestAcrossNodes)
#include "tst_acrossnodes.moc"
