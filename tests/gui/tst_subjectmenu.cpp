// SPDX-License-Identifier: GPL-3.0-or-later
// The menus by which a row of Refusals and of Connections leads to a ban: refusals.ban  connections.ban  ban.address
// ban.user  ban.logout  ban.exempt  ban.exemptnetwork  ban.ownlimit  refusals.outcome.text  connections.outcome.text
#include <QtTest/QTest>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QDialog>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QMenu>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QTableView>

#include "console/pages/banmenu.h"
#include "console/pages/connectionspage.h"
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
        client.decisions = { decision };
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

class TestBanMenu : public QObject
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
        QCOMPARE(fixture.action(u"ban.user"_s)->text(), u"Ban user mallory…"_s);
        fixture.action(u"ban.address"_s)->trigger();
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
        fixture.action(u"ban.logout"_s)->trigger();
        QCOMPARE(fixture.filledIn(), u"mallory"_s);
        clickPart(fixture.dialog(), u"ban.accept"_s);
        QTRY_COMPARE(fixture.client.bans.size(), 1U);
        QVERIFY(fixture.client.bans[0].issuedBefore);
    }

    void aRefusalLeadsToAnExemption()
    {
        Fixture<RefusalsPage> fixture(u"refusals"_s);
        QVERIFY(fixture.selectFirst());
        QVERIFY(!fixture.action(u"ban.user"_s)->isVisible()); // before authentication there is no user
        QVERIFY(!fixture.action(u"ban.logout"_s)->isVisible());
        fixture.action(u"ban.exempt"_s)->trigger();
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
        fixture.action(u"ban.ownlimit"_s)->trigger();
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
        fixture.action(u"ban.exemptnetwork"_s)->trigger();
        QCOMPARE(fixture.filledIn(), u"203.0.113.0/24"_s);
        clickPart(fixture.dialog(), u"ban.accept"_s);
        QTRY_COMPARE(fixture.client.exemptions.size(), 1U);
        QCOMPARE(fixture.client.lastDraft.kind, AccessKind::Cidr);
        QVERIFY(!fixture.client.lastDraft.limit);
    }

    void aRowsOwnMenuIsTheSame()
    {
        Fixture<RefusalsPage> fixture(u"refusals"_s);
        auto *menu = findPart<QMenu>(*fixture.page, u"refusals.table.menu"_s);
        Q_EMIT fixture.table->customContextMenuRequested(QPoint(5, 5));
        QVERIFY(!menu->isVisible()); // of no row
        QVERIFY(fixture.selectFirst());
        QCOMPARE(fixture.table->contextMenuPolicy(), Qt::CustomContextMenu);
        Q_EMIT fixture.table->customContextMenuRequested(QPoint(5, 5));
        QTRY_VERIFY(menu->isVisible());
        for (QAction *action : fixture.button()->menu()->actions())
            QVERIFY(menu->actions().contains(action));
        menu->close();
    }

    void viewersMayOnlyLook()
    {
        Fixture<RefusalsPage> fixture(u"refusals"_s);
        fixture.client.server.role = u"viewer"_s;
        fixture.connectToServer();
        QVERIFY(fixture.selectFirst());
        QVERIFY(!fixture.button()->isEnabled());
        QVERIFY(!fixture.action(u"ban.address"_s)->isEnabled());
    }
};

QTEST_MAIN(TestBanMenu)
#include "tst_banmenu.moc"
