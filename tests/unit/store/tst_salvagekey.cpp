// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/salvagekey.h"

#include <limits>

#include <QtTest/QTest>

using namespace gatehouse;

Q_DECLARE_METATYPE(gatehouse::SalvageKey)

namespace {

SalvageKey text(const char *value)
{
    return { QByteArray(value) };
}

SalvageKey number(qint64 value)
{
    return { value };
}

} // namespace

class TestSalvageKey final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void liesBetween_data()
    {
        QTest::addColumn<SalvageKey>("low");
        QTest::addColumn<SalvageKey>("high");
        QTest::newRow("numbers") << number(1) << number(1000);
        QTest::newRow("numbers far apart") << number(-5) << number(std::numeric_limits<qint64>::max());
        QTest::newRow("negative numbers") << number(std::numeric_limits<qint64>::min()) << number(-7);
        QTest::newRow("texts") << text("01M8PB0000") << text("01M8PBZZZZ");
        QTest::newRow("texts of other lengths") << text("a") << text("abcdef");
        QTest::newRow("an empty text") << text("") << text("x");
        QTest::newRow("texts with a common start") << text("01M8PB0001") << text("01M8PB0003");
        QTest::newRow("several parts") << SalvageKey{ qint64(1), QByteArray("u42"), qint64(7) }
                                       << SalvageKey{ qint64(1), QByteArray("u43"), qint64(2) };
        QTest::newRow("the last part alone") << SalvageKey{ qint64(1), QByteArray("u42"), qint64(7) }
                                             << SalvageKey{ qint64(1), QByteArray("u42"), qint64(900) };
    }

    void liesBetween()
    {
        QFETCH(const SalvageKey, low);
        QFETCH(const SalvageKey, high);
        const SalvageKey middle = salvagekeys::between(low, high);
        QCOMPARE(middle.size(), low.size());
        QVERIFY(low < middle);
        QVERIFY(middle < high);
    }

    void comesToEveryNumberByHalves()
    {
        for (const qint64 wanted : { 2, 3, 500, 998, 999 }) {
            SalvageKey low = number(1);
            SalvageKey high = number(1000);
            int steps = 0;
            for (; steps < 64; ++steps) {
                const SalvageKey middle = salvagekeys::between(low, high);
                if (middle == number(wanted))
                    break;
                (middle < number(wanted) ? low : high) = middle;
            }
            QVERIFY(steps <= 12);
        }
    }

    void nothingIsBetweenNeighbours()
    {
        const SalvageKey middle = salvagekeys::between(number(7), number(8));
        QVERIFY(middle == number(7) || middle == number(8));
    }

    void leadsAwayStepByStep_data()
    {
        QTest::addColumn<SalvageKey>("from");
        QTest::newRow("a number") << number(1234);
        QTest::newRow("zero") << number(0);
        QTest::newRow("a text") << text("01M8PB0000");
        QTest::newRow("several parts") << SalvageKey{ qint64(1), QByteArray("u42"), qint64(7) };
    }

    void leadsAwayStepByStep()
    {
        QFETCH(const SalvageKey, from);
        const std::vector<SalvageKey> up = salvagekeys::above(from);
        QVERIFY(up.size() >= 8);
        QVERIFY(from < up.front());
        QVERIFY(std::is_sorted(up.begin(), up.end()));
        const std::vector<SalvageKey> down = salvagekeys::below(from);
        QVERIFY(!down.empty());
        QVERIFY(down.back() < from);
        QVERIFY(std::is_sorted(down.begin(), down.end()));
        for (const SalvageKey &key : up)
            QCOMPARE(key.size(), from.size());
    }
};

QTEST_APPLESS_MAIN(TestSalvageKey)
#include "tst_salvagekey.moc"
