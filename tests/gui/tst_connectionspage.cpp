// SPDX-License-Identifier: GPL-3.0-or-later
// The connections by clicks and keys: connections.table  connections.filter  connections.count  connections.kick
// connections.kick.box.accept  connections.message  connections.details
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QTableView>

#include "console/pages/connectionspage.h"
#include "tests/support/consolefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

struct Fixture : ConsoleFixture
{
    ConnectionsPage page{ serverModel };
    QTableView *table = findPart<QTableView>(page, u"connections.table"_s);

    explicit Fixture(int count = 3)
    {
        for (int i = 0; i < count; ++i) {
            ConnectionInfo info;
            info.id = u"C%1"_s.arg(i);
            info.user = u"user%1"_s.arg(i);
            info.address = u"127.0.0.%1"_s.arg(i);
            info.origin = u"https://app.example.com"_s;
            info.connectedAt = client.clock.utc() - std::chrono::minutes(i);
            info.messagesIn = 1000 * i;
            client.connections.push_back(info);
        }
        page.resize(1160, 760);
        page.show();
        connectToServer();
    }
    [[nodiscard]] QString text(const QString &name) { return findPart<QLabel>(page, name)->text(); }
    [[nodiscard]] bool waitForRows(int count)
    {
        // A refresh within another would be none.
        return QTest::qWaitFor(
            [&] { return table->model()->rowCount() == count && !serverModel.connections().isLoading(); });
    }
};

} // namespace

class TestConnectionsPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        Q_INIT_RESOURCE(console);
        QLocale::setDefault(QLocale(QLocale::English));
    }

    void listsWhoIsConnected()
    {
        Fixture fixture;
        QVERIFY(fixture.waitForRows(3));
        QCOMPARE(fixture.text(u"connections.count"_s), u"3 open"_s);
    }

    void ofAClusterItSaysWhichNode()
    {
        Fixture fixture;
        QVERIFY(fixture.waitForRows(3));
        QVERIFY(fixture.table->isColumnHidden(ConnectionsModel::NodeColumn)); // there is none to tell of
        for (ConnectionInfo &info : fixture.client.connections)
            info.node = u"node-2"_s;
        fixture.client.missingNodes = { u"node-1"_s, u"node-3"_s };
        fixture.serverModel.connections().refresh();
        QTRY_VERIFY(!fixture.table->isColumnHidden(ConnectionsModel::NodeColumn));
        QCOMPARE(fixture.table->model()->index(0, ConnectionsModel::NodeColumn).data().toString(), u"node-2"_s);
        QVERIFY(fixture.text(u"connections.message"_s).contains(u"node-1, node-3"_s));
        // All answer again; and whoever hides the column has it hidden from then on.
        fixture.client.missingNodes.clear();
        fixture.table->horizontalHeader()->actions().at(ConnectionsModel::NodeColumn)->trigger();
        fixture.serverModel.connections().refresh();
        QTRY_COMPARE(fixture.text(u"connections.message"_s), QString());
        QVERIFY(fixture.table->isColumnHidden(ConnectionsModel::NodeColumn));
    }

    void fitsWithoutScrolling()
    {
        Fixture fixture(100);
        QVERIFY(fixture.waitForRows(100));
        QTRY_VERIFY(fixture.table->verticalScrollBar()->isVisible());
        QTRY_VERIFY(!fixture.table->horizontalScrollBar()->isVisible());
        QVERIFY(fillsItsWidth(*fixture.table));
    }

    void theServerFiltersAndSorts()
    {
        Fixture fixture;
        QVERIFY(fixture.waitForRows(3));
        auto *filter = findPart<QLineEdit>(fixture.page, u"connections.filter"_s);
        QTest::keyClicks(filter, u"user2"_s);
        QTest::keyClick(filter, Qt::Key_Return); // at once; else after a pause
        QVERIFY(fixture.waitForRows(1));
        QCOMPARE(fixture.client.lastConnectionQuery.filter, u"user2"_s);
        QTRY_COMPARE(fixture.text(u"connections.count"_s), u"1 match the filter"_s);
        QHeaderView *header = fixture.table->horizontalHeader();
        const QPoint at(header->sectionViewportPosition(ConnectionsModel::MessagesInColumn) + 12, header->height() / 2);
        QTest::mouseClick(header->viewport(), Qt::LeftButton, {}, at);
        QTRY_COMPARE(fixture.client.lastConnectionQuery.sort, u"messages_in"_s);
    }

    void theSortingIsToldBesideTheTitle()
    {
        Fixture fixture;
        QVERIFY(fixture.waitForRows(3));
        QHeaderView *header = fixture.table->horizontalHeader();
        const auto picture = [&] {
            const QRect section(header->sectionViewportPosition(ConnectionsModel::AgeColumn), 0,
                header->sectionSize(ConnectionsModel::AgeColumn), header->height());
            return header->grab(section).toImage();
        };
        const QImage ascending = picture();
        header->setSortIndicator(ConnectionsModel::AgeColumn, Qt::DescendingOrder);
        const QImage descending = picture();
        header->setSortIndicator(ConnectionsModel::UserColumn, Qt::AscendingOrder);
        const QImage unsorted = picture();
        QVERIFY(ascending != descending);
        // The mark is at the left of a title that is aligned to the right: the title itself stays as it was.
        const QRect title(unsorted.width() / 2, 0, unsorted.width() - unsorted.width() / 2, unsorted.height() - 1);
        QCOMPARE(descending.copy(title), unsorted.copy(title));
        QVERIFY(descending != unsorted);
    }

    void endsAConnectionAfterAsking()
    {
        Fixture fixture;
        QVERIFY(fixture.waitForRows(3));
        auto *kick = findPart<QPushButton>(fixture.page, u"connections.kick"_s);
        QVERIFY(!kick->isVisible());
        fixture.table->selectRow(1);
        QVERIFY(kick->isVisible());
        const QString id = fixture.table->model()->index(1, 0).data(ConnectionsModel::IdRole).toString();
        kick->click();
        QVERIFY(!fixture.client.calls.contains(u"kickConnection "_s + id));
        clickPart(fixture.page, u"connections.kick.box.accept"_s);
        QTRY_VERIFY(fixture.client.calls.contains(u"kickConnection "_s + id));
        QVERIFY(fixture.waitForRows(2));
        QVERIFY(!fixture.text(u"connections.message"_s).isEmpty());
    }

    void theQuestionNamesWhomAndWhere()
    {
        Fixture fixture;
        QVERIFY(fixture.waitForRows(3));
        fixture.table->selectRow(1);
        clickPart(fixture.page, u"connections.kick"_s);
        auto *box = findPart<QMessageBox>(fixture.page, u"connections.kick.box"_s);
        QCOMPARE(box->text(), u"Disconnect user user1 (127.0.0.1) on 127.0.0.1:8080?"_s);
        // It keeps its subject: whatever is selected meanwhile, and whether it has left.
        fixture.table->selectRow(0);
        clickPart(*box, u"connections.kick.box.accept"_s);
        QTRY_VERIFY(fixture.client.calls.contains(u"kickConnection C1"_s));
        QTRY_COMPARE(
            fixture.text(u"connections.message"_s), u"Disconnected: user user1 (127.0.0.1) on 127.0.0.1:8080"_s);
    }

    void whoLeavesIsToldAsGone()
    {
        Fixture fixture;
        QVERIFY(fixture.waitForRows(3));
        fixture.table->selectRow(1);
        auto *note = findPart<QLabel>(*findPart<QWidget>(fixture.page, u"connections.details"_s), u"details.note"_s);
        QVERIFY(!note->isVisible());
        fixture.client.connections.erase(fixture.client.connections.begin() + 1);
        fixture.serverModel.connections().refresh();
        QVERIFY(fixture.waitForRows(2));
        QTRY_VERIFY(note->text().startsWith(u"Left "_s));
        auto *kick = findPart<QPushButton>(fixture.page, u"connections.kick"_s);
        QVERIFY(kick->isVisible() && !kick->isEnabled());
        fixture.client.clock.advance(12s);
        QTRY_COMPARE(note->text(), u"Left 12 s ago"_s); // it goes on counting
        fixture.table->selectRow(0);
        QVERIFY(!note->isVisible() && kick->isEnabled());
    }

    void whoIsOnlyFilteredAwayIsStillConnected()
    {
        Fixture fixture;
        QVERIFY(fixture.waitForRows(3));
        fixture.table->selectRow(1);
        fixture.serverModel.connections().setFilter(u"user2"_s);
        QVERIFY(fixture.waitForRows(1));
        auto *note = findPart<QLabel>(*findPart<QWidget>(fixture.page, u"connections.details"_s), u"details.note"_s);
        QTRY_COMPARE(note->text(), u"Not in the list as it is filtered and loaded"_s);
        clickPart(fixture.page, u"connections.kick"_s);
        clickPart(fixture.page, u"connections.kick.box.accept"_s);
        QTRY_VERIFY(fixture.client.calls.contains(u"kickConnection C1"_s)); // the one in the details
        fixture.serverModel.connections().setFilter({});
        QVERIFY(fixture.waitForRows(2));
    }

    void anotherServerHasOtherConnections()
    {
        Fixture fixture;
        QVERIFY(fixture.waitForRows(3));
        fixture.table->selectRow(1);
        fixture.serverModel.open(QUrl(u"http://127.0.0.2:8080"_s), u"token"_s);
        QVERIFY(!findPart<QPushButton>(fixture.page, u"connections.kick"_s)->isVisible());
        QVERIFY(!findPart<QPushButton>(fixture.page, u"connections.ban"_s)->isVisible());
    }

    void whatIsMarkedInTheDetailsStaysMarked()
    {
        Fixture fixture;
        QVERIFY(fixture.waitForRows(3));
        fixture.table->selectRow(1);
        QLabel *origin = nullptr;
        for (auto *label : findPart<QWidget>(fixture.page, u"connections.details"_s)->findChildren<QLabel *>())
            origin = label->text() == u"https://app.example.com"_s ? label : origin;
        QVERIFY(origin);
        origin->setSelection(8, 3);
        fixture.client.connections[1].messagesIn = 77'777;
        fixture.client.connections[1].node = u"node-2"_s; // a row more
        fixture.serverModel.connections().refresh();
        const auto facts = [&] {
            QStringList texts;
            for (const auto *label :
                findPart<QWidget>(fixture.page, u"connections.details"_s)->findChildren<QLabel *>())
                texts << label->text();
            return texts;
        };
        QTRY_VERIFY(facts().contains(u"77,777"_s) && facts().contains(u"node-2"_s));
        QCOMPARE(origin->selectedText(), u"app"_s);
    }

    void saysHowManyAreNotLoadedAndOffersThem()
    {
        Fixture fixture(1200);
        QTRY_COMPARE(fixture.text(u"connections.count"_s), u"1,000 of 1,200 loaded"_s);
        auto *more = findPart<QPushButton>(fixture.page, u"connections.more"_s);
        QTRY_VERIFY(more->isVisible() && more->isEnabled());
        QTest::mouseClick(more, Qt::LeftButton);
        QVERIFY(fixture.waitForRows(1200));
        QTRY_VERIFY(!more->isVisible());
        QCOMPARE(fixture.text(u"connections.count"_s), u"1,200 open"_s);
    }

    void exportsEveryConnection()
    {
        Fixture fixture(1200);
        QVERIFY(fixture.waitForRows(1000));
        QTemporaryDir folder;
        const QString path = folder.filePath(u"c.csv"_s);
        clickPart(fixture.page, u"connections.export"_s);
        Q_EMIT findPart<QFileDialog>(fixture.page, u"export.dialog"_s)->fileSelected(path);
        QTRY_VERIFY(QFile::exists(path));
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll().count('\n'), 1201);
        QVERIFY(!fixture.page.findChild<QMessageBox *>(u"export.lack"_s));
    }

    void aKickThatFailsIsTold()
    {
        Fixture fixture;
        QVERIFY(fixture.waitForRows(3));
        fixture.table->selectRow(0);
        clickPart(fixture.page, u"connections.kick"_s);
        Problem problem;
        problem.status = 403;
        fixture.client.failure = problem;
        clickPart(fixture.page, u"connections.kick.box.accept"_s);
        QTRY_VERIFY(fixture.text(u"connections.message"_s).contains(u"403"_s));
    }

    void aLockThatClosesMeanwhileHolds()
    {
        Fixture fixture;
        QVERIFY(fixture.waitForRows(3));
        fixture.serverModel.editLock().setProtected(true);
        fixture.table->selectRow(0);
        QVERIFY(!findPart<QPushButton>(fixture.page, u"connections.kick"_s)->isEnabled());
        fixture.serverModel.editLock().unlock();
        clickPart(fixture.page, u"connections.kick"_s);
        fixture.serverModel.editLock().lock();
        clickPart(fixture.page, u"connections.kick.box.accept"_s);
        QVERIFY(!fixture.client.calls.join(u' ').contains(u"kickConnection"_s));
    }

    void viewersMayOnlyLook()
    {
        Fixture fixture;
        fixture.client.server.role = u"viewer"_s;
        fixture.connectToServer();
        QVERIFY(fixture.waitForRows(3));
        fixture.table->selectRow(0);
        QVERIFY(!findPart<QPushButton>(fixture.page, u"connections.kick"_s)->isEnabled());
    }
};

QTEST_MAIN(TestConnectionsPage)
#include "tst_connectionspage.moc"
