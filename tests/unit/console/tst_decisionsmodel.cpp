// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/decisionsmodel.h"

#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QtTest>

#include "console/models/tableexport.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestDecisionsModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void showsTheNewestFirst();
    void showsEveryColumn();
    void addsEachDecisionOnce();
    void isBounded();
    void isBoundedUnderAFilter();
    void pausesAndCatchesUp();
    void aLongPauseIsBounded();
    void countsWhatTheServerSkipped();
    void filters_data();
    void filters();
    void filterStaysForWhatComes();
    void sortsHistoryIn();
    void filterBecomesAQuery();
    void clears();
};

namespace {

constexpr UtcTime kStart{ 1'762'776'000s };

Decision decision(int number, Reason reason = Reason::TooManyConnections)
{
    Decision result;
    result.id = u"D%1"_s.arg(number, 8, 10, QLatin1Char('0'));
    result.at = kStart + std::chrono::seconds(number);
    result.reason = reason;
    result.address = u"127.0.0.%1"_s.arg(number % 250);
    result.user = u"user%1"_s.arg(number);
    result.origin = u"https://Example.org"_s;
    result.tokenFingerprint = u"ab12"_s;
    result.limit = 5;
    result.observed = 6;
    return result;
}

std::vector<Decision> decisions(int from, int to)
{
    std::vector<Decision> result;
    for (int i = from; i < to; ++i)
        result.push_back(decision(i));
    return result;
}

} // namespace

void TestDecisionsModel::showsTheNewestFirst()
{
    FakeClock clock;
    DecisionsModel model(clock);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.add(decisions(0, 3));
    model.add(decisions(3, 5));
    QCOMPARE(model.rowCount(), 5);
    for (int row = 0; row < 5; ++row)
        QCOMPARE(model.at(row).id, decision(4 - row).id);
}

void TestDecisionsModel::showsEveryColumn()
{
    FakeClock clock;
    DecisionsModel model(clock);
    Decision observed = decision(1);
    observed.isEnforced = false;
    model.add({ decision(0), observed });
    const auto text = [&](int row, int column) { return model.index(row, column).data().toString(); };
    QCOMPARE(text(1, DecisionsModel::GuardColumn), u"Address"_s);
    QCOMPARE(text(1, DecisionsModel::ReasonColumn), u"Too many connections from this address"_s);
    QCOMPARE(text(1, DecisionsModel::AddressColumn), u"127.0.0.0"_s);
    QCOMPARE(text(1, DecisionsModel::UserColumn), u"user0"_s);
    QCOMPARE(text(1, DecisionsModel::OriginColumn), u"https://Example.org"_s);
    QCOMPARE(text(1, DecisionsModel::ObservedColumn), u"6 / 5"_s);
    QCOMPARE(text(1, DecisionsModel::ActionColumn), u"Refused"_s);
    QCOMPARE(text(0, DecisionsModel::ActionColumn), u"Observed"_s);
    QVERIFY(!text(0, DecisionsModel::TimeColumn).isEmpty());
    QCOMPARE(model.index(0, 0).data(DecisionsModel::IdRole).toString(), observed.id);
    QCOMPARE(model.index(0, 0).data(DecisionsModel::GuardRole).toString(), u"address"_s);
    QVERIFY(!model.index(0, 0).data(DecisionsModel::IsEnforcedRole).toBool());
    for (int column = 0; column < DecisionsModel::ColumnCount; ++column)
        QVERIFY(!model.headerData(column, Qt::Horizontal).toString().isEmpty());
}

void TestDecisionsModel::addsEachDecisionOnce()
{
    FakeClock clock;
    DecisionsModel model(clock);
    model.addHistory({ decision(2), decision(1) });
    model.add(decisions(1, 4));
    model.addHistory({ decision(3), decision(0) });
    QCOMPARE(model.rowCount(), 4);
}

void TestDecisionsModel::isBounded()
{
    FakeClock clock;
    DecisionsModel model(clock);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    for (int i = 0; i < 60; ++i)
        model.add(decisions(i * 100, (i + 1) * 100));
    QCOMPARE(size_t(model.rowCount()), DecisionsModel::kMaxRows);
    QCOMPARE(size_t(model.totalCount()), DecisionsModel::kMaxRows);
    QCOMPARE(model.at(0).id, decision(5999).id);
    QCOMPARE(model.at(4999).id, decision(1000).id);
    // What fell out may come again from history, and is the first to go again.
    model.addHistory(decisions(0, 10));
    QCOMPARE(model.at(4999).id, decision(1000).id);
}

void TestDecisionsModel::isBoundedUnderAFilter()
{
    FakeClock clock;
    DecisionsModel model(clock);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    DecisionFilter filter;
    filter.reason = Reason::TokenMissing;
    model.setFilter(filter);
    for (int i = 0; i < 6000; i += 100) {
        std::vector<Decision> batch = decisions(i, i + 99);
        batch.push_back(decision(i + 99, Reason::TokenMissing));
        model.add(batch);
    }
    QCOMPARE(model.rowCount(), 50);
    QCOMPARE(model.at(49).id, decision(1099).id);
}

void TestDecisionsModel::pausesAndCatchesUp()
{
    FakeClock clock;
    DecisionsModel model(clock);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QSignalSpy changed(&model, &DecisionsModel::tailChanged);
    model.add(decisions(0, 2));
    model.setPaused(true);
    model.add(decisions(2, 5));
    model.add(decisions(4, 6));
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.pendingCount(), 4);
    QCOMPARE(changed.count(), 3);
    model.setPaused(false);
    QCOMPARE(model.pendingCount(), 0);
    QCOMPARE(model.rowCount(), 6);
    QCOMPARE(model.at(0).id, decision(5).id);
    QVERIFY(!model.isPaused());
}

void TestDecisionsModel::aLongPauseIsBounded()
{
    FakeClock clock;
    DecisionsModel model(clock);
    model.setPaused(true);
    for (int i = 0; i < 70; ++i)
        model.add(decisions(i * 100, (i + 1) * 100));
    QCOMPARE(size_t(model.pendingCount()), DecisionsModel::kMaxRows);
    model.setPaused(false);
    QCOMPARE(size_t(model.rowCount()), DecisionsModel::kMaxRows);
    QCOMPARE(model.at(0).id, decision(6999).id);
}

void TestDecisionsModel::countsWhatTheServerSkipped()
{
    FakeClock clock;
    DecisionsModel model(clock);
    QSignalSpy changed(&model, &DecisionsModel::tailChanged);
    model.add(decisions(0, 2), 40);
    model.add({}, 2);
    QCOMPARE(model.skippedCount(), 42);
    QCOMPARE(changed.count(), 2);
}

void TestDecisionsModel::filters_data()
{
    QTest::addColumn<DecisionFilter>("filter");
    QTest::addColumn<int>("rows");
    const auto row
        = [](const char *name, const DecisionFilter &filter, int rows) { QTest::newRow(name) << filter << rows; };
    row("nothing", {}, 6);
    row("guard", { u"origin"_s, {}, {}, {} }, 1);
    row("reason", { {}, Reason::TooManyConnections, {}, {} }, 4);
    row("the same code of another guard", { {}, Reason::TooManyUserConnections, {}, {} }, 1);
    row("address", { {}, {}, u"127.0.0.3"_s, {} }, 1);
    row("user in another case", { {}, {}, u"USER2"_s, {} }, 1);
    row("origin", { {}, {}, u"example"_s, {} }, 6);
    row("fingerprint", { {}, {}, u"ab12"_s, {} }, 6);
    row("interval", { {}, {}, {}, TimeInterval{ kStart + 1s, kStart + 3s } }, 2);
    row("all together", { u"address"_s, Reason::TooManyConnections, u"user1"_s, TimeInterval{ kStart, kStart + 3s } },
        1);
    row("none", { {}, {}, u"nobody"_s, {} }, 0);
}

void TestDecisionsModel::filters()
{
    QFETCH(DecisionFilter, filter);
    QFETCH(int, rows);
    FakeClock clock;
    DecisionsModel model(clock);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.add(decisions(0, 4));
    model.add({ decision(4, Reason::OriginNotAllowed), decision(5, Reason::TooManyUserConnections) });
    model.setFilter(filter);
    QCOMPARE(model.rowCount(), rows);
    QCOMPARE(model.totalCount(), 6);
    model.setFilter({});
    QCOMPARE(model.rowCount(), 6);
}

void TestDecisionsModel::filterStaysForWhatComes()
{
    FakeClock clock;
    DecisionsModel model(clock);
    DecisionFilter filter;
    filter.text = u"user7"_s;
    model.setFilter(filter);
    model.add(decisions(0, 10));
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(model.at(0).user, u"user7"_s);
}

void TestDecisionsModel::sortsHistoryIn()
{
    FakeClock clock;
    DecisionsModel model(clock);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.add({ decision(5), decision(9) });
    model.addHistory({ decision(7), decision(3) });
    QCOMPARE(model.rowCount(), 4);
    const QStringList expected{ decision(9).id, decision(7).id, decision(5).id, decision(3).id };
    for (int row = 0; row < 4; ++row)
        QCOMPARE(model.at(row).id, expected[row]);
}

void TestDecisionsModel::filterBecomesAQuery()
{
    DecisionFilter filter;
    filter.reason = Reason::TooManyUserConnections;
    filter.interval = TimeInterval{ kStart, kStart + 1min };
    const DecisionQuery query = filter.toQuery();
    QCOMPARE(query.guard, u"user"_s);
    QCOMPARE(query.reason, u"too_many_connections"_s);
    QCOMPARE(query.from, std::optional(kStart));
    QCOMPARE(query.to, std::optional(kStart + 1min));
}

void TestDecisionsModel::clears()
{
    FakeClock clock;
    DecisionsModel model(clock);
    model.add(decisions(0, 3), 2);
    model.clear();
    QCOMPARE(model.rowCount(), 0);
    QCOMPARE(model.skippedCount(), 0);
    model.add(decisions(0, 3));
    QCOMPARE(model.rowCount(), 3);
}

QTEST_GUILESS_MAIN(TestDecisionsModel)
#include "tst_decisionsmodel.moc"
