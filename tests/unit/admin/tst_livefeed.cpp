// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/admin/livefeed.h"
#include "shared/util/isotime.h"
#include "tests/support/adminfixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestLiveFeed : public QObject
{
    Q_OBJECT

private:
    struct Fixture : AdminFixture
    {
        LiveFeed feed{ clock, monitoring, channel };

        void tick()
        {
            clock.advance(1s);
            aggregator.tick();
            feed.sendMetrics();
        }
        [[nodiscard]] QStringList types() const
        {
            QStringList all;
            for (const FakeChannel::ConsoleMessage &message : channel.consoleMessages)
                all.append(message.json["type"_L1].toString());
            return all;
        }
        [[nodiscard]] const FakeChannel::ConsoleMessage &last() const { return channel.consoleMessages.back(); }
    };

    static std::vector<Decision> decisions(size_t count)
    {
        std::vector<Decision> all(count);
        for (size_t i = 0; i < count; ++i)
            all[i].id = QString::number(i);
        return all;
    }

private Q_SLOTS:
    void beginsWithServerAndMetrics()
    {
        const ServerInfo server{ u"1.2"_s, UtcTime(1s), false, 3, u"viewer"_s, u"ann"_s };
        const QJsonObject json = QJsonDocument::fromJson(LiveFeed::hello(server)).object();
        QCOMPARE(json["type"_L1].toString(), u"hello"_s);
        QCOMPARE(json["server"_L1].toObject(), server.toJson());
        QCOMPARE(json["metadata"_L1].toArray().size(), qsizetype(kMetricCount));
    }

    void carriesAFrameWithEveryTotal()
    {
        Fixture fixture;
        WorkerCounters::add(fixture.counters.messagesIn, 7);
        WorkerCounters::add(fixture.counters.refused[size_t(Reason::RateLimited)], 3);
        fixture.addressesNearLimit = 2;
        fixture.tick();
        QCOMPARE(fixture.types(), QStringList{ u"metrics"_s }); // nothing opened or closed
        QCOMPARE(fixture.last().topic, ConsoleTopic::Metrics);
        const QJsonObject json = fixture.last().json;
        QCOMPARE(json["frame"_L1]["t"_L1].toString(), isoMillis(fixture.clock.utc()));
        QCOMPARE(json["frame"_L1]["values"_L1][int(Metric::MessagesIn)].toInt(), 7);
        QCOMPARE(json["totals"_L1]["messages_received"_L1].toInt(), 7);
        QCOMPARE(json["totals"_L1]["messages_per_minute"_L1].toInt(), 7);
        QCOMPARE(json["refusals_per_minute"_L1].toInt(), 3);
        QCOMPARE(json["addresses_near_limit"_L1].toInt(), 2);
        QCOMPARE(json["peak_connections"_L1].toInt(), 0);
    }

    void tellsOfConnectionsOnlyWhenSomeCameOrWent()
    {
        Fixture fixture;
        fixture.tick();
        QCOMPARE(fixture.types(), QStringList{ u"metrics"_s });
        WorkerCounters::add(fixture.counters.accepted, 2);
        WorkerCounters::add(fixture.counters.activeConnections, 2);
        fixture.tick();
        QCOMPARE(fixture.types(), (QStringList{ u"metrics"_s, u"metrics"_s, u"connections"_s }));
        QCOMPARE(fixture.last().topic, ConsoleTopic::Connections);
        QCOMPARE(fixture.last().json["active"_L1].toInt(), 2);
        fixture.tick(); // still two
        QCOMPARE(fixture.types().size(), 4);
        WorkerCounters::add(fixture.counters.accepted, 1);
        WorkerCounters::add(fixture.counters.closed, 1); // as many, but others
        fixture.tick();
        QCOMPARE(fixture.types().back(), u"connections"_s);
        QCOMPARE(fixture.last().json["active"_L1].toInt(), 2);
    }

    void inAClusterItSaysWhoseDecisionsTheyAre()
    {
        Fixture fixture;
        std::vector<Decision> two = decisions(2);
        two[1].node = u"node-2"_s;
        fixture.feed.sendDecisions(two, 0);
        QVERIFY(!fixture.last().json["decisions"_L1][0].toObject().contains("node"_L1));
        fixture.feed.setNode(u"node-1"_s);
        fixture.feed.sendDecisions(two, 0);
        QCOMPARE(fixture.last().json["decisions"_L1][0]["node"_L1].toString(), u"node-1"_s);
        QCOMPARE(fixture.last().json["decisions"_L1][1]["node"_L1].toString(), u"node-2"_s);
    }

    void tellsOfAFloodHowManyAreLeftOut_data()
    {
        QTest::addColumn<int>("count");
        QTest::addColumn<int>("sent");
        QTest::addColumn<int>("skipped"); // with the 5 that the log had no room for
        QTest::newRow("none") << 0 << 0 << 5;
        QTest::newRow("one") << 1 << 1 << 5;
        QTest::newRow("as many as fit") << 500 << 500 << 5;
        QTest::newRow("one more") << 501 << 500 << 6;
        QTest::newRow("a flood") << 10'000 << 500 << 9505;
    }
    void tellsOfAFloodHowManyAreLeftOut()
    {
        QFETCH(int, count);
        QFETCH(int, sent);
        QFETCH(int, skipped);
        Fixture fixture;
        fixture.feed.sendDecisions(decisions(size_t(count)), 5);
        QCOMPARE(fixture.last().topic, ConsoleTopic::Decisions);
        const QJsonArray array = fixture.last().json["decisions"_L1].toArray();
        QCOMPARE(array.size(), sent);
        QCOMPARE(fixture.last().json["skipped"_L1].toInt(), skipped);
        if (sent > 0) // the newest are kept
            QCOMPARE(array.last()["id"_L1].toString(), QString::number(count - 1));
    }

    void writesAlerts()
    {
        Fixture fixture;
        Alert alert;
        alert.id = u"01J"_s;
        alert.rule = u"errors"_s;
        alert.raisedAt = fixture.clock.utc();
        fixture.feed.sendAlert(alert);
        QCOMPARE(fixture.last().topic, ConsoleTopic::Alerts);
        QCOMPARE(fixture.types(), QStringList{ u"alert"_s });
        QCOMPARE(fixture.last().json["alert"_L1].toObject(), alert.toJson());
    }

    void writesLimitsWithTheRevisionThatChangedThem()
    {
        Fixture fixture;
        Revision revision;
        revision.revision = 7;
        revision.by = u"root"_s;
        fixture.feed.sendLimits(fixture.limits.document(), revision);
        QCOMPARE(fixture.last().topic, ConsoleTopic::Limits);
        QCOMPARE(fixture.types(), QStringList{ u"limits"_s });
        QCOMPARE(fixture.last().json["document"_L1].toObject(), fixture.limits.document().toJson());
        QCOMPARE(fixture.last().json["revision"_L1]["by"_L1].toString(), u"root"_s);
    }

    void theSwitchGoesToWhoWatchesTheLimits()
    {
        Fixture fixture;
        fixture.feed.sendSwitch(false);
        QCOMPARE(fixture.last().topic, ConsoleTopic::Limits);
        QCOMPARE(fixture.last().json, (QJsonObject{ { u"type"_s, u"switch"_s }, { u"enabled"_s, false } }));
        fixture.feed.sendSwitch(true);
        QCOMPARE(fixture.last().json["enabled"_L1].toBool(), true);
    }
};

QTEST_GUILESS_MAIN(TestLiveFeed)
#include "tst_livefeed.moc"
