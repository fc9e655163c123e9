// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/redis/backoff.h"

using namespace std::chrono_literals;
using namespace gatehouse;

class TestBackoff final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void doublesUpToTheMost();
    void staysWithinItsHalf();
    void beginsAnew();
};

void TestBackoff::doublesUpToTheMost()
{
    Backoff backoff(100ms, 5s);
    for (const auto least : { 50ms, 100ms, 200ms, 400ms, 800ms, 1600ms, 2500ms, 2500ms })
        QCOMPARE(backoff.next(0.0), least);
    for (int i = 0; i < 100; ++i)
        QCOMPARE(backoff.next(0.0), std::chrono::milliseconds(2500));
}

void TestBackoff::staysWithinItsHalf()
{
    for (const double random : { 0.0, 0.1, 0.5, 0.999, 1.0, 7.0, -1.0 }) {
        Backoff backoff(100ms, 5s);
        const auto pause = backoff.next(random);
        QVERIFY(pause >= 50ms && pause <= 100ms);
    }
    Backoff backoff(100ms, 5s);
    QCOMPARE(backoff.next(0.5), std::chrono::milliseconds(75));
}

void TestBackoff::beginsAnew()
{
    Backoff backoff(100ms, 5s);
    for (int i = 0; i < 10; ++i)
        QVERIFY(backoff.next(0.0) >= 50ms);
    backoff.reset();
    QCOMPARE(backoff.next(0.0), std::chrono::milliseconds(50));
}

QTEST_APPLESS_MAIN(TestBackoff)
#include "tst_backoff.moc"
