// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QStringList>
#include <QtTest/QTest>

#include "server/base/fairqueue.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

using Queue = FairQueue<int>;

/// Takes turns, each of which ends its item, until there is none; or that many.
QStringList drain(Queue &queue, int most = 1000)
{
    QStringList served;
    for (int i = 0; i < most; ++i) {
        const std::optional<Queue::Turn> turn = queue.next();
        if (!turn)
            break;
        served.append(turn->who + QString::number(turn->item));
        queue.done(turn->who);
    }
    return served;
}

void ask(Queue &queue, const QString &who, int times)
{
    for (int i = 1; i <= times; ++i)
        QVERIFY(queue.add(who, i));
}

} // namespace

class TestFairQueue final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void goesRoundOverUsers()
    {
        Queue queue(100, 100);
        ask(queue, u"a"_s, 3);
        ask(queue, u"b"_s, 2);
        ask(queue, u"c"_s, 1);
        QCOMPARE(drain(queue), QStringList({ u"a1"_s, u"b1"_s, u"c1"_s, u"a2"_s, u"b2"_s, u"a3"_s }));
        QCOMPARE(queue.count(), 0);
    }

    void aUserHasOneTurnAtATime()
    {
        Queue queue(100, 100);
        ask(queue, u"a"_s, 2);
        QCOMPARE(queue.next()->item, 1);
        QVERIFY(!queue.next());
        QCOMPARE(queue.count(), 2);
        queue.done(u"a"_s);
        QCOMPARE(queue.next()->item, 2);
        QVERIFY(!queue.next());
        queue.done(u"a"_s);
        QVERIFY(!queue.next());
    }

    void whatGoesOnComesBeforeTheUsersNext()
    {
        Queue queue(100, 100);
        ask(queue, u"a"_s, 2);
        ask(queue, u"b"_s, 1);
        QCOMPARE(queue.next()->item, 1);
        queue.again(u"a"_s, 7);
        QCOMPARE(drain(queue), QStringList({ u"b1"_s, u"a7"_s, u"a2"_s }));
    }

    void aNewcomerWaitsForNoRound()
    {
        Queue queue(100, 1000);
        for (int i = 0; i < 50; ++i)
            ask(queue, u"user %1: "_s.arg(i), 2);
        (void)drain(queue, 70); // all have had a turn
        QVERIFY(queue.add(u"new"_s, 1));
        QVERIFY(drain(queue, 2).contains(u"new1"_s));
    }

    void whoAsksAgainAtOnceIsNoNewcomer()
    {
        Queue queue(100, 1000);
        ask(queue, u"others"_s, 10);
        ask(queue, u"more"_s, 10);
        ask(queue, u"greedy"_s, 1);
        QStringList served;
        for (int i = 0; i < 12; ++i) {
            served += drain(queue, 1);
            if (served.back().startsWith(u"greedy"))
                QVERIFY(queue.add(u"greedy"_s, i)); // as a client that waits for each answer
        }
        QCOMPARE(served.filter(u"greedy"_s).size(), 4); // a third of the turns: what each has
    }

    void newcomersLeaveTurnsToTheOthers()
    {
        Queue queue(10, 10'000);
        ask(queue, u"old"_s, 10);
        (void)drain(queue, 1);
        for (int i = 0; i < 1000; ++i)
            ask(queue, u"new %1: "_s.arg(i), 1);
        QCOMPARE(drain(queue, 50).filter(u"old"_s).size(), 9);
    }

    void isBoundedForEachAndInAll()
    {
        Queue queue(3, 5);
        ask(queue, u"a"_s, 3);
        QVERIFY(!queue.add(u"a"_s, 4));
        ask(queue, u"b"_s, 2);
        QVERIFY(!queue.add(u"b"_s, 3));
        QVERIFY(!queue.add(u"c"_s, 1));
        const std::optional<Queue::Turn> turn = queue.next(); // what has its turn still counts
        QVERIFY(!queue.add(turn->who, 4));
        queue.addBeyondBounds(u"operator"_s, 1);
        queue.done(turn->who);
        QVERIFY(!queue.add(u"a"_s, 4)); // in all
        QCOMPARE(drain(queue).size(), 5);
        QVERIFY(queue.add(u"a"_s, 4));
    }

    void servesAllInTheEnd()
    {
        Queue queue(1000, 100'000);
        int asked = 0;
        int served = 0;
        quint32 random = 7;
        for (int i = 0; i < 20'000; ++i) {
            random = random * 1664525 + 1013904223;
            if (random >> 31) {
                asked += queue.add(u"user %1"_s.arg((random >> 8) % 40), i) ? 1 : 0;
            } else if (const std::optional<Queue::Turn> turn = queue.next()) {
                if (random & 0x10000) {
                    queue.again(turn->who, turn->item);
                } else {
                    queue.done(turn->who);
                    ++served;
                }
            }
            QCOMPARE(queue.count(), asked - served);
        }
        served += int(drain(queue, 100'000).size());
        QCOMPARE(served, asked);
        QCOMPARE(queue.count(), 0);
    }
};

QTEST_APPLESS_MAIN(TestFairQueue)
#include "tst_fairqueue.moc"
