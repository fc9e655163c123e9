// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include <QtCore/QJsonArray>

#include "shared/protocol/nodesreply.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestNodesReply : public QObject
{
    Q_OBJECT

private:
    static NodesReply reply()
    {
        NodeInfo one;
        one.name = u"one"_s;
        one.run = u"01J00000000000000000000000"_s;
        one.version = u"1.0"_s;
        one.url = u"http://127.0.0.1:8080"_s;
        one.startedAt = UtcTime(1'762'776'000'000ms);
        one.isThis = true;
        one.activeConnections = 5;
        one.messagesPerMinute = 60;
        one.refusalsPerMinute = 7;
        NodeInfo two = one;
        two.name = u"two"_s;
        two.isThis = false;
        two.state = NodeState::Lost;
        two.age = 7'500ms;
        two.isAlone = true;
        two.aloneReason = u"Redis answers too late"_s;
        two.clockSkew = std::chrono::milliseconds(-3'600'000);
        return { { one, two }, RedisState{ false, u"127.0.0.1:6379"_s, u"refused"_s, one.startedAt } };
    }

private Q_SLOTS:
    void survivesTheWire()
    {
        const Result<NodesReply> read = NodesReply::fromJson(reply().toJson());
        QVERIFY(read);
        QCOMPARE(read->toJson(), reply().toJson());
        QCOMPARE(read->nodes.at(1).state, NodeState::Lost);
        QCOMPARE(*read->nodes.at(1).age, 7'500ms);
        QVERIFY(!read->nodes.at(0).age);
        QCOMPARE(read->redis->detail, u"refused"_s);
        QCOMPARE(read->nodes.at(1).aloneReason, u"Redis answers too late"_s);
        QCOMPARE(read->nodes.at(1).clockSkew, std::optional<std::chrono::milliseconds>(-3'600'000ms));
        QVERIFY(!read->nodes.at(0).clockSkew);
    }

    void withoutAClusterThereIsNoRedis()
    {
        NodesReply alone = reply();
        alone.redis.reset();
        const QJsonObject json = alone.toJson();
        QVERIFY(json["redis"_L1].isNull());
        QVERIFY(!NodesReply::fromJson(json)->redis);
    }

    void everyStateHasAName_data()
    {
        QTest::addColumn<int>("state");
        QTest::addColumn<QString>("name");
        QTest::newRow("up") << int(NodeState::Up) << u"up"_s;
        QTest::newRow("lost") << int(NodeState::Lost) << u"lost"_s;
        QTest::newRow("left") << int(NodeState::Left) << u"left"_s;
        QTest::newRow("unknown") << int(NodeState::Unknown) << u"unknown"_s;
    }

    void everyStateHasAName()
    {
        QFETCH(const int, state);
        QFETCH(const QString, name);
        NodeInfo node = reply().nodes.front();
        node.state = NodeState(state);
        QCOMPARE(node.toJson()["state"_L1].toString(), name);
        QCOMPARE(NodeInfo::fromJson(node.toJson())->state, node.state);
    }

    void refusesWhatIsNone_data()
    {
        QTest::addColumn<QJsonObject>("json");
        const auto without = [](QLatin1StringView member) {
            QJsonObject node = reply().nodes.front().toJson();
            node.remove(member);
            return QJsonObject{ { "nodes"_L1, QJsonArray{ node } } };
        };
        QTest::newRow("nothing") << QJsonObject();
        QTest::newRow("no list") << QJsonObject{ { "nodes"_L1, 1 } };
        QTest::newRow("no objects") << QJsonObject{ { "nodes"_L1, QJsonArray{ 1 } } };
        QTest::newRow("no name") << without("name"_L1);
        QTest::newRow("no state") << without("state"_L1);
        QTest::newRow("no start") << without("started_at"_L1);
    }

    void refusesWhatIsNone()
    {
        QFETCH(const QJsonObject, json);
        const Result<NodesReply> read = NodesReply::fromJson(json);
        QVERIFY(!read);
        QCOMPARE(read.error().field, u"nodes"_s);
    }
};

QTEST_GUILESS_MAIN(TestNodesReply)
#include "tst_nodesreply.moc"
