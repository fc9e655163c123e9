// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/reconnectpolicy.h"

#include <QtTest/QtTest>

using namespace gatehouse;
using namespace std::chrono_literals;

class TestReconnectPolicy : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void doublesUpToHalfAMinute();
    void jitterStaysBetweenHalfAndWhole_data();
    void jitterStaysBetweenHalfAndWhole();
    void startsOverAfterTenStableSeconds();
    void goesOnWhenTheConnectionDidNotHold();
    void startsOverWhenTold();
};

namespace {

ReconnectPolicy::Random always(double value)
{
    return [value] { return value; };
}

constexpr MonoTime kStart{ 1000s };

} // namespace

void TestReconnectPolicy::doublesUpToHalfAMinute()
{
    ReconnectPolicy policy(always(1.0));
    for (const auto expected : { 500ms, 1000ms, 2000ms, 4000ms, 8000ms, 16'000ms, 30'000ms, 30'000ms })
        QCOMPARE(policy.lost(kStart).count(), expected.count());
    for (int i = 0; i < 1000; ++i)
        QCOMPARE(policy.lost(kStart), 30'000ms);
}

void TestReconnectPolicy::jitterStaysBetweenHalfAndWhole_data()
{
    QTest::addColumn<double>("random");
    QTest::addColumn<int>("millis");
    QTest::newRow("lowest") << 0.0 << 250;
    QTest::newRow("middle") << 0.5 << 375;
    QTest::newRow("highest") << 0.9999 << 500;
    QTest::newRow("a source that is broken downwards") << -3.0 << 250;
    QTest::newRow("a source that is broken upwards") << 7.0 << 500;
}

void TestReconnectPolicy::jitterStaysBetweenHalfAndWhole()
{
    QFETCH(double, random);
    QFETCH(int, millis);
    ReconnectPolicy policy(always(random));
    QCOMPARE(policy.lost(kStart).count(), millis);
}

void TestReconnectPolicy::startsOverAfterTenStableSeconds()
{
    ReconnectPolicy policy(always(1.0));
    for (int i = 0; i < 5; ++i)
        (void)policy.lost(kStart);
    policy.connected(kStart);
    QCOMPARE(policy.lost(kStart + 10s), 500ms);
    QCOMPARE(policy.lost(kStart + 11s), 1000ms);
}

void TestReconnectPolicy::goesOnWhenTheConnectionDidNotHold()
{
    ReconnectPolicy policy(always(1.0));
    for (int i = 0; i < 3; ++i)
        (void)policy.lost(kStart);
    policy.connected(kStart);
    QCOMPARE(policy.lost(kStart + 9999ms), 4000ms);
    // A failed attempt long afterwards is not a connection that held.
    QCOMPARE(policy.lost(kStart + 1h), 8000ms);
}

void TestReconnectPolicy::startsOverWhenTold()
{
    ReconnectPolicy policy(always(1.0));
    for (int i = 0; i < 5; ++i)
        (void)policy.lost(kStart);
    policy.reset();
    QCOMPARE(policy.lost(kStart), 500ms);
}

QTEST_GUILESS_MAIN(TestReconnectPolicy)
#include "tst_reconnectpolicy.moc"
