// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/connectionsmodel.h"

#include <QtTest/QAbstractItemModelTester>
#include <QtTest/QtTest>

#include "tests/support/cputime.h"
#include "tests/support/fakeadminclient.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestConnectionsModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void loadsTheFirstPage();
    void loadsFurtherPagesOnDemand();
    void refreshUpdatesInPlace();
    void refreshAddsAndRemoves();
    void refreshKeepsSelectionWhenOrderChanges();
    void refreshReadsAllLoadedPages();
    void aRowOnTwoPagesIsShownOnce();
    void filtersOnTheServer();
    void sortsOnTheServer();
    void dropsAnswersToAnOldFilter();
    void tellsWhyItFailed();
    void clears();
    void showsEveryColumn();
    void aHundredThousandRowsDoNotStutter();

private:
    void fill(int count);
    void refresh();
    std::unique_ptr<FakeAdminClient> m_client;
    std::unique_ptr<ConnectionsModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
};

namespace {

ConnectionInfo connection(int number)
{
    ConnectionInfo info;
    info.id = u"C%1"_s.arg(number);
    info.user = u"user%1"_s.arg(number);
    info.address = u"127.0.%1.%2"_s.arg(number / 250).arg(number % 250);
    info.messagesIn = number;
    return info;
}

} // namespace

void TestConnectionsModel::init()
{
    m_client = std::make_unique<FakeAdminClient>();
    m_model = std::make_unique<ConnectionsModel>(*m_client, m_client->clock);
    m_tester = std::make_unique<QAbstractItemModelTester>(
        m_model.get(), QAbstractItemModelTester::FailureReportingMode::QtTest);
}

void TestConnectionsModel::cleanup()
{
    m_tester.reset();
    m_model.reset();
    m_client.reset();
}

void TestConnectionsModel::fill(int count)
{
    m_client->connections.clear();
    for (int i = 0; i < count; ++i)
        m_client->connections.push_back(connection(i));
}

void TestConnectionsModel::refresh()
{
    m_model->refresh();
    QTRY_VERIFY(!m_model->isLoading());
}

void TestConnectionsModel::loadsTheFirstPage()
{
    m_tester.reset(); // it fetches more by itself
    fill(2500);
    QSignalSpy status(m_model.get(), &ConnectionsModel::statusChanged);
    m_model->refresh();
    QVERIFY(m_model->isLoading());
    m_model->refresh(); // not twice at once
    QTRY_VERIFY(!m_model->isLoading());
    QCOMPARE(m_client->calls.size(), 1);
    QCOMPARE(m_model->rowCount(), 1000);
    QCOMPARE(m_model->totalCount(), 2500);
    QCOMPARE(status.count(), 2);
}

void TestConnectionsModel::loadsFurtherPagesOnDemand()
{
    m_tester.reset(); // it fetches more by itself
    fill(2500);
    refresh();
    for (const int expected : { 2000, 2500 }) {
        QVERIFY(m_model->canFetchMore({}));
        m_model->fetchMore({});
        QTRY_COMPARE(m_model->rowCount(), expected);
    }
    QVERIFY(!m_model->canFetchMore({}));
    QCOMPARE(m_model->at(2499).id, u"C2499"_s);
}

void TestConnectionsModel::refreshUpdatesInPlace()
{
    fill(3);
    refresh();
    const QPersistentModelIndex second = m_model->index(1, 0);
    QSignalSpy reset(m_model.get(), &QAbstractItemModel::modelReset);
    QSignalSpy inserted(m_model.get(), &QAbstractItemModel::rowsInserted);
    m_client->connections[1].messagesIn = 77;
    refresh();
    QCOMPARE(reset.count(), 0);
    QCOMPARE(inserted.count(), 0);
    QCOMPARE(second.row(), 1);
    QCOMPARE(m_model->at(1).messagesIn, 77);
}

void TestConnectionsModel::refreshAddsAndRemoves()
{
    fill(10);
    refresh();
    const QPersistentModelIndex kept = m_model->index(5, 0);
    const QPersistentModelIndex gone = m_model->index(2, 0);
    QSignalSpy removed(m_model.get(), &QAbstractItemModel::rowsRemoved);
    auto &connections = m_client->connections;
    connections.erase(connections.begin() + 1, connections.begin() + 4);
    connections.insert(connections.begin(), connection(100));
    connections.push_back(connection(101));
    refresh();
    QCOMPARE(removed.count(), 1); // one run of three
    QVERIFY(!gone.isValid());
    QCOMPARE(kept.row(), 3);
    QCOMPARE(kept.data(ConnectionsModel::IdRole).toString(), u"C5"_s);
    QCOMPARE(m_model->rowCount(), 9);
    for (int row = 0; row < 9; ++row)
        QCOMPARE(m_model->at(row).id, connections[size_t(row)].id);
}

void TestConnectionsModel::refreshKeepsSelectionWhenOrderChanges()
{
    fill(100);
    refresh();
    const QPersistentModelIndex seventh = m_model->index(7, ConnectionsModel::UserColumn);
    std::reverse(m_client->connections.begin(), m_client->connections.end());
    refresh();
    QCOMPARE(seventh.row(), 92);
    QCOMPARE(seventh.data().toString(), u"user7"_s);
}

void TestConnectionsModel::refreshReadsAllLoadedPages()
{
    m_tester.reset(); // it fetches more by itself
    fill(2500);
    refresh();
    m_model->fetchMore({});
    QTRY_COMPARE(m_model->rowCount(), 2000);
    m_client->calls.clear();
    m_client->connections[1500].messagesIn = 1'000'000;
    refresh();
    QCOMPARE(m_client->calls.size(), 2);
    QCOMPARE(m_model->rowCount(), 2000);
    QCOMPARE(m_model->at(1500).messagesIn, 1'000'000);
    QVERIFY(m_model->canFetchMore({}));
}

void TestConnectionsModel::aRowOnTwoPagesIsShownOnce()
{
    fill(5);
    m_client->connections.push_back(connection(0));
    refresh();
    QCOMPARE(m_model->rowCount(), 5);
    refresh();
    QCOMPARE(m_model->rowCount(), 5);
}

void TestConnectionsModel::filtersOnTheServer()
{
    fill(200);
    refresh();
    m_model->setFilter(u"user19"_s);
    QTRY_COMPARE(m_model->rowCount(), 11); // 19 and 190…199
    QCOMPARE(m_model->totalCount(), 11);
    QCOMPARE(m_client->lastConnectionQuery.filter, u"user19"_s);
    m_model->setFilter(u"user19"_s);
    QCOMPARE(m_client->calls.size(), 2);
}

void TestConnectionsModel::sortsOnTheServer()
{
    fill(5);
    m_model->sort(ConnectionsModel::MessagesInColumn, Qt::DescendingOrder);
    QTRY_VERIFY(!m_model->isLoading());
    QCOMPARE(m_client->lastConnectionQuery.sort, u"messages_in"_s);
    QVERIFY(m_client->lastConnectionQuery.isDescending);
    // Longest connected first means: the earliest start first.
    m_model->sort(ConnectionsModel::AgeColumn, Qt::DescendingOrder);
    QTRY_VERIFY(!m_model->isLoading());
    QCOMPARE(m_client->lastConnectionQuery.sort, u"connected_at"_s);
    QVERIFY(!m_client->lastConnectionQuery.isDescending);
    m_model->sort(-1);
    QTRY_VERIFY(!m_model->isLoading());
    QVERIFY(m_client->lastConnectionQuery.sort.isEmpty());
    for (int column = 0; column < ConnectionsModel::ColumnCount; ++column) {
        m_model->sort(column, Qt::AscendingOrder);
        ConnectionInfo info = connection(1);
        info.node = u"node-1"_s;
        const QJsonObject json = info.toJson();
        QVERIFY(json.contains(m_client->lastConnectionQuery.sort));
    }
}

void TestConnectionsModel::dropsAnswersToAnOldFilter()
{
    fill(100);
    m_client->holdsAnswers = true;
    m_model->refresh();
    m_model->setFilter(u"user55"_s);
    m_client->releaseAnswers();
    QCOMPARE(m_model->rowCount(), 1);
    QCOMPARE(m_model->at(0).id, u"C55"_s);
    QVERIFY(!m_model->isLoading());
}

void TestConnectionsModel::tellsWhyItFailed()
{
    fill(3);
    refresh();
    Problem problem;
    problem.status = 503;
    problem.detail = u"draining"_s;
    m_client->failure = problem;
    refresh();
    QVERIFY(m_model->errorText().contains(u"draining"_s));
    QCOMPARE(m_model->rowCount(), 3); // old rows are better than none
    m_client->failure.reset();
    refresh();
    QVERIFY(m_model->errorText().isEmpty());
}

void TestConnectionsModel::clears()
{
    fill(3);
    m_client->holdsAnswers = true;
    m_model->refresh();
    m_model->clear();
    m_client->releaseAnswers();
    QCOMPARE(m_model->rowCount(), 0);
    QVERIFY(!m_model->isLoading());
}

void TestConnectionsModel::showsEveryColumn()
{
    ConnectionInfo info = connection(3);
    info.connectedAt = m_client->clock.utc() - 125min;
    info.queuedBytes = 1536;
    info.userAgent = u"curl"_s;
    m_client->connections = { info };
    refresh();
    const auto text = [&](int column) { return m_model->index(0, column).data().toString(); };
    QCOMPARE(text(ConnectionsModel::UserColumn), u"user3"_s);
    QCOMPARE(text(ConnectionsModel::AgeColumn), u"2 h 5 min"_s);
    QCOMPARE(text(ConnectionsModel::QueueColumn), u"1.5 KiB"_s);
    QCOMPARE(text(ConnectionsModel::UserAgentColumn), u"curl"_s);
    QCOMPARE(text(ConnectionsModel::IdColumn), u"C3"_s);
    for (int column = 0; column < ConnectionsModel::ColumnCount; ++column)
        QVERIFY(!m_model->headerData(column, Qt::Horizontal).toString().isEmpty());
}

void TestConnectionsModel::aHundredThousandRowsDoNotStutter()
{
    m_tester.reset(); // it looks at every row at every change
    fill(100'000);
    refresh();
    while (m_model->canFetchMore({})) {
        m_model->fetchMore({});
        QTRY_VERIFY(!m_model->isLoading());
    }
    QCOMPARE(m_model->rowCount(), 100'000);
    const auto before = threadCpuTime();
    m_model->setFilter(u"user99999"_s);
    QTRY_COMPARE(m_model->rowCount(), 1);
    const auto taken = threadCpuTime() - before;
    QVERIFY2(taken < 2s, qPrintable(QString::number(taken.count())));
}

QTEST_GUILESS_MAIN(TestConnectionsModel)
#include "tst_connectionsmodel.moc"
