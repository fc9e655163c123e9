// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/channel/shedplan.h"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

QList<quint64> chosen(const std::vector<ShedCandidate> &candidates, qint64 bytes)
{
    QList<quint64> numbers;
    for (const ShedCandidate &one : chooseToShed(candidates, bytes))
        numbers.append(one.number);
    return numbers;
}

} // namespace

class TestShedPlan : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void choosesWhoHoldsMostForLongest()
    {
        const std::vector<ShedCandidate> candidates{ { 1, 1000, 1s }, { 2, 500'000, 5s }, { 3, 500'000, 9s },
            { 4, 1'000'000, 5s }, { 5, 900'000, 0s }, { 6, 100, 9s, true } };
        QCOMPARE(chosen(candidates, 1), QList<quint64>({ 4 }));
        QCOMPARE(chosen(candidates, 1'000'000), QList<quint64>({ 4 }));
        QCOMPARE(chosen(candidates, 1'000'001), QList<quint64>({ 4, 3 }));
        QCOMPARE(chosen(candidates, 1'500'001), QList<quint64>({ 4, 3, 2 }));
        QCOMPARE(chosen(candidates, 1'000'000'000), QList<quint64>({ 4, 3, 2, 5, 1, 6 }));
    }

    void choosesTheLargestOfThoseThatHaveJustBegunToWait()
    {
        QCOMPARE(chosen({ { 1, 10, 0s }, { 2, 30, 0s }, { 3, 20, 0s } }, 45), QList<quint64>({ 2, 3 }));
    }

    void choosesNobodyInVain()
    {
        QCOMPARE(chosen({}, 100), QList<quint64>());
        QCOMPARE(chosen({ { 1, 1000, 9s } }, 0), QList<quint64>());
        QCOMPARE(chosen({ { 1, 1000, 9s } }, -5), QList<quint64>());
        QCOMPARE(chosen({ { 1, 0, 9s }, { 2, 0, 1s } }, 100), QList<quint64>()); // nothing to get there
    }
};

QTEST_APPLESS_MAIN(TestShedPlan)
#include "tst_shedplan.moc"
