// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/decisionsmodel.h"

#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QtTest>

#include "console/models/tableexport.h"
#include "tests/support/fakeadminclient.h"

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
    void whatWaitsAndIsAnsweredComesOnce_data();
    void whatWaitsAndIsAnsweredComesOnce();
    void whatWaitsBehindTheFirstPageComesOnce();
    void anEmptyTailThatWaitsShowsEachOnce();
    void historyThatComesWhilePausedIsShownAfter();
    void countsWhatTheServerSkipped();
    void filters_data();
    void filters();
    void filterStaysForWhatComes();
    void sortsHistoryIn();
    void anIntervalIsAQueryOfItsOwn();
    void whatComesWhileTheServerIsAskedIsNotLost();
    void whatComesWhileMoreIsLoadedLeavesNoGap();
    void aRefreshLoadsAsMuchAsWasLoaded();
    void anAnswerToAnOlderFilterIsDropped();
    void theTailIsAskedForAgainAfterAFilter();
    void aQueryThatFailsIsTold();
    void aTwinLoadsEverything();
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

/// What a server has of them, which is newest first.
std::vector<Decision> stored(int from, int to)
{
    const std::vector<Decision> result = decisions(from, to);
    return { result.rbegin(), result.rend() };
}

QStringList ids(const std::vector<Decision> &decisions)
{
    QStringList result;
    for (const Decision &decision : decisions)
        result << decision.id;
    return result;
}

QStringList shownIds(const DecisionsModel &model)
{
    QStringList result;
    for (int row = 0; row < model.rowCount(); ++row)
        result << model.at(row).id;
    return result;
}

} // namespace

void TestDecisionsModel::showsTheNewestFirst()
{
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.add(decisions(0, 3));
    model.add(decisions(3, 5));
    QCOMPARE(model.rowCount(), 5);
    for (int row = 0; row < 5; ++row)
        QCOMPARE(model.at(row).id, decision(4 - row).id);
}

void TestDecisionsModel::showsEveryColumn()
{
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
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
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
    client.decisions = { decision(2), decision(1) };
    model.refresh();
    QTRY_COMPARE(model.rowCount(), 2);
    model.add(decisions(1, 4));
    client.decisions = { decision(3), decision(0) };
    model.refresh();
    QTRY_COMPARE(model.rowCount(), 4);
}

void TestDecisionsModel::isBounded()
{
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    for (int i = 0; i < 60; ++i)
        model.add(decisions(i * 100, (i + 1) * 100));
    QCOMPARE(size_t(model.rowCount()), DecisionsModel::kMaxRows);
    QCOMPARE(model.at(0).id, decision(5999).id);
    QCOMPARE(model.at(4999).id, decision(1000).id);
    // What fell out may come again from history, and is the first to go again.
    client.decisions = decisions(0, 10);
    model.refresh();
    QTRY_VERIFY(!model.isLoading());
    QCOMPARE(model.at(4999).id, decision(1000).id);
}

void TestDecisionsModel::isBoundedUnderAFilter()
{
    FakeAdminClient client;
    DecisionsModel model(client, client.clock); // without a tester, which fetches more by itself
    model.setFilter({ .guard = u"address"_s, .codes = u"too_many_connections"_s });
    QTRY_VERIFY(!model.isLoading());
    for (int i = 0; i < 6000; i += 100)
        model.add(decisions(i, i + 100));
    QCOMPARE(size_t(model.rowCount()), DecisionsModel::kMaxRows);
    QCOMPARE(model.at(0).id, decision(5999).id);
    QCOMPARE(model.totalCount(), 6000);
    QVERIFY(model.canFetchMore({})); // what went can be loaded again
    std::vector<Decision> all = decisions(0, 6000);
    client.decisions.assign(all.rbegin(), all.rend());
    model.fetchMore({});
    QTRY_COMPARE(model.rowCount(), 5500);
    QCOMPARE(model.at(5499).id, decision(500).id);
}

void TestDecisionsModel::pausesAndCatchesUp()
{
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
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
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
    model.setPaused(true);
    for (int i = 0; i < 70; ++i)
        model.add(decisions(i * 100, (i + 1) * 100));
    QCOMPARE(size_t(model.pendingCount()), DecisionsModel::kMaxRows);
    model.setPaused(false);
    QCOMPARE(size_t(model.rowCount()), DecisionsModel::kMaxRows);
    QCOMPARE(model.at(0).id, decision(6999).id);
}

void TestDecisionsModel::whatWaitsAndIsAnsweredComesOnce_data()
{
    QTest::addColumn<bool>("isBeforeTheQuestion");
    QTest::newRow("it came before the question") << true;
    QTest::newRow("it came after the question") << false;
}

void TestDecisionsModel::whatWaitsAndIsAnsweredComesOnce()
{
    QFETCH(bool, isBeforeTheQuestion);
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
    client.decisions = stored(0, 6);
    model.setFilter({ .text = u"user"_s });
    QTRY_COMPARE(model.rowCount(), 6);
    model.setPaused(true);
    client.holdsAnswers = true;
    client.decisions = stored(0, 16);
    if (isBeforeTheQuestion)
        model.add(decisions(6, 16));
    model.refresh();
    if (!isBeforeTheQuestion)
        model.add(decisions(6, 16));
    model.add(decisions(16, 18)); // after the server had looked
    client.releaseAnswers();
    QCOMPARE(model.pendingCount(), 2);
    QCOMPARE(model.totalCount(), 16);
    model.setPaused(false);
    QCOMPARE(shownIds(model), ids(stored(0, 18)));
    QCOMPARE(model.totalCount(), 18);
}

void TestDecisionsModel::whatWaitsBehindTheFirstPageComesOnce()
{
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
    model.setFilter({ .text = u"user"_s });
    QTRY_VERIFY(!model.isLoading());
    model.setPaused(true);
    model.add(decisions(0, 600));
    client.decisions = stored(0, 600);
    model.refresh();
    QTRY_VERIFY(!model.isLoading());
    model.setPaused(false);
    QCOMPARE(model.totalCount(), 600);
    model.fetchMore({});
    QTRY_COMPARE(shownIds(model), ids(stored(0, 600)));
}

void TestDecisionsModel::anEmptyTailThatWaitsShowsEachOnce()
{
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
    model.setPaused(true);
    model.add(decisions(3, 4));
    client.decisions = stored(0, 4);
    model.refresh();
    QTRY_COMPARE(shownIds(model), ids(stored(0, 4)));
    QCOMPARE(model.pendingCount(), 0); // it is shown
    model.setPaused(false);
    QCOMPARE(shownIds(model), ids(stored(0, 4)));
    QCOMPARE(model.totalCount(), 4);
}

void TestDecisionsModel::historyThatComesWhilePausedIsShownAfter()
{
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
    model.add(decisions(5, 6));
    model.setPaused(true);
    client.decisions = stored(0, 7);
    model.refresh();
    QTRY_VERIFY(!model.isLoading());
    QCOMPARE(model.rowCount(), 1); // what is read stays
    model.add(decisions(7, 8));
    QCOMPARE(model.pendingCount(), 1);
    model.setPaused(false);
    QCOMPARE(shownIds(model), ids(stored(0, 8)));
}

void TestDecisionsModel::countsWhatTheServerSkipped()
{
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
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
    row("guard", { .guard = u"origin"_s }, 1);
    row("reason", { .guard = u"address"_s, .codes = u"too_many_connections"_s }, 4);
    row("the same code of another guard", { .guard = u"user"_s, .codes = u"too_many_connections"_s }, 1);
    row("a code that the guard has not", { .guard = u"origin"_s, .codes = u"too_many_connections"_s }, 0);
    row("a code of two guards", { .codes = u"too_many_connections"_s }, 5);
    row("one of two codes", { .codes = u"origin_not_allowed,banned"_s }, 1);
    row("address", { .address = u"127.0.0.3"_s }, 1);
    row("a part of an address", { .address = u"127.0.0."_s }, 0);
    row("user", { .user = u"user2"_s }, 1);
    row("user in another case", { .user = u"USER2"_s }, 0);
    row("origin", { .origin = u"https://Example.org"_s }, 6);
    row("text in an address", { .text = u"127.0.0.3"_s }, 1);
    row("text in a user in another case", { .text = u"USER2"_s }, 1);
    row("text in an origin", { .text = u"example"_s }, 6);
    row("text in a fingerprint", { .text = u"ab12"_s }, 6);
    row("interval", { .interval = TimeInterval{ kStart + 1s, kStart + 3s } }, 2);
    row("all together",
        { .guard = u"address"_s,
            .codes = u"too_many_connections"_s,
            .text = u"user1"_s,
            .interval = TimeInterval{ kStart, kStart + 3s } },
        1);
    row("none", { .text = u"nobody"_s }, 0);
}

void TestDecisionsModel::filters()
{
    QFETCH(DecisionFilter, filter);
    QFETCH(int, rows);
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    std::vector<Decision> all = decisions(0, 4);
    all.push_back(decision(4, Reason::OriginNotAllowed));
    all.push_back(decision(5, Reason::TooManyUserConnections));
    client.decisions.assign(all.rbegin(), all.rend());
    model.add(all);
    model.setFilter(filter);
    QCOMPARE(model.rowCount(), rows); // of what is known, at once
    QTRY_VERIFY(!model.isLoading());
    QCOMPARE(model.rowCount(), rows); // and of all that the server has
    QCOMPARE(model.totalCount(), rows);
    model.setFilter({});
    QCOMPARE(model.rowCount(), 6);
}

void TestDecisionsModel::filterStaysForWhatComes()
{
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
    DecisionFilter filter;
    filter.text = u"user7"_s;
    model.setFilter(filter);
    model.add(decisions(0, 10));
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(model.at(0).user, u"user7"_s);
}

void TestDecisionsModel::sortsHistoryIn()
{
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.add({ decision(5), decision(9) });
    client.decisions = { decision(7), decision(3) };
    model.refresh();
    QTRY_COMPARE(model.rowCount(), 4);
    const QStringList expected{ decision(9).id, decision(7).id, decision(5).id, decision(3).id };
    for (int row = 0; row < 4; ++row)
        QCOMPARE(model.at(row).id, expected[row]);
}

/// The spike of last night: more than the console ever held, all of it to be paged through.
void TestDecisionsModel::anIntervalIsAQueryOfItsOwn()
{
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
    std::vector<Decision> all = decisions(0, 12'000);
    client.decisions.assign(all.rbegin(), all.rend());
    client.notStored = 78'000;
    for (int i = 20'000; i < 26'000; i += 100) // since then the tail has been filled by others
        model.add(decisions(i, i + 100));
    model.setFilter({ .interval = TimeInterval{ kStart + 1000s, kStart + 9000s } });
    QVERIFY(model.isLoading());
    QTRY_VERIFY(!model.isLoading());
    QCOMPARE(model.totalCount(), 8000);
    QCOMPARE(model.rowCount(), DecisionsModel::kPageSize);
    QVERIFY(model.lack().contains(u"78,000"_s));
    while (model.canFetchMore({})) {
        model.fetchMore({});
        QTRY_VERIFY(!model.isLoading());
    }
    QCOMPARE(model.rowCount(), 8000);
    for (int row = 0; row < 8000; ++row)
        QCOMPARE(model.at(row).id, decision(8999 - row).id);
    model.add(decisions(26'000, 26'100)); // what is live is not of that time
    QCOMPARE(model.rowCount(), 8000);
    model.setFilter({});
    QCOMPARE(model.at(0).id, decision(26'099).id); // the tail went on meanwhile
    QCOMPARE(size_t(model.rowCount()), DecisionsModel::kMaxRows);
    QVERIFY(!model.canFetchMore({}));
}

void TestDecisionsModel::whatComesWhileTheServerIsAskedIsNotLost()
{
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
    client.holdsAnswers = true;
    client.decisions = { decision(3), decision(2), decision(1) };
    model.add({ decision(1), decision(2) });
    model.setFilter({ .text = u"user"_s });
    model.add({ decision(3) }); // is in the answer too
    model.add({ decision(4) }); // came after the server had looked
    client.releaseAnswers();
    QCOMPARE(model.rowCount(), 4);
    QCOMPARE(model.at(0).id, decision(4).id);
    QCOMPARE(model.totalCount(), 4);
}

void TestDecisionsModel::whatComesWhileMoreIsLoadedLeavesNoGap()
{
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
    client.decisions = stored(0, 6000);
    model.setFilter({ .text = u"user"_s });
    QTRY_VERIFY(!model.isLoading());
    while (size_t(model.rowCount()) < DecisionsModel::kMaxRows) {
        model.fetchMore({});
        QTRY_VERIFY(!model.isLoading());
    }
    client.holdsAnswers = true;
    model.fetchMore({});
    model.add(decisions(6000, 6001));
    client.releaseAnswers();
    QCOMPARE(shownIds(model), ids(stored(500, 6001)));
    model.add(decisions(6001, 6002)); // the last row goes, and comes again
    QCOMPARE(shownIds(model), ids(stored(501, 6002)));
    model.fetchMore({});
    client.releaseAnswers();
    QCOMPARE(shownIds(model), ids(stored(1, 6002)));
}

void TestDecisionsModel::aRefreshLoadsAsMuchAsWasLoaded()
{
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
    client.decisions = stored(0, 3000);
    model.setFilter({ .text = u"user"_s });
    QTRY_COMPARE(model.rowCount(), 500);
    for (const int rows : { 1000, 1500 }) {
        model.fetchMore({});
        QTRY_COMPARE(model.rowCount(), rows);
    }
    model.add(decisions(3000, 3002));
    client.decisions = stored(0, 3002);
    client.holdsAnswers = true;
    client.calls.clear();
    model.refresh();
    model.add(decisions(3002, 3003)); // while the first of three pages is on its way
    for (const int answers : { 1, 2, 3 }) {
        QVERIFY(model.isLoading());
        QCOMPARE(model.rowCount(), 1503); // what is shown stays until then
        QCOMPARE(client.calls.count(u"fetchDecisions"_s), answers);
        client.releaseAnswers();
    }
    QVERIFY(!model.isLoading());
    QCOMPARE(shownIds(model), ids(stored(1502, 3003)));
    QCOMPARE(model.totalCount(), 3003);
}

void TestDecisionsModel::anAnswerToAnOlderFilterIsDropped()
{
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
    client.decisions = { decision(2), decision(1) };
    client.holdsAnswers = true;
    model.setFilter({ .user = u"user1"_s });
    model.setFilter({ .user = u"user2"_s });
    client.releaseAnswers();
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(model.at(0).user, u"user2"_s);
}

void TestDecisionsModel::theTailIsAskedForAgainAfterAFilter()
{
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
    client.decisions = stored(0, 5);
    client.holdsAnswers = true;
    model.refresh();
    model.setFilter({ .user = u"user1"_s }); // before the tail was answered
    model.setFilter({});
    client.releaseAnswers();
    QCOMPARE(shownIds(model), ids(stored(0, 5)));
}

void TestDecisionsModel::aQueryThatFailsIsTold()
{
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
    client.failure = Problem{};
    model.setFilter({ .user = u"user1"_s });
    QTRY_VERIFY(!model.errorText().isEmpty());
    QVERIFY(!model.isLoading());
    client.failure.reset();
    model.refresh();
    QTRY_VERIFY(!model.isLoading());
    QVERIFY(model.errorText().isEmpty());
}

void TestDecisionsModel::aTwinLoadsEverything()
{
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
    std::vector<Decision> all = decisions(0, 1200);
    client.decisions.assign(all.rbegin(), all.rend());
    const std::unique_ptr<PagedModel> twin = model.twin(); // of the tail: all that the server has
    twin->refresh();
    QTRY_VERIFY(!twin->isLoading());
    while (twin->canFetchMore({})) {
        twin->fetchMore({});
        QTRY_VERIFY(!twin->isLoading());
    }
    QCOMPARE(twin->rowCount(), 1200);
    QCOMPARE(model.rowCount(), 0);
}

void TestDecisionsModel::filterBecomesAQuery()
{
    DecisionFilter filter;
    filter.guard = u"user"_s;
    filter.codes = u"too_many_connections"_s;
    filter.address = u"127.0.0.1"_s;
    filter.text = u"a b"_s;
    filter.interval = TimeInterval{ kStart, kStart + 1min };
    const DecisionQuery query = filter.toQuery();
    QCOMPARE(query.address, u"127.0.0.1"_s);
    QCOMPARE(query.filter, u"a b"_s);
    QCOMPARE(query.guard, u"user"_s);
    QCOMPARE(query.reason, u"too_many_connections"_s);
    QCOMPARE(query.from, std::optional(kStart));
    QCOMPARE(query.to, std::optional(kStart + 1min));
}

void TestDecisionsModel::clears()
{
    FakeAdminClient client;
    DecisionsModel model(client, client.clock);
    model.add(decisions(0, 3), 2);
    model.clear();
    QCOMPARE(model.rowCount(), 0);
    QCOMPARE(model.skippedCount(), 0);
    model.add(decisions(0, 3));
    QCOMPARE(model.rowCount(), 3);
}

QTEST_GUILESS_MAIN(TestDecisionsModel)
#include "tst_decisionsmodel.moc"
