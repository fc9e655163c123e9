// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "server/admin/monitoringcycle.h"
#include "tests/support/adminfixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestMonitoringCycle : public QObject
{
    Q_OBJECT

private:
    struct Fixture : AdminFixture
    {
        qint64 maxConnections = 100;
        MonitoringCycle::Watched watched{ [this] { return maxConnections; } };
        LiveFeed feed{ clock, monitoring, channel };
        MonitoringCycle cycle{ clock, aggregator, history, metricsArchive, decisions, alerts, feed,
            { [this] { return maxConnections; } } };

        void tick(int seconds = 1)
        {
            for (int i = 0; i < seconds; ++i) {
                clock.advance(1s);
                cycle.tick();
            }
        }
        void setConnections(qint64 count) { counters.activeConnections = count; }
        [[nodiscard]] size_t frames() const
        {
            return size_t(std::count_if(channel.consoleMessages.begin(), channel.consoleMessages.end(),
                [](const FakeChannel::ConsoleMessage &message) { return message.topic == ConsoleTopic::Metrics; }));
        }
        Decision decision(std::chrono::hours age = 0h)
        {
            Decision made;
            made.at = clock.utc() - age;
            made.id = UlidGenerator::withSystemEntropy().next(made.at);
            made.address = u"203.0.113.7"_s;
            return made;
        }
    };

private Q_SLOTS:
    void oneTickGoesEverywhere()
    {
        Fixture fixture;
        fixture.setConnections(5);
        fixture.tick();
        QCOMPARE(fixture.aggregator.frame()[Metric::ActiveConnections], 5.0);
        const UtcTime now = fixture.clock.utc();
        const HistoryReply reply = fixture.history.query({ Metric::ActiveConnections }, now - 1s, now, 10);
        QCOMPARE(reply.series.at(0).maximum.at(0), 5.0);
        QCOMPARE(fixture.frames(), 1U);
    }

    void savesEveryTenSeconds()
    {
        Fixture fixture;
        fixture.tick(MonitoringCycle::kSecondsPerSave - 1);
        QVERIFY(!fixture.metricsArchive.loadNewestDay().day.isValid());
        fixture.setConnections(9);
        fixture.tick();
        QCOMPARE(fixture.metricsArchive.loadNewestDay().peakConnections, 9);
    }

    void alertsLookAtThePercentOfTheLimit_data()
    {
        QTest::addColumn<qint64>("connections");
        QTest::addColumn<qint64>("maximum");
        QTest::addColumn<bool>("isRaised");
        QTest::newRow("at the threshold") << qint64(80) << qint64(100) << false;
        QTest::newRow("above it") << qint64(81) << qint64(100) << true;
        QTest::newRow("of a larger limit") << qint64(81) << qint64(1000) << false;
        QTest::newRow("no limit to speak of") << qint64(0) << qint64(0) << false;
        QTest::newRow("a limit of nothing divides nothing") << qint64(1) << qint64(0) << true;
    }
    void alertsLookAtThePercentOfTheLimit()
    {
        QFETCH(qint64, connections);
        QFETCH(qint64, maximum);
        QFETCH(bool, isRaised);
        Fixture fixture;
        fixture.setConnections(connections);
        fixture.maxConnections = maximum;
        fixture.tick(15);
        QCOMPARE(fixture.alerts.alerts(true).size(), isRaised ? 1U : 0U);
        if (isRaised)
            QCOMPARE(fixture.alerts.alerts(true).at(0).rule, u"high_connections"_s);
    }

    void alertsFollowALimitThatIsEdited()
    {
        Fixture fixture;
        fixture.setConnections(90);
        fixture.tick(15);
        QCOMPARE(fixture.alerts.alerts(true).size(), 1U);
        fixture.maxConnections = 1000;
        fixture.tick(15);
        QVERIFY(fixture.alerts.alerts(true).empty());
    }

    void alertsLookAtRefusalsOfLimitsAlone_data()
    {
        QTest::addColumn<Reason>("reason");
        QTest::addColumn<bool>("isRaised");
        QTest::newRow("connections") << Reason::TooManyConnections << true;
        QTest::newRow("reconnects") << Reason::TooManyReconnects << true;
        QTest::newRow("messages") << Reason::RateLimited << true;
        QTest::newRow("origin") << Reason::OriginNotAllowed << false;
        QTest::newRow("token") << Reason::TokenInvalid << false;
    }
    void alertsLookAtRefusalsOfLimitsAlone()
    {
        QFETCH(Reason, reason);
        QFETCH(bool, isRaised);
        Fixture fixture;
        for (int i = 0; i < 10; ++i) {
            WorkerCounters::add(fixture.counters.refused[size_t(reason)], 20);
            fixture.tick();
        }
        QCOMPARE(fixture.alerts.alerts(true).size(), isRaised ? 1U : 0U);
    }

    void alertsLookAtErrors()
    {
        Fixture fixture;
        WorkerCounters::add(fixture.counters.errors, 6);
        fixture.tick(10);
        QCOMPARE(fixture.alerts.alerts(true).at(0).rule, u"errors"_s);
        QCOMPARE(fixture.log.lines("alert_raised"_L1).size(), 1U);
        fixture.tick(70); // they are more than a minute ago
        QVERIFY(fixture.alerts.alerts(true).empty());
    }

    void alertsTellWhenDescriptorsRunOut_data()
    {
        QTest::addColumn<bool>("isTurnedAway");
        QTest::newRow("a newcomer is turned away") << true;
        QTest::newRow("an idle connection goes") << false;
    }
    void alertsTellWhenDescriptorsRunOut()
    {
        QFETCH(const bool, isTurnedAway);
        Fixture fixture;
        fixture.net.places.lost[size_t(HttpPlaces::Why::Address)] = 100; // says nothing of descriptors
        fixture.tick(10);
        QVERIFY(fixture.alerts.alerts(true).empty());
        ++(isTurnedAway ? fixture.net.turnedAway : fixture.net.places.lost[size_t(HttpPlaces::Why::Descriptors)]);
        fixture.tick(10);
        QCOMPARE(fixture.alerts.alerts(true).at(0).rule, u"out_of_descriptors"_s);
        fixture.tick(70);
        QVERIFY(fixture.alerts.alerts(true).empty());
    }

    void alertsTellWhenUsersAreRefused()
    {
        Fixture fixture;
        for (int i = 0; i < 10; ++i) {
            Decision decision = fixture.decision();
            decision.reason = Reason::TooManyConnections;
            decision.limit = 5;
            decision.user = i < 9 ? u"42"_s : QString();
            fixture.decisions.record(decision);
        }
        fixture.decisions.drain();
        fixture.tick(10);
        QVERIFY(fixture.alerts.alerts(true).empty()); // nine users and a stranger
        Decision decision = fixture.decision();
        decision.reason = Reason::TooManyConnections;
        decision.limit = 5;
        decision.user = u"43"_s;
        fixture.decisions.record(decision);
        fixture.decisions.drain();
        fixture.tick();
        QCOMPARE(fixture.alerts.alerts(true).at(0).rule, u"users_refused"_s);
        QVERIFY(fixture.alerts.alerts(true).at(0).detail.contains(u"203.0.113.7"_s));
    }

    void alertsTellOfOneAddress_data()
    {
        QTest::addColumn<qint64>("open");
        QTest::addColumn<qint64>("connections");
        QTest::addColumn<bool>("isRaised");
        QTest::newRow("all") << qint64(5) << qint64(5) << true;
        QTest::newRow("most") << qint64(81) << qint64(100) << true;
        QTest::newRow("four of five") << qint64(80) << qint64(100) << false;
        QTest::newRow("too few to say") << qint64(4) << qint64(4) << false;
        QTest::newRow("counted at another moment") << qint64(7) << qint64(5) << true;
    }
    void alertsTellOfOneAddress()
    {
        QFETCH(const qint64, open);
        QFETCH(const qint64, connections);
        QFETCH(bool, isRaised);
        Fixture fixture;
        fixture.maxConnections = 1000;
        fixture.setConnections(connections);
        const AddressKey proxy = AddressKey::of(IpAddress::parse("192.0.2.7").value());
        fixture.watched.busiest = [=](qint64 atLeast) {
            return open < atLeast ? std::nullopt : std::optional(AddressTable::Busiest{ proxy, open });
        };
        for (const bool hasProxies : { false, true }) {
            fixture.watched.hasTrustedProxies = hasProxies;
            MonitoringCycle cycle{ fixture.clock, fixture.aggregator, fixture.history, fixture.metricsArchive,
                fixture.decisions, fixture.alerts, fixture.feed, fixture.watched };
            for (int i = 0; i < 130; ++i) { // a minute to be raised, and one to tell more
                fixture.clock.advance(1s);
                cycle.tick();
            }
            QCOMPARE(fixture.alerts.alerts(true).size(), isRaised ? 1U : 0U);
            if (!isRaised)
                continue;
            const Alert alert = fixture.alerts.alerts(true).at(0);
            QCOMPARE(alert.rule, u"one_address_holds_all"_s);
            QVERIFY(alert.value <= 100);
            QVERIFY2(alert.detail.contains(u"192.0.2.7"_s), qPrintable(alert.detail));
            QCOMPARE(alert.detail.contains(u"is empty"_s), !hasProxies);
        }
    }

    void alertsNameANetworkAsLimitsDo()
    {
        Fixture fixture;
        fixture.maxConnections = 1000;
        fixture.setConnections(10);
        fixture.watched.ipv6PrefixBits = 56;
        fixture.watched.busiest = [](qint64) {
            const IpAddress network = IpAddress::parse("2001:db8:5:abcd::1")->bucket(56);
            return std::optional(AddressTable::Busiest{ AddressKey::of(network), 10 });
        };
        MonitoringCycle cycle{ fixture.clock, fixture.aggregator, fixture.history, fixture.metricsArchive,
            fixture.decisions, fixture.alerts, fixture.feed, fixture.watched };
        for (int i = 0; i < 130; ++i) {
            fixture.clock.advance(1s);
            cycle.tick();
        }
        const QString detail = fixture.alerts.alerts(true).at(0).detail;
        QVERIFY2(detail.contains(u"2001:db8:5:ab00::/56"_s), qPrintable(detail));
    }

    void alertsTellWhichGuardsAreOff()
    {
        Fixture fixture;
        fixture.watched.guardsOff = [] { return QStringList{ u"MAX_CONNECTIONS_PER_IP_MODE is off"_s, u"b"_s }; };
        MonitoringCycle cycle{ fixture.clock, fixture.aggregator, fixture.history, fixture.metricsArchive,
            fixture.decisions, fixture.alerts, fixture.feed, fixture.watched };
        for (int i = 0; i < 15; ++i) {
            fixture.clock.advance(1s);
            cycle.tick();
        }
        const Alert alert = fixture.alerts.alerts(true).at(0);
        QCOMPARE(alert.rule, u"guards_off"_s);
        QCOMPARE(alert.value, 2.0);
        QCOMPARE(alert.detail, u"MAX_CONNECTIONS_PER_IP_MODE is off; b"_s);
    }

    void alertsTellOfCertificatesThatEnd_data()
    {
        QTest::addColumn<qint64>("days");
        QTest::addColumn<bool>("isRaised");
        QTest::newRow("in a year") << qint64(365) << false;
        QTest::newRow("in 15 days") << qint64(15) << false;
        QTest::newRow("in 14 days") << qint64(14) << true;
        QTest::newRow("today") << qint64(0) << true;
        QTest::newRow("ended since the start") << qint64(-1) << true;
    }
    void alertsTellOfCertificatesThatEnd()
    {
        QFETCH(qint64, days);
        QFETCH(bool, isRaised);
        Fixture fixture;
        JwtKey plain;
        JwtKey certified{ u"2025"_s, {}, JwtAlgorithm::Rs256 };
        certified.validUntil = fixture.clock.utc() + 24h * days;
        const std::vector<JwtKey> keys{ plain, certified };
        fixture.watched.keys = [&keys]() -> const auto &
        {
            return keys;
        };
        MonitoringCycle cycle{ fixture.clock, fixture.aggregator, fixture.history, fixture.metricsArchive,
            fixture.decisions, fixture.alerts, fixture.feed, fixture.watched };
        cycle.tick();
        QCOMPARE(fixture.alerts.alerts(true).size(), isRaised ? 1U : 0U);
        if (!isRaised)
            return;
        const Alert alert = fixture.alerts.alerts(true).at(0);
        QCOMPARE(alert.rule, u"certificate_expires"_s);
        QVERIFY2(alert.detail.contains(u"\"2025\""_s), qPrintable(alert.detail));
        QVERIFY2(alert.detail.contains(u"no other key for RS256 lasts longer"_s), qPrintable(alert.detail));
    }

    void alertsEndWhenTheNextCertificateIsThere_data()
    {
        QTest::addColumn<JwtAlgorithm>("algorithm");
        QTest::addColumn<int>("days"); // 0: a plain key
        QTest::addColumn<QStringList>("raisedFor");
        using enum JwtAlgorithm;
        QTest::newRow("the next year's") << Rs256 << 370 << QStringList();
        QTest::newRow("one that has no end") << Rs256 << 0 << QStringList();
        QTest::newRow("one that ends soon too") << Rs256 << 6 << QStringList{ u"\"next\""_s };
        QTest::newRow("one that ends before") << Rs256 << 4 << QStringList{ u"\"2025\""_s };
        QTest::newRow("on the same day") << Rs256 << 5 << QStringList{ u"\"2025\""_s, u"\"next\""_s };
        QTest::newRow("for other tokens") << Es256 << 370 << QStringList{ u"\"2025\""_s };
    }
    void alertsEndWhenTheNextCertificateIsThere()
    {
        QFETCH(JwtAlgorithm, algorithm);
        QFETCH(int, days);
        QFETCH(QStringList, raisedFor);
        Fixture fixture;
        std::vector<JwtKey> keys{ { u"2025"_s, {}, JwtAlgorithm::Rs256 } };
        keys[0].validUntil = fixture.clock.utc() + 24h * 5;
        fixture.watched.keys = [&keys]() -> const auto &
        {
            return keys;
        };
        MonitoringCycle cycle{ fixture.clock, fixture.aggregator, fixture.history, fixture.metricsArchive,
            fixture.decisions, fixture.alerts, fixture.feed, fixture.watched };
        cycle.tick();
        QCOMPARE(fixture.alerts.alerts(true).size(), 1U);
        keys.push_back({ u"next"_s, {}, algorithm });
        if (days > 0)
            keys[1].validUntil = fixture.clock.utc() + 24h * days;
        for (int i = 0; i < 70; ++i) { // until an alert tells more
            fixture.clock.advance(1s);
            cycle.tick();
        }
        QCOMPARE(fixture.alerts.alerts(true).empty(), raisedFor.isEmpty());
        const QString detail = raisedFor.isEmpty() ? QString() : fixture.alerts.alerts(true).at(0).detail;
        for (const QString &name : { u"\"2025\""_s, u"\"next\""_s })
            QCOMPARE(detail.contains(name), raisedFor.contains(name));
    }

    void alertsTellThatGuardsRefuseNobody_data()
    {
        QTest::addColumn<qint64>("clients");
        QTest::addColumn<bool>("isRaised");
        QTest::newRow("of many") << IdleGuards::kClientsADay << true;
        QTest::newRow("of a small site's") << IdleGuards::kClientsADay / 2 << false;
    }
    void alertsTellThatGuardsRefuseNobody()
    {
        QFETCH(const qint64, clients);
        QFETCH(const bool, isRaised);
        Fixture fixture;
        const auto passADay = [&fixture, clients] { // from noon to noon
            fixture.clock.advance(23h);
            fixture.cycle.tick();
            WorkerCounters::add(fixture.counters.accepted, clients);
            fixture.cycle.tick();
            fixture.clock.advance(1h);
            fixture.cycle.tick();
        };
        WorkerCounters::add(fixture.counters.accepted, clients);
        fixture.cycle.tick();
        for (int day = 0; day < 29; ++day)
            passADay();
        QVERIFY(fixture.alerts.alerts(true).empty()); // it is 29 days and a half
        passADay();
        QCOMPARE(fixture.alerts.alerts(true).size(), isRaised ? 1U : 0U);
        if (!isRaised)
            return;
        const Alert alert = fixture.alerts.alerts(true).at(0);
        QCOMPARE(alert.rule, u"guard_idle"_s);
        QCOMPARE(alert.toJson()["severity"_L1].toString(), u"information"_s);
        QVERIFY2(alert.detail.contains(u"EXEMPT_NETWORKS"_s), qPrintable(alert.detail));
        QCOMPARE(fixture.log.lines("alert_raised"_L1).at(0).level, LogLevel::Info);
        WorkerCounters::add(fixture.counters.refused[size_t(Reason::TokenExpired)], 1);
        fixture.tick(2);
        QVERIFY(fixture.alerts.alerts(true).empty());
    }

    void deletesOldThingsAtTheStartAndOnceAnHour()
    {
        Fixture fixture;
        fixture.decisionArchive.append({ fixture.decision(31 * 24h), fixture.decision() }, {});
        QCOMPARE(fixture.state.query("SELECT count(*) FROM decisions"), 2);
        fixture.cycle.start();
        QCOMPARE(fixture.state.query("SELECT count(*) FROM decisions"), 1);
        fixture.decisionArchive.append({ fixture.decision(31 * 24h) }, {});
        fixture.tick(MonitoringCycle::kSecondsPerCleaning - 1);
        QCOMPARE(fixture.state.query("SELECT count(*) FROM decisions"), 2);
        fixture.tick();
        QCOMPARE(fixture.state.query("SELECT count(*) FROM decisions"), 1);
    }

    void startTicksByItself()
    {
        Fixture fixture;
        fixture.clock.jumpUtc(850ms); // 150 ms before the full second
        fixture.cycle.start();
        QCOMPARE(fixture.frames(), 0U);
        QTRY_VERIFY(fixture.frames() >= 1);
    }

    void startDrainsTheDecisions()
    {
        Fixture fixture;
        QSignalSpy drained(&fixture.decisions, &DecisionLog::drained);
        fixture.cycle.start();
        fixture.decisions.record(fixture.decision());
        QTRY_COMPARE(drained.size(), 1);
    }

    void finishSavesWhatIsLeft()
    {
        Fixture fixture;
        fixture.setConnections(7);
        fixture.tick(3); // not yet a time to save
        fixture.decisions.record(fixture.decision());
        fixture.cycle.finish();
        QCOMPARE(fixture.metricsArchive.loadNewestDay().peakConnections, 7);
        QCOMPARE(fixture.state.query("SELECT count(*) FROM decisions"), 1);
        QCOMPARE(fixture.decisions.recorded(), 1);
    }

    void midnightBeginsANewDay()
    {
        Fixture fixture;
        fixture.clock.advance(12h - 5s); // 23:59:55
        fixture.aggregator.tick();
        WorkerCounters::add(fixture.counters.accepted, 4);
        fixture.tick(4);
        QCOMPARE(fixture.aggregator.totals().connectionsToday, 4);
        fixture.tick(2);
        QCOMPARE(fixture.aggregator.totals().connectionsToday, 0);
        fixture.tick(4); // the tenth tick saves both days
        QCOMPARE(fixture.state.query("SELECT count(*) FROM metrics_days"), 2);
    }
};

QTEST_GUILESS_MAIN(TestMonitoringCycle)
#include "tst_monitoringcycle.moc"
