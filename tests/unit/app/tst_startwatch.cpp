// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/startwatch.h"

#include <csignal>

#include <QtCore/QCoreApplication>
#include <QtTest/QTest>

#include "tests/support/fakeclock.h"
#include "tests/support/recordinglog.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestStartWatch final : public QObject
{
    Q_OBJECT

private:
    FakeClock m_clock;

private Q_SLOTS:
    void saysHowFarItIs()
    {
        SignalWatcher signalWatcher;
        SystemdNotifier systemd;
        RecordingLog log;
        StartWatch watch(signalWatcher, systemd, m_clock, log);
        const auto readMebibytes = [&](qint64 read) {
            return watch.observe({ read * 1024 * 1024, 7168LL * 1024 * 1024, false });
        };
        QVERIFY(readMebibytes(1));
        m_clock.advance(900ms);
        QVERIFY(readMebibytes(80));
        QVERIFY(log.lines().empty()); // nobody needs to know of a short one
        m_clock.advance(100ms);
        QVERIFY(readMebibytes(90));
        QCOMPARE(log.lines("state_file_read"_L1).size(), 1U);
        QCOMPARE(log.lines()[0].fields["read_mib"_L1].toInteger(), 90);
        QCOMPARE(log.lines()[0].fields["file_mib"_L1].toInteger(), 7168);
        for (int second = 0; second < 20; ++second) {
            m_clock.advance(1s);
            QVERIFY(readMebibytes(100 + second));
        }
        QCOMPARE(log.lines().size(), 5U);
        m_clock.advance(StartWatch::kTellInterval);
        QVERIFY(watch.observe({ 1, 1, true }));
        QVERIFY(log.lines().back().fields["detail"_L1].toString().contains(u"damaged"_s));
    }

    void endsAtASignal_data()
    {
        QTest::addColumn<int>("number");
        QTest::newRow("SIGTERM") << SIGTERM;
        QTest::newRow("SIGINT") << SIGINT;
    }

    void endsAtASignal()
    {
        QFETCH(const int, number);
        SignalWatcher signalWatcher;
        SystemdNotifier systemd;
        RecordingLog log;
        StartWatch watch(signalWatcher, systemd, m_clock, log);
        QVERIFY(watch.observe({ 1, 100, false }));
        ::raise(number);
        m_clock.advance(1s);
        QVERIFY(!watch.observe({ 2, 100, false }));
        m_clock.advance(1s);
        QVERIFY(!watch.observe({ 3, 100, false }));
    }
};

QTEST_GUILESS_MAIN(TestStartWatch)
#include "tst_startwatch.moc"
