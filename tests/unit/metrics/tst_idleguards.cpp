// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/metrics/idleguards.h"
#include "tests/support/fakeclock.h"

using namespace std::chrono_literals;
using namespace gatehouse;

namespace {

constexpr qint64 kMany = IdleGuards::kClientsADay;

} // namespace

class TestIdleGuards : public QObject
{
    Q_OBJECT

private:
    FakeClock m_clock; // it is noon

    /// So many days ago.
    DayRecord day(int ago, qint64 clients = 2 * kMany) const
    {
        DayRecord record = DayRecord::dayOf(m_clock.utc() - 24h * ago, QTimeZone::utc());
        record[Metric::Handshakes] = clients;
        return record;
    }

private Q_SLOTS:
    void countsTheDaysThatAreKnown()
    {
        IdleGuards guards;
        QCOMPARE(guards.days(m_clock.utc()), 0.0);
        guards.remember({ day(3), day(2), day(1) });
        guards.observe(day(0));
        QCOMPARE(guards.days(m_clock.utc()), 3.5);
        QVERIFY(guards.sentence(m_clock.utc()).contains(QStringLiteral("for 3 days, of 24000 clients")));
    }

    void beginsAnewWithARefusal_data()
    {
        QTest::addColumn<Metric>("metric");
        QTest::newRow("by the limits") << Metric::RefusedConnections;
        QTest::newRow("of reconnects") << Metric::RefusedReconnects;
        QTest::newRow("of messages") << Metric::RefusedMessages;
        QTest::newRow("by the Origin") << Metric::RefusedOrigin;
        QTest::newRow("by the token") << Metric::RefusedToken;
        QTest::newRow("by others") << Metric::RefusedOther;
        QTest::newRow("in observe mode") << Metric::Observed;
    }
    void beginsAnewWithARefusal()
    {
        QFETCH(const Metric, metric);
        IdleGuards guards;
        DayRecord refused = day(2);
        refused[metric] = 1;
        guards.remember({ day(4), day(3), refused, day(1) });
        guards.observe(day(0));
        QCOMPARE(guards.days(m_clock.utc()), 1.5);
        DayRecord today = day(0);
        today[metric] = 1;
        guards.observe(today);
        QCOMPARE(guards.days(m_clock.utc()), 0.0);
        QVERIFY(guards.sentence(m_clock.utc()).isEmpty());
        guards.observe(day(-1)); // the next day
        m_clock.advance(24h);
        QCOMPARE(guards.days(m_clock.utc()), 0.5);
    }

    void daysPassWhileItRuns()
    {
        IdleGuards guards;
        for (int ago = 40; ago >= 0; --ago)
            guards.observe(day(ago));
        QCOMPARE(guards.days(m_clock.utc()), 40.5);
    }

    void fewClientsSayNothing()
    {
        IdleGuards guards;
        guards.remember({ day(2, kMany), day(1, kMany) });
        guards.observe(day(0, kMany / 2 - 1));
        QCOMPARE(guards.days(m_clock.utc()), 0.0);
        guards.observe(day(0, kMany / 2));
        QCOMPARE(guards.days(m_clock.utc()), 2.5);
        IdleGuards small;
        small.remember({ day(2, 0), day(1, kMany / 10) });
        small.observe(day(0, 0));
        QCOMPARE(small.days(m_clock.utc()), 0.0);
    }
};

QTEST_GUILESS_MAIN(TestIdleGuards)
#include "tst_idleguards.moc"
