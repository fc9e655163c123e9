// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/base/memorypolicy.h"

using namespace gatehouse;

namespace {

constexpr qint64 kMiB = 1024 * 1024;
constexpr qint64 kBudget = 1000 * kMiB;

} // namespace

class TestMemoryPolicy : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void givesUpInOrder_data()
    {
        QTest::addColumn<int>("permille");
        QTest::addColumn<int>("before");
        QTest::addColumn<int>("level");
        using enum MemoryLevel;
        const auto row = [](const char *name, int permille, MemoryLevel before, MemoryLevel level) {
            QTest::newRow(name) << permille << int(before) << int(level);
        };
        row("nothing used", 0, Normal, Normal);
        row("much left", 799, Normal, Normal);
        row("the droppable first", 800, Normal, DropDroppable);
        row("still the droppable", 879, Normal, DropDroppable);
        row("then slow consumers", 880, DropDroppable, CutSlow);
        row("then newcomers", 950, CutSlow, RefuseNewcomers);
        row("at once, if need be", 2000, Normal, RefuseNewcomers);
        row("newcomers not yet again", 911, RefuseNewcomers, RefuseNewcomers);
        row("newcomers again", 909, RefuseNewcomers, CutSlow);
        row("still cuts", 841, CutSlow, CutSlow);
        row("cuts no more", 839, CutSlow, DropDroppable);
        row("still drops", 761, DropDroppable, DropDroppable);
        row("all is well", 759, DropDroppable, Normal);
        row("from the worst to well", 100, RefuseNewcomers, Normal);
    }
    void givesUpInOrder()
    {
        QFETCH(int, permille);
        QFETCH(int, before);
        QFETCH(int, level);
        QCOMPARE(int(memorypolicy::levelFor(kBudget / 1000 * permille, kBudget, MemoryLevel(before))), level);
    }

    void doesNothingWithoutABudget()
    {
        for (const MemoryLevel before : { MemoryLevel::Normal, MemoryLevel::RefuseNewcomers })
            QCOMPARE(int(memorypolicy::levelFor(1'000'000 * kMiB, 0, before)), int(MemoryLevel::Normal));
    }

    void cutsWhatIsTooMuch()
    {
        QCOMPARE(memorypolicy::bytesToCut(870 * kMiB, kBudget, MemoryLevel::DropDroppable), 0);
        QCOMPARE(memorypolicy::bytesToCut(900 * kMiB, kBudget, MemoryLevel::CutSlow), 100 * kMiB);
        QCOMPARE(memorypolicy::bytesToCut(980 * kMiB, kBudget, MemoryLevel::RefuseNewcomers), 180 * kMiB);
        QCOMPARE(memorypolicy::bytesToCut(100 * kMiB, kBudget, MemoryLevel::CutSlow), 0);
    }

    void leavesAFifthToTheKernel()
    {
        QCOMPARE(memorypolicy::defaultBudget(std::nullopt), 0);
        QCOMPARE(memorypolicy::defaultBudget(500 * kMiB), 400 * kMiB);
        QCOMPARE(memorypolicy::defaultBudget(qint64(1) << 50), (qint64(1) << 50) / 5 * 4);
    }
};

QTEST_APPLESS_MAIN(TestMemoryPolicy)
#include "tst_memorypolicy.moc"
