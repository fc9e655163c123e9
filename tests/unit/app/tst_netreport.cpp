// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/app/netreport.h"
#include "tests/support/fakeclock.h"
#include "tests/support/recordinglog.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestNetReport : public QObject
{
    Q_OBJECT

private:
    FakeClock m_clock;

private Q_SLOTS:
    void saysNothingOfNothing()
    {
        RecordingLog log;
        NetReport report(m_clock, log);
        NetCounts now;
        now.places.connections = 100;
        now.places.lost[size_t(HttpPlaces::Why::Address)] = 5; // one client's own doing
        report.observe(now);
        QVERIFY(log.lines().empty());
    }

    void saysOnceAMinuteWhoWasClosed()
    {
        RecordingLog log;
        NetReport report(m_clock, log);
        NetCounts now;
        for (int second = 0; second < 61; ++second) {
            now.turnedAway += 2;
            now.places.lost[size_t(HttpPlaces::Why::Descriptors)] += 3;
            report.observe(now);
            m_clock.advance(1s);
        }
        const auto lines = log.lines("out_of_descriptors"_L1);
        QCOMPARE(lines.size(), 2U);
        QCOMPARE(lines[0].level, LogLevel::Warning);
        QCOMPARE(lines[0].fields["turned_away"_L1].toInt(), 2);
        QCOMPARE(lines[1].fields["turned_away"_L1].toInt(), 120); // what came meanwhile is not lost
        QCOMPARE(lines[1].fields["idle_closed"_L1].toInt(), 180);
    }

    void saysThatAWorkerWasBlocked()
    {
        RecordingLog log;
        NetReport report(m_clock, log);
        NetCounts now;
        now.blockedFor = 1500ms;
        report.observe(now);
        QVERIFY(log.lines().empty()); // it may be over in a moment
        now.blockedTimes = 1;
        now.blockedTime = 2500ms;
        report.observe(now);
        report.observe(now);
        const auto lines = log.lines("worker_blocked"_L1);
        QCOMPARE(lines.size(), 1U);
        QCOMPARE(lines[0].fields["times"_L1].toInt(), 1);
        QCOMPARE(lines[0].fields["milliseconds"_L1].toInt(), 2500);
    }

    void namesAProxyThatDoesNotSayWhoseItsClientsAre()
    {
        RecordingLog log;
        NetReport report(m_clock, log);
        NetCounts now;
        now.unforwarded = { 1, IpAddress::fromIpv4(0x0a000001), Forwarded::Missing };
        report.observe(now);
        for (int minute = 0; minute < 59; ++minute) {
            now.unforwarded.count += 10;
            now.unforwarded.forwarded = Forwarded::Unusable;
            report.observe(now);
            m_clock.advance(1min);
        }
        QCOMPARE(log.lines("client_not_forwarded"_L1).size(), 1U);
        m_clock.advance(1min);
        now.unforwarded.proxy = {};
        report.observe(now);
        report.observe(now);
        const auto lines = log.lines("client_not_forwarded"_L1);
        QCOMPARE(lines.size(), 2U);
        QCOMPARE(lines[0].fields["proxy"_L1].toString(), u"10.0.0.1"_s);
        QCOMPARE(lines[0].fields["header"_L1].toString(), u"missing"_s);
        QCOMPARE(lines[0].fields["count"_L1].toInt(), 1);
        QCOMPARE(lines[1].fields["proxy"_L1].toString(), u"unix"_s);
        QCOMPARE(lines[1].fields["header"_L1].toString(), u"unusable"_s);
        QCOMPARE(lines[1].fields["count"_L1].toInt(), 590);
    }
};

QTEST_GUILESS_MAIN(TestNetReport)
#include "tst_netreport.moc"
