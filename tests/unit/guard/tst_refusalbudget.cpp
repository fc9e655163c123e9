// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/guard/refusalbudget.h"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

constexpr RefusalBudget::Bounds kBounds{ 10, 8'000, 8'000'000 };
constexpr MonoTime kStart{ 100h };
const IpAddress kOne = IpAddress::fromIpv4(1);

} // namespace

class TestRefusalBudget : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void countsTheDayByAnyDay()
    {
        DayBudget budget(800);
        qint64 spent = 0;
        const auto spendAll = [&](MonoTime now) {
            for (; budget.has(1, now); ++spent)
                budget.spend(1);
        };
        spendAll(kStart);
        QCOMPARE(spent, 100); // an eighth at once
        for (int minute = 1; minute <= 24 * 60; ++minute)
            spendAll(kStart + minute * 1min);
        QVERIFY(spent > 790 && spent <= 800);
        QVERIFY(!budget.has(1, kStart + 24h));
        QVERIFY(!budget.has(101, kStart + 240h)); // what is not spent does not gather
        QVERIFY(budget.has(100, kStart + 240h));
        QVERIFY(!budget.has(101, kStart));
    }

    void isScarceBelowTheHalf()
    {
        DayBudget budget(800);
        QVERIFY(!budget.isScarce(kStart));
        budget.spend(50);
        QVERIFY(!budget.isScarce(kStart));
        budget.spend(1);
        QVERIFY(budget.isScarce(kStart));
        QVERIFY(!budget.isScarce(kStart + 1h));
    }

    void boundsTheSecond()
    {
        RefusalBudget budget(kBounds);
        for (int i = 0; i < 10; ++i)
            QVERIFY(budget.mayTake(kStart) && budget.take(kOne, 100, kStart));
        QVERIFY(!budget.mayTake(kStart + 999ms));
        QVERIFY(!budget.take(kOne, 100, kStart + 999ms));
        QCOMPARE(budget.leftOut(), 2);
        QVERIFY(budget.take(kOne, 100, kStart + 1s));
        budget.leaveOut(5);
        QCOMPARE(budget.leftOut(), 7);
    }

    void boundsTheBytes()
    {
        RefusalBudget budget({ 100, 1'000'000, 8'000 });
        QVERIFY(!budget.take(kOne, 1'001, kStart)); // more than may be written at once
        QVERIFY(budget.take(kOne, 500, kStart));
        QVERIFY(budget.take(kOne, 400, kStart));
        QVERIFY(!budget.take(kOne, 400, kStart));
        QVERIFY(budget.take(kOne, 100, kStart));
        QCOMPARE(budget.leftOut(), 2);
    }

    void oneAddressLeavesHalfToOthers()
    {
        RefusalBudget budget(kBounds);
        int kept = 0;
        MonoTime now = kStart;
        for (int i = 0; i < 600; ++i, now += 1s) { // ten minutes
            for (int j = 0; j < 10; ++j)
                kept += budget.mayTake(now) && budget.take(kOne, 100, now) ? 1 : 0;
        }
        // Half of the thousand that may be written at once, what came back meanwhile, and six a minute.
        QVERIFY2(kept >= 500 && kept <= 500 + 50 + 60, qPrintable(QString::number(kept)));
        for (quint32 i = 0; i < 400; ++i, now += 1s)
            QVERIFY(budget.take(IpAddress::fromIpv4(1'000 + i), 100, now));
    }

    void aFloodIsNotLookedAtForEver()
    {
        RefusalBudget budget(kBounds);
        int looks = 0;
        for (int i = 0; i < 100'000; ++i) {
            if (budget.mayTake(kStart)) {
                ++looks;
                (void)budget.take(kOne, 1'000'001, kStart); // is never written down
            }
        }
        QCOMPARE(looks, 40);
        QCOMPARE(budget.leftOut(), 100'000);
    }
};

QTEST_GUILESS_MAIN(TestRefusalBudget)
#include "tst_refusalbudget.moc"
