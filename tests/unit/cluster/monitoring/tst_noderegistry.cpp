// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include <QtTest/QTest>

#include "server/cluster/monitoring/noderegistry.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestNodeRegistry : public QObject
{
    Q_OBJECT

private:
    struct Fixture
    {
        FakeClock clock;
        History own;
        History total;
        NodeReport self;
        QStringList asked; ///< whose history was read
        NodeRegistry registry;

        explicit Fixture(const QString &name = u"mine"_s)
            : self(of(name))
            , registry(
                  clock, own, total, [this] { return now(self); },
                  [this](const QString &node, const HistoryQuery &, const HistoryDone &done) {
                      asked.append(node);
                      done(HistoryReply());
                  })
        {
            registry.setRedis({ true, u"127.0.0.1:6379"_s, {}, clock.utc() });
        }

        NodeReport of(const QString &name, qint64 open = 0) const
        {
            NodeReport report;
            report.node = { name, name + u"-run"_s, u"1.0"_s, u"http://127.0.0.1:1"_s, UtcTime(1'762'770'000'000ms) };
            report.today.begin = UtcTime(1'762'732'800'000ms);
            report.activeConnections = open;
            report.frame[Metric::ActiveConnections] = double(open);
            return now(report);
        }
        NodeReport now(NodeReport report) const
        {
            report.frame.time = clock.utc();
            report.at = clock.utc();
            return report;
        }
        NodeState stateOf(const QString &name) const
        {
            for (const NodeInfo &node : registry.nodes().nodes) {
                if (node.name == name)
                    return node.state;
            }
            qFatal("no such node");
        }
        void hear(const QString &name, qint64 open = 0) { registry.take(of(name, open)); }
    };

private Q_SLOTS:
    void addsUpWhatIsUp()
    {
        Fixture fixture;
        fixture.self.activeConnections = 3;
        fixture.self.minute = { 10, 4, 3, 1 };
        fixture.self.today[Metric::Handshakes] = 20;
        fixture.self.today[Metric::Closes] = 1;
        fixture.self.today.closedMillis = 1000;
        NodeReport other = fixture.of(u"two"_s, 5);
        other.minute = { 1, 2, 1, 0 };
        other.today[Metric::Handshakes] = 30;
        other.today[Metric::Closes] = 3;
        other.today.closedMillis = 9000;
        other.addressesNearLimit = 2;
        fixture.registry.take(other);

        const MonitoringState all = *fixture.registry.state({});
        QCOMPARE(all.totals.activeConnections, 8);
        QCOMPARE(all.totals.connectionsToday, 50);
        QCOMPARE(all.totals.averageDurationSeconds, 2.5); // of all four, not the mean of two means
        QCOMPARE(all.totals.messagesPerMinute, 11);
        QCOMPARE(all.minute.refusals, 6);
        QCOMPARE(all.addressesNearLimit, 2);
        QCOMPARE(fixture.registry.state(u"two"_s)->totals.activeConnections, 5);
        QCOMPARE(fixture.registry.state(u"mine"_s)->totals.connectionsToday, 20);
        QVERIFY(!fixture.registry.state(u"three"_s));
        QVERIFY(!fixture.registry.hasNode(u"three"_s));
    }

    void whoIsSilentIsLost()
    {
        Fixture fixture;
        fixture.hear(u"two"_s, 5);
        fixture.clock.advance(4'900ms);
        QCOMPARE(fixture.stateOf(u"two"_s), NodeState::Up);
        fixture.clock.advance(100ms);
        QCOMPARE(fixture.stateOf(u"two"_s), NodeState::Lost);
        QCOMPARE(fixture.registry.lost(), QStringList{ u"two"_s });
        QCOMPARE(fixture.registry.state({})->totals.activeConnections, 0);
        fixture.hear(u"two"_s, 6);
        QCOMPARE(fixture.stateOf(u"two"_s), NodeState::Up);
        QVERIFY(fixture.registry.lost().isEmpty());
    }

    void whatALostNodeCountedTodayStaysCounted()
    {
        Fixture fixture;
        NodeReport other = fixture.of(u"two"_s);
        other.today[Metric::MessagesOut] = 70;
        fixture.registry.take(other);
        fixture.clock.advance(1min);
        QCOMPARE(fixture.registry.state({})->totals.messagesSent, 70);
        fixture.self.today.begin += 24h; // midnight
        QCOMPARE(fixture.registry.state({})->totals.messagesSent, 0);
    }

    void whoLeavesIsNotLost()
    {
        Fixture fixture;
        NodeReport last = fixture.of(u"two"_s);
        last.isLeaving = true;
        fixture.registry.take(last);
        fixture.clock.advance(1h);
        QCOMPARE(fixture.stateOf(u"two"_s), NodeState::Left);
        QVERIFY(fixture.registry.lost().isEmpty());
    }

    void cutOffItKnowsOfNobody()
    {
        Fixture fixture;
        fixture.hear(u"two"_s, 5);
        fixture.registry.setRedis({ false, {}, u"refused"_s, fixture.clock.utc() });
        fixture.clock.advance(1h);
        QCOMPARE(fixture.stateOf(u"two"_s), NodeState::Unknown);
        QVERIFY(fixture.registry.lost().isEmpty());
        QCOMPARE(fixture.registry.nodes().redis->detail, u"refused"_s);
        // Back again, the other has the time for a report before it is lost.
        fixture.registry.setRedis({ true, u"127.0.0.1:6379"_s, {}, fixture.clock.utc() });
        QCOMPARE(fixture.stateOf(u"two"_s), NodeState::Up);
        fixture.clock.advance(2s);
        QVERIFY(fixture.registry.lost().isEmpty());
        fixture.clock.advance(1s);
        QCOMPARE(fixture.registry.lost(), QStringList{ u"two"_s });
    }

    void oneSpeaksForAll()
    {
        Fixture fixture;
        QVERIFY(fixture.registry.isSpeaker());
        fixture.hear(u"zebra"_s);
        QVERIFY(fixture.registry.isSpeaker());
        fixture.hear(u"alpha"_s);
        QVERIFY(!fixture.registry.isSpeaker());
        fixture.clock.advance(5s); // alpha is lost
        QVERIFY(fixture.registry.isSpeaker());
    }

    void keptReportsAreAsOldAsTheyAre()
    {
        Fixture fixture;
        NodeReport old = fixture.of(u"two"_s);
        NodeReport ancient = fixture.of(u"three"_s);
        fixture.clock.advance(10min);
        ancient.at -= 24h * 31; // whatever its own clock said
        ancient.frame.time += 24h;
        fixture.registry.takeKept({ old, ancient, fixture.of(u"mine"_s) });
        QCOMPARE(fixture.registry.nodes().nodes.size(), 2U);
        QCOMPARE(fixture.stateOf(u"two"_s), NodeState::Lost);
        QCOMPARE(*fixture.registry.nodes().nodes.at(1).age, 10min);
        // What is heard live is newer than what is kept.
        fixture.hear(u"two"_s);
        fixture.registry.takeKept({ old });
        QCOMPARE(fixture.stateOf(u"two"_s), NodeState::Up);
    }

    void whomNobodyKeepsIsForgotten()
    {
        Fixture fixture;
        fixture.hear(u"two"_s);
        fixture.registry.takeKept({});
        QCOMPARE(fixture.registry.nodes().nodes.size(), 2U); // it is up: its report comes
        fixture.clock.advance(5s);
        fixture.registry.takeKept({});
        QCOMPARE(fixture.registry.nodes().nodes.size(), 1U);
    }

    void anEarlierRunOfANodeIsOldNews()
    {
        Fixture fixture;
        fixture.hear(u"two"_s, 5);
        NodeReport earlier = fixture.of(u"two"_s, 99);
        earlier.node.startedAt -= 1h;
        fixture.registry.take(earlier);
        QCOMPARE(fixture.registry.state(u"two"_s)->totals.activeConnections, 5);
    }

    void aRunThatSeemsEarlierCountsWhenTheOtherIsGone()
    {
        Fixture fixture;
        NodeReport wasAhead = fixture.of(u"two"_s, 5);
        wasAhead.node.startedAt += 1h;
        fixture.registry.take(wasAhead);
        wasAhead.isLeaving = true;
        fixture.registry.take(wasAhead);
        const NodeReport next = fixture.of(u"two"_s, 7); // its clock has been set right
        fixture.registry.take(next);
        QCOMPARE(fixture.registry.state(u"two"_s)->totals.activeConnections, 7);
        QCOMPARE(fixture.stateOf(u"two"_s), NodeState::Up);
    }

    void isBounded()
    {
        Fixture fixture;
        for (size_t i = 0; i < 2 * NodeRegistry::kMaxNodes; ++i)
            fixture.hear(u"node-%1"_s.arg(i));
        QCOMPARE(fixture.registry.nodes().nodes.size(), NodeRegistry::kMaxNodes + 1);
    }

    void remembersTheMostOfTheDay()
    {
        Fixture fixture;
        fixture.self.activeConnections = 3;
        fixture.hear(u"two"_s, 5);
        fixture.registry.tick();
        QCOMPARE(fixture.registry.clusterPeak(), 8);
        fixture.hear(u"two"_s, 1);
        fixture.registry.tick();
        QCOMPARE(fixture.registry.clusterPeak(), 8);
        NodeReport witness = fixture.of(u"three"_s); // it saw more, before this node started
        witness.clusterPeak = 40;
        fixture.registry.take(witness);
        fixture.registry.tick();
        QCOMPARE(fixture.registry.state({})->peakConnections, 40);
        fixture.self.today.begin += 24h;
        fixture.registry.tick();
        QCOMPARE(fixture.registry.clusterPeak(), 4);
    }

    void theHistoryOfAllHasAGapWhereItIsCutOff()
    {
        Fixture fixture;
        const UtcTime begin = fixture.clock.utc();
        const auto second = [&fixture] {
            fixture.clock.advance(1s);
            fixture.self.frame[Metric::ActiveConnections] = 3;
            fixture.hear(u"two"_s, 5);
            fixture.registry.tick();
        };
        second();
        fixture.registry.setRedis({ false, {}, u"refused"_s, fixture.clock.utc() });
        second();
        fixture.registry.setRedis({ true, {}, {}, fixture.clock.utc() });
        second();
        std::optional<HistoryReply> reply;
        fixture.registry.history({}, { { Metric::ActiveConnections }, begin, begin + 3s, 3 },
            [&reply](const Result<HistoryReply> &answer) { reply = *answer; });
        QVERIFY(reply);
        const std::vector<double> &values = reply->series.at(0).maximum;
        QCOMPARE(values.size(), 3U);
        QCOMPARE(values[0], 8.0);
        QVERIFY(std::isnan(values[1]));
        QCOMPARE(values[2], 8.0);
    }

    void aNodesHistoryComesFromWhereItIs()
    {
        Fixture fixture;
        fixture.hear(u"two"_s);
        fixture.clock.advance(1s);
        fixture.own.add(fixture.now(fixture.self).frame);
        const HistoryQuery query{ { Metric::Errors }, fixture.clock.utc() - 10s, fixture.clock.utc(), 10 };
        int answers = 0;
        fixture.registry.history(
            u"mine"_s, query, [&answers](const Result<HistoryReply> &reply) { answers += reply->bucketCount > 0; });
        QCOMPARE(fixture.asked, QStringList());
        fixture.registry.history(
            u"two"_s, query, [&answers](const Result<HistoryReply> &reply) { answers += bool(reply); });
        QCOMPARE(fixture.asked, QStringList{ u"two"_s });
        fixture.registry.history(
            u"three"_s, query, [&answers](const Result<HistoryReply> &reply) { answers += !reply; });
        QCOMPARE(answers, 3);
    }
};

QTEST_GUILESS_MAIN(TestNodeRegistry)
#include "tst_noderegistry.moc"
