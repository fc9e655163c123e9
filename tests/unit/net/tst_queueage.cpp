// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/net/queueage.h"

using namespace gatehouse;

class TestQueueAge : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void knowsNothingOfAnEmptyQueue()
    {
        QueueAge age;
        QVERIFY(!age.oldest());
        age.queued(0, 7);
        QVERIFY(!age.oldest());
        age.taken(10); // more than there is
        QVERIFY(!age.oldest());
    }

    void isThatOfTheFirstByteThatWaits()
    {
        QueueAge age;
        age.queued(100, 5);
        age.queued(50, 5);
        age.queued(10, 9);
        QCOMPARE(age.oldest(), std::optional(5U));
        age.taken(149);
        QCOMPARE(age.oldest(), std::optional(5U));
        age.taken(1);
        QCOMPARE(age.oldest(), std::optional(9U));
        age.taken(10);
        QVERIFY(!age.oldest());
        age.queued(1, 12);
        QCOMPARE(age.oldest(), std::optional(12U));
    }

    /// Whoever takes a little at a time gets no younger by it.
    void tricklingBuysNoTime()
    {
        QueueAge age;
        age.queued(700'000, 1);
        for (QueueAge::Tick now = 2; now < 100; ++now) {
            age.queued(300, now);
            age.taken(20);
            QCOMPARE(age.oldest(), std::optional(1U));
        }
    }

    /// Whoever keeps up is as young as what came last, however long it goes on.
    void keepingUpStaysYoung()
    {
        QueueAge age;
        age.queued(1000, 1);
        for (QueueAge::Tick now = 2; now < 1000; ++now) {
            age.queued(1000, now);
            age.taken(1000);
            QCOMPARE(age.oldest(), std::optional(now));
        }
    }

    void takesMoreThanOnePart()
    {
        QueueAge age;
        for (QueueAge::Tick now = 1; now <= 5; ++now)
            age.queued(10, now);
        age.taken(35);
        QCOMPARE(age.oldest(), std::optional(4U));
        age.taken(100);
        QVERIFY(!age.oldest());
    }

    void forgetsWhatWasGivenUp_data()
    {
        QTest::addColumn<int>("kept");
        QTest::addColumn<int>("taken");
        QTest::addColumn<bool>("isLeft");
        QTest::newRow("all") << 0 << 0 << false;
        QTest::newRow("but for a part of the first") << 4 << 3 << true;
        QTest::newRow("of which all is taken") << 4 << 4 << false;
        QTest::newRow("but for the first and a part") << 15 << 10 << true;
        QTest::newRow("nothing") << 1000 << 19 << true;
    }
    void forgetsWhatWasGivenUp()
    {
        QFETCH(int, kept);
        QFETCH(int, taken);
        QFETCH(bool, isLeft);
        QueueAge age;
        age.queued(10, 1);
        age.queued(10, 2);
        age.keepOnly(kept);
        age.taken(taken);
        QCOMPARE(age.oldest().has_value(), isLeft);
    }
};

QTEST_APPLESS_MAIN(TestQueueAge)
#include "tst_queueage.moc"
