// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/app/heaptrimmer.h"

using namespace gatehouse;

class TestHeapTrimmer : public QObject
{
    Q_OBJECT

    /// The seconds at which it trims, when it is told these numbers.
    static QList<int> trimsAt(const QList<qint64> &connections)
    {
        QList<int> seconds;
        int second = 0;
        HeapTrimmer trimmer([&] { seconds.append(second); });
        for (const qint64 number : connections) {
            trimmer.observe(number);
            ++second;
        }
        return seconds;
    }

private Q_SLOTS:
    void trimsOnceACrowdHasGone_data()
    {
        QTest::addColumn<QList<qint64>>("connections");
        QTest::addColumn<QList<int>>("trims");
        using Numbers = QList<qint64>;
        using Seconds = QList<int>;
        QTest::newRow("nobody") << Numbers{ 0, 0, 0, 0, 0, 0 } << Seconds{};
        QTest::newRow("a crowd stays") << Numbers{ 0, 15'000, 15'000, 15'000, 15'000, 15'000 } << Seconds{};
        QTest::newRow("all go") << Numbers{ 15'000, 0, 0, 0, 0, 0, 0, 0, 0 } << Seconds{ 4 };
        QTest::newRow("some still go") << Numbers{ 15'000, 7000, 5000, 5000, 3000, 3000, 3000, 3000, 3000 }
                                       << Seconds{ 7 };
        QTest::newRow("some come") << Numbers{ 15'000, 2000, 2001, 2002, 2003, 2004 } << Seconds{ 4 };
        QTest::newRow("half stay") << Numbers{ 15'000, 7500, 7500, 7500, 7500, 7500 } << Seconds{};
        QTest::newRow("too few to matter") << Numbers{ 499, 0, 0, 0, 0, 0 } << Seconds{};
        QTest::newRow("just enough") << Numbers{ 500, 0, 0, 0, 0, 0 } << Seconds{ 4 };
        QTest::newRow("they come back at once") << Numbers{ 15'000, 0, 0, 15'000, 15'000, 15'000 } << Seconds{};
        QTest::newRow("twice") << Numbers{ 1000, 0, 0, 0, 0, 1000, 0, 0, 0, 0, 0, 0 } << Seconds{ 4, 9 };
    }
    void trimsOnceACrowdHasGone()
    {
        QFETCH(QList<qint64>, connections);
        QFETCH(QList<int>, trims);
        QCOMPARE(trimsAt(connections), trims);
    }
};

QTEST_GUILESS_MAIN(TestHeapTrimmer)
#include "tst_heaptrimmer.moc"
