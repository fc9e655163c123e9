// SPDX-License-Identifier: GPL-3.0-or-later
// The one menu of subjects, of cells, facts and buttons: refusals.table.menu  connections.table.menu  bans.table.menu
// refusals.offenders.menu  refusals.ban  connections.ban  fact.address  subject.ban.address  subject.ban.user
// subject.logout.user  subject.exempt.address  subject.exemptnetwork.address  subject.ownlimit.address
// subject.only.address  subject.everything.user  subject.copy.origin  subject.changelimit.address  subject.why
// refusals.outcome.text  connections.outcome.text
#include <QtGui/QClipboard>
#include <QtGui/QContextMenuEvent>
#include <QtGui/QWindow>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QDialog>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QMenu>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QTableView>

#include "console/models/subjectcells.h"
#include "console/pages/banspage.h"
#include "console/pages/connectionspage.h"
#include "console/pages/limitspage.h"
#include "console/pages/refusalspage.h"
#include "tests/support/consolefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

template <typename Page> struct Fixture : ConsoleFixture
{
    std::unique_ptr<Page> page;
    QTableView *table = nullptr;
    QString name;

    explicit Fixture(const QString &pageName)
        : name(pageName)
    {
        ConnectionInfo info;
        info.id = u"0-1"_s;
        info.user = u"mallory"_s;
        info.address = u"203.0.113.7"_s;
        client.connections = { info };
        Decision decision;
        decision.id = u"D1"_s;
        decision.at = client.clock.utc();
        decision.reason = Reason::TooManyConnections;
        decision.address = u"203.0.113.7"_s;
        decision.origin = u"https://evil.example"_s;
        client.decisions = { decision };
        client.offenders = { { u"203.0.113.7"_s, 5 } };
        page = std::make_unique<Page>(serverModel);
        table = findPart<QTableView>(*page, name + u".table");
        connectToServer();
        page->resize(1180, 700);
        page->show();
    }
    bool selectFirst()
    {
        const bool isThere = QTest::qWaitFor([&] { return table->model()->rowCount() > 0; });
        if (isThere)
            table->selectRow(0);
        return isThere;
    }
    /// Right-clicks a cell, as the user does, and gives the menu, or nullptr if none came.
    QMenu *menuAt(QTableView *of, int row, int column)
    {
        const QPoint at = of->viewport()->mapTo(page.get(), of->visualRect(of->model()->index(row, column)).center());
        QTest::mouseClick(page->windowHandle(), Qt::RightButton, {}, at);
        return shownMenu(of);
    }
    QMenu *shownMenu(const QTableView *of)
    {
        auto *menu = findPart<QMenu>(*page, of->objectName() + u".menu");
        return QTest::qWaitFor([menu] { return menu->isVisible(); }, 1000) ? menu : nullptr;
    }
    static QStringList namesIn(const QMenu &menu)
    {
        QStringList names;
        for (const QAction *action : menu.actions()) {
            if (action->objectName().startsWith(u"subject."_s) && action->isVisible())
                names << action->objectName().mid(8);
        }
        return names;
    }
    QPushButton *button() { return findPart<QPushButton>(*page, name + u".ban"); }
    QAction *action(const QString &what)
    {
        const QMenu *menu = button()->menu();
        return menu->findChild<QAction *>(what);
    }
    QWidget &dialog() { return *findPart<QDialog>(*page, u"ban"_s); }
    QString filledIn() { return findPart<QLineEdit>(dialog(), u"ban.value"_s)->text(); }
};

} // namespace

class TestSubjectMenu : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { Q_INIT_RESOURCE(console); }

    void aConnectionLeadsToABan()
    {
        Fixture<ConnectionsPage> fixture(u"connections"_s);
        QVERIFY(!fixture.button()->isVisible());
        QVERIFY(fixture.selectFirst());
        QVERIFY(fixture.button()->isVisible() && fixture.button()->isEnabled());
        QCOMPARE(fixture.action(u"subject.ban.user"_s)->text(), u"Ban user mallory…"_s);
        fixture.action(u"subject.ban.address"_s)->trigger();
        QCOMPARE(fixture.filledIn(), u"203.0.113.7"_s);
        clickPart(fixture.dialog(), u"ban.accept"_s);
        QTRY_COMPARE(fixture.client.bans.size(), 1U);
        QCOMPARE(fixture.client.bans[0].kind, AccessKind::Address);
        const auto *said = findPart<QLabel>(*fixture.page, u"connections.outcome.text"_s);
        QTRY_COMPARE(said->text(), u"203.0.113.7 is banned."_s);
        clickPart(*fixture.page, u"connections.outcome.undo"_s);
        QTRY_VERIFY(fixture.client.bans.empty());
    }

    void aUserIsLoggedOutEverywhere()
    {
        Fixture<ConnectionsPage> fixture(u"connections"_s);
        QVERIFY(fixture.selectFirst());
        fixture.action(u"subject.logout.user"_s)->trigger();
        QCOMPARE(fixture.filledIn(), u"mallory"_s);
        clickPart(fixture.dialog(), u"ban.accept"_s);
        QTRY_COMPARE(fixture.client.bans.size(), 1U);
        QVERIFY(fixture.client.bans[0].issuedBefore);
    }

    void aRefusalLeadsToAnExemption()
    {
        Fixture<RefusalsPage> fixture(u"refusals"_s);
        QVERIFY(fixture.selectFirst());
        QVERIFY(!fixture.action(u"subject.ban.user"_s)); // before authentication there is no user
        QVERIFY(!fixture.action(u"subject.logout.user"_s));
        fixture.action(u"subject.exempt.address"_s)->trigger();
        QCOMPARE(fixture.filledIn(), u"203.0.113.7"_s);
        clickPart(fixture.dialog(), u"ban.accept"_s);
        QTRY_COMPARE(fixture.client.exemptions.size(), 1U);
        QVERIFY(fixture.client.bans.empty());
        const auto *said = findPart<QLabel>(*fixture.page, u"refusals.outcome.text"_s);
        QTRY_COMPARE(said->text(), u"203.0.113.7 is exempt from limits."_s);
    }

    void aRefusalLeadsToANumberOfItsOwn()
    {
        Fixture<RefusalsPage> fixture(u"refusals"_s);
        QVERIFY(fixture.selectFirst());
        fixture.action(u"subject.ownlimit.address"_s)->trigger();
        QCOMPARE(fixture.filledIn(), u"203.0.113.7"_s);
        clickPart(fixture.dialog(), u"ban.accept"_s);
        QTRY_COMPARE(fixture.client.exemptions.size(), 1U);
        QCOMPARE(fixture.client.lastDraft.limit, std::optional<qint64>(200)); // what the profile of sites allows
        QCOMPARE(fixture.client.lastDraft.kind, AccessKind::Address);
        const auto *said = findPart<QLabel>(*fixture.page, u"refusals.outcome.text"_s);
        QTRY_COMPARE(said->text(), u"203.0.113.7: 200 connections of each address."_s);
    }

    void aRefusalLeadsToAnExemptNetwork()
    {
        Fixture<RefusalsPage> fixture(u"refusals"_s);
        QVERIFY(fixture.selectFirst());
        fixture.action(u"subject.exemptnetwork.address"_s)->trigger();
        QCOMPARE(fixture.filledIn(), u"203.0.113.0/24"_s);
        clickPart(fixture.dialog(), u"ban.accept"_s);
        QTRY_COMPARE(fixture.client.exemptions.size(), 1U);
        QCOMPARE(fixture.client.lastDraft.kind, AccessKind::Cidr);
        QVERIFY(!fixture.client.lastDraft.limit);
    }

    void theCellDecidesWhomItIsAbout()
    {
        Fixture<RefusalsPage> fixture(u"refusals"_s);
        QVERIFY(QTest::qWaitForWindowExposed(fixture.page.get()));
        QVERIFY(QTest::qWaitFor([&] { return fixture.table->model()->rowCount() > 0; }));
        const QStringList ofAddress{ u"title.address"_s, u"only.address"_s, u"everything.address"_s, u"copy.address"_s,
            u"ban.address"_s, u"exempt.address"_s, u"exemptnetwork.address"_s, u"ownlimit.address"_s,
            u"changelimit.address"_s };
        QMenu *menu = fixture.menuAt(fixture.table, 0, DecisionsModel::AddressColumn);
        QVERIFY(menu);
        QCOMPARE(fixture.namesIn(*menu), ofAddress);
        menu->findChild<QAction *>(u"subject.copy.address"_s)->trigger();
        QCOMPARE(QGuiApplication::clipboard()->text(), u"203.0.113.7"_s);
        menu->close();
        menu = fixture.menuAt(fixture.table, 0, DecisionsModel::OriginColumn);
        QVERIFY(menu);
        QCOMPARE(fixture.namesIn(*menu), QStringList({ u"title.origin"_s, u"only.origin"_s, u"copy.origin"_s }));
        menu->close();
        // By keys: the cell beside, and the menu key. It says nothing of a subject, so that it is about its row.
        fixture.table->setFocus();
        for (int column = fixture.table->currentIndex().column(); column > DecisionsModel::ReasonColumn; --column)
            QTest::keyClick(fixture.page->windowHandle(), Qt::Key_Left);
        fixture.serverModel.decisions().setFilter({ .address = u"203.0.113.7"_s }); // the rows are new, the cell is not
        QVERIFY(QTest::qWaitFor([&] { return !fixture.serverModel.decisions().isLoading(); }));
        QCOMPARE(fixture.table->currentIndex().column(), int(DecisionsModel::ReasonColumn));
        const QPoint at = fixture.table->inputMethodQuery(Qt::ImCursorRectangle).toRect().center();
        QContextMenuEvent byKey(QContextMenuEvent::Keyboard, at, fixture.table->mapToGlobal(at)); // as the system does
        QCoreApplication::sendEvent(fixture.table, &byKey);
        menu = fixture.shownMenu(fixture.table);
        QVERIFY(menu);
        QCOMPARE(fixture.namesIn(*menu),
            QStringList({ u"title.decision"_s, u"only.decision"_s, u"copy.decision"_s, u"changelimit.decision"_s }));
        menu->close();
    }

    void itActsOnThePage()
    {
        Fixture<RefusalsPage> fixture(u"refusals"_s);
        QVERIFY(QTest::qWaitForWindowExposed(fixture.page.get()));
        QVERIFY(QTest::qWaitFor([&] { return fixture.table->model()->rowCount() > 0; }));
        QMenu *menu = fixture.menuAt(fixture.table, 0, DecisionsModel::AddressColumn);
        QVERIFY(menu);
        QSignalSpy requested(fixture.page.get(), &RefusalsPage::limitRequested);
        menu->findChild<QAction *>(u"subject.changelimit.address"_s)->trigger();
        QCOMPARE(requested.count(), 1);
        QCOMPARE(requested[0][0].toString(), u"max_connections_per_ip"_s);
        menu->findChild<QAction *>(u"subject.only.address"_s)->trigger();
        menu->close();
        QTRY_COMPARE(fixture.client.lastDecisionQuery.address, u"203.0.113.7"_s);
        QVERIFY(findPart<QPushButton>(*fixture.page, u"refusals.chip.address"_s)->isVisible());
    }

    void everyTableAndFactHasIt()
    {
        Fixture<RefusalsPage> refusals(u"refusals"_s);
        QVERIFY(QTest::qWaitForWindowExposed(refusals.page.get()));
        auto *offenders = findPart<QTableView>(*refusals.page, u"refusals.offenders"_s);
        refusals.serverModel.refreshOffenders(OffenderKind::Address);
        QTRY_COMPARE(offenders->model()->rowCount(), 1);
        QMenu *menu = refusals.menuAt(offenders, 0, TopOffendersModel::ValueColumn);
        QVERIFY(menu && menu->findChild<QAction *>(u"subject.ban.address"_s));
        menu->close();
        QVERIFY(refusals.selectFirst());
        auto *fact = findPart<QLabel>(*refusals.page, u"fact.address"_s);
        QTest::mouseClick(fact, Qt::LeftButton);
        menu = qobject_cast<QMenu *>(QApplication::activePopupWidget());
        QVERIFY(menu && menu->findChild<QAction *>(u"subject.everything.address"_s));
        menu->close();
        Fixture<BansPage> bans(u"bans"_s);
        QVERIFY(QTest::qWaitForWindowExposed(bans.page.get()));
        AccessRule rule;
        rule.id = u"B1"_s;
        rule.kind = AccessKind::User;
        rule.value = u"mallory"_s;
        bans.client.bans = { rule };
        bans.serverModel.access().refresh();
        QVERIFY(bans.selectFirst());
        menu = bans.menuAt(bans.table, 0, AccessModel::ValueColumn);
        QVERIFY(menu);
        QCOMPARE(bans.namesIn(*menu),
            QStringList({ u"title.user"_s, u"everything.user"_s, u"copy.user"_s, u"ban.user"_s, u"logout.user"_s }));
        menu->close();
        Fixture<ConnectionsPage> connections(u"connections"_s);
        QVERIFY(QTest::qWaitForWindowExposed(connections.page.get()));
        QVERIFY(connections.selectFirst());
        menu = connections.menuAt(connections.table, 0, ConnectionsModel::UserColumn);
        QVERIFY(menu && menu->findChild<QAction *>(u"subject.logout.user"_s));
        menu->close();
    }

    void whoChangedALimitHasIt()
    {
        ConsoleFixture fixture;
        fixture.connectToServer();
        fixture.client.changeLimit(u"max_connections_per_ip"_s, 7, u"ann"_s, {});
        const RevisionsModel &model = fixture.serverModel.revisions();
        QTRY_VERIFY(model.rowCount() > 0);
        QVERIFY(!subjectAt(model, model.index(0, RevisionsModel::ByColumn))); // from nowhere: the environment
        Revision revision = model.at(0);
        revision.revision += 1;
        revision.address = u"203.0.113.7"_s;
        fixture.serverModel.revisions().add(revision);
        QCOMPARE(subjectAt(model, model.index(0, RevisionsModel::ByColumn)),
            std::optional(Subject{ SubjectKind::User, u"ann"_s }));
        LimitsPage page(fixture.serverModel);
        const auto *menu = findPart<QMenu>(page, u"limits.revisions.menu"_s);
        auto *table = findPart<QTableView>(page, u"limits.revisions"_s);
        page.resize(1180, 800);
        page.show();
        table->setCurrentIndex(model.index(0, RevisionsModel::ByColumn));
        Q_EMIT table->customContextMenuRequested(QPoint(5, 5));
        QTRY_VERIFY(menu->isVisible());
        QVERIFY(menu->findChild<QAction *>(u"subject.everything.user"_s));
    }

    void ofNoRowThereIsNoMenu()
    {
        Fixture<RefusalsPage> fixture(u"refusals"_s);
        auto *menu = findPart<QMenu>(*fixture.page, u"refusals.table.menu"_s);
        Q_EMIT fixture.table->customContextMenuRequested(QPoint(5, 5));
        QVERIFY(!menu->isVisible());
    }

    void viewersMayOnlyLook()
    {
        Fixture<RefusalsPage> fixture(u"refusals"_s);
        fixture.client.server.role = u"viewer"_s;
        fixture.connectToServer();
        QVERIFY(fixture.selectFirst());
        QVERIFY(!fixture.button()->isEnabled());
        QVERIFY(!fixture.action(u"subject.ban.address"_s)->isEnabled());
        QCOMPARE(fixture.action(u"subject.why"_s)->text(), u"Not with this token: its role may only look"_s);
        QVERIFY(QTest::qWaitForWindowExposed(fixture.page.get()));
        const QMenu *menu = fixture.menuAt(fixture.table, 0, DecisionsModel::AddressColumn);
        QVERIFY(menu);
        QVERIFY(menu->findChild<QAction *>(u"subject.copy.address"_s)->isEnabled());
        QVERIFY(!menu->findChild<QAction *>(u"subject.changelimit.address"_s)->isEnabled());
    }

    void aLockSaysHowItOpens()
    {
        Fixture<ConnectionsPage> fixture(u"connections"_s);
        fixture.serverModel.editLock().setProtected(true);
        QVERIFY(fixture.selectFirst());
        QVERIFY(QTest::qWaitForWindowExposed(fixture.page.get()));
        const QMenu *menu = fixture.menuAt(fixture.table, 0, ConnectionsModel::AddressColumn);
        QVERIFY(menu);
        QVERIFY(!menu->findChild<QAction *>(u"subject.ban.address"_s)->isEnabled());
        QVERIFY(menu->findChild<QAction *>(u"subject.why"_s)->text().contains(u"Ctrl+L"_s));
    }
};

QTEST_MAIN(TestSubjectMenu)
#include "tst_subjectmenu.moc"
