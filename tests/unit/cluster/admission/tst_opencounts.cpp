// SPDX-License-Identifier: GPL-3.0-or-later
#include <map>

#include <QtCore/QRandomGenerator>
#include <QtTest/QTest>

#include "server/cluster/admission/opencounts.h"

using namespace gatehouse;

using Counts = OpenCounts<int, std::hash<int>>;

namespace {

std::map<int, qint64> round(Counts &counts)
{
    std::map<int, qint64> told;
    counts.beginRound();
    while (!counts.isRoundOver()) {
        for (const auto &[key, count] : counts.takeNews(2))
            told[key] = count;
    }
    return told;
}

} // namespace

class TestOpenCounts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsWhatChangedOnce()
    {
        Counts counts;
        for (const int key : { 1, 2, 3, 1 })
            counts.add(key, 1);
        QCOMPARE(round(counts), (std::map<int, qint64>{ { 1, 2 }, { 2, 1 }, { 3, 1 } }));
        QVERIFY(round(counts).empty());
        counts.add(2, -1);
        QCOMPARE(round(counts), (std::map<int, qint64>{ { 2, 0 } }));
        QCOMPARE(counts.size(), 2U); // of 2 nothing is left
        counts.doubt(7);
        QCOMPARE(round(counts), (std::map<int, qint64>{ { 7, 0 } }));
        QCOMPARE(counts.size(), 2U);
    }

    void waitsForQuestionsOnTheirWay()
    {
        Counts counts;
        counts.asked(1);
        counts.add(1, 1);
        counts.add(2, 1);
        QCOMPARE(round(counts), (std::map<int, qint64>{ { 2, 1 } }));
        counts.answered(1);
        QCOMPARE(round(counts), (std::map<int, qint64>{ { 1, 1 } }));
        counts.asked(5);
        counts.answered(5);
        QCOMPARE(counts.open(5), 0);
        QCOMPARE(counts.size(), 2U);
    }

    void tellsEverythingAndThenWhatWasUncertain()
    {
        Counts counts;
        counts.add(1, 3);
        counts.add(2, 1);
        counts.asked(2);
        counts.asked(3);
        counts.add(4, 1);
        counts.add(4, -1);
        auto rows = counts.takeAll();
        std::sort(rows.begin(), rows.end());
        QCOMPARE(rows, (std::vector<Counts::Row>{ { 1, 3 }, { 2, 1 } }));
        QVERIFY(round(counts).empty());
        counts.answered(2);
        counts.answered(3);
        QCOMPARE(round(counts), (std::map<int, qint64>{ { 2, 1 }, { 3, 0 } }));
        QCOMPARE(counts.size(), 2U);
    }

    void whatIsToldIsWhatIsOpenInTheEnd()
    {
        QRandomGenerator random(7);
        Counts counts;
        std::map<int, qint64> open;
        std::map<int, int> asked;
        std::map<int, qint64> known;
        const auto tell = [&] {
            for (const auto &[key, count] : round(counts))
                known[key] = count;
        };
        for (int i = 0; i < 20'000; ++i) {
            const int key = random.bounded(20);
            switch (random.bounded(6)) {
            case 0:
            case 1:
                counts.add(key, 1);
                ++open[key];
                break;
            case 2:
                if (open[key] > 0) {
                    counts.add(key, -1);
                    --open[key];
                }
                break;
            case 3:
                counts.asked(key);
                ++asked[key];
                break;
            case 4:
                if (asked[key] > 0) {
                    counts.answered(key);
                    --asked[key];
                }
                break;
            default:
                if (random.bounded(50) == 0) {
                    known.clear();
                    for (const auto &[told, count] : counts.takeAll())
                        known[told] = count;
                } else {
                    tell();
                }
            }
        }
        for (auto &[key, count] : asked) {
            for (; count > 0; --count)
                counts.answered(key);
        }
        tell();
        for (int key = 0; key < 20; ++key) {
            QCOMPARE(known[key], open[key]);
            QCOMPARE(counts.open(key), open[key]);
        }
    }
};

QTEST_GUILESS_MAIN(TestOpenCounts)
#include "tst_opencounts.moc"
