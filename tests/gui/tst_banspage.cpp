// SPDX-License-Identifier: GPL-3.0-or-later
// Bans and exemptions by clicks and keys: bans.list  bans.table  bans.filter  bans.count  bans.empty  bans.add
// bans.lift bans.lift.box.accept  bans.outcome.text  bans.outcome.undo  ban (the dialog)  ban.kind  ban.value
// ban.reason  ban.ends ban.note  ban.help  ban.error  ban.accept  ban.cancel  ban.yourself.accept  ban.lastadmin.accept
#include <QtTest/QTest>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QDialog>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QSpinBox>
#include <QtWidgets/QTableView>

#include "console/pages/accessoutcome.h"
#include "console/pages/banspage.h"
#include "tests/support/consolefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

struct Fixture : ConsoleFixture
{
    BansPage page{ serverModel };
    QTableView *table = findPart<QTableView>(page, u"bans.table"_s);

    Fixture()
    {
        client.bans = { rule(u"B3"_s, AccessKind::User, u"mallory"_s),
            rule(u"B2"_s, AccessKind::Cidr, u"203.0.113.0/24"_s), rule(u"B1"_s, AccessKind::TokenId, u"d7f0"_s) };
        client.bans[1].reason = u"flood"_s;
        client.bans[1].expiresAt = client.clock.utc() + 90min;
        client.exemptions = { rule(u"E1"_s, AccessKind::Cidr, u"192.0.2.0/24"_s) };
        connectToServer();
        page.resize(1180, 700);
        page.show();
    }
    AccessRule rule(const QString &id, AccessKind kind, const QString &value)
    {
        AccessRule rule;
        rule.id = id;
        rule.kind = kind;
        rule.value = value;
        rule.createdAt = client.clock.utc();
        rule.createdBy = u"root"_s;
        return rule;
    }
    bool waitForRows(int count)
    {
        return QTest::qWaitFor([&] { return table->model()->rowCount() == count; });
    }
    QString cell(int row, int column) { return table->model()->index(row, column).data().toString(); }
    QString text(const QString &name) { return findPart<QLabel>(page, name)->text(); }
    bool has(const QString &name) { return page.findChild<QWidget *>(name); }
    QWidget &dialog() { return *findPart<QDialog>(page, u"ban"_s); }
    void choose(const QString &name, int row) { findPart<QComboBox>(dialog(), name)->setCurrentIndex(row); }
    void type(const QString &name, const QString &text)
    {
        auto *edit = findPart<QLineEdit>(dialog(), name);
        edit->clear();
        QTest::keyClicks(edit, text);
    }
};

} // namespace

class TestBansPage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { Q_INIT_RESOURCE(console); }

    void saysHowManyAreNotLoadedAndOffersThem()
    {
        Fixture fixture;
        for (int i = 0; i < 697; ++i)
            fixture.client.bans.push_back(fixture.rule(u"M%1"_s.arg(i), AccessKind::User, u"mallory%1"_s.arg(i)));
        fixture.serverModel.access().refresh();
        QTRY_COMPARE(fixture.text(u"bans.count"_s), u"500 of 700 loaded"_s);
        auto *more = findPart<QPushButton>(fixture.page, u"bans.more"_s);
        QTRY_VERIFY(more->isVisible() && more->isEnabled());
        QTest::mouseClick(more, Qt::LeftButton);
        QVERIFY(fixture.waitForRows(700));
        QTRY_COMPARE(fixture.text(u"bans.count"_s), u"700 in force"_s);
        QVERIFY(!more->isVisible());
        // A refresh, as every five seconds, takes none of them away.
        fixture.client.bans.erase(fixture.client.bans.begin());
        fixture.serverModel.access().refresh();
        QVERIFY(fixture.waitForRows(699));
    }

    void nothingIsTakenBackThatIsGone()
    {
        Fixture fixture;
        QVERIFY(fixture.waitForRows(3));
        fixture.table->selectRow(0);
        clickPart(fixture.page, u"bans.lift"_s);
        clickPart(fixture.page, u"bans.lift.box.accept"_s);
        auto *undo = findPart<QPushButton>(fixture.page, u"bans.outcome.undo"_s);
        QTRY_VERIFY(undo->isVisible());
        QCOMPARE(fixture.text(u"bans.outcome.text"_s), u"The ban of mallory is lifted."_s);
        // A colleague bans her again.
        fixture.client.bans.push_back(fixture.rule(u"B9"_s, AccessKind::User, u"mallory"_s));
        fixture.page.hide();
        fixture.page.show(); // asks at once, else every few seconds
        QTRY_VERIFY(!undo->isVisible());
        QVERIFY(fixture.text(u"bans.outcome.text"_s).contains(u"made it again"_s));
    }

    void aBanThatEndedHasNoUndo()
    {
        Fixture fixture;
        QVERIFY(fixture.waitForRows(3));
        AccessOutcome outcome(fixture.serverModel, u"test"_s);
        outcome.tellAdded(AccessList::Bans, fixture.client.bans[1]);
        auto *undo = findPart<QPushButton>(outcome, u"test.undo"_s);
        QVERIFY(undo->isVisible());
        QCoreApplication::processEvents();
        QVERIFY(undo->isVisible()); // it is there
        fixture.client.bans.erase(fixture.client.bans.begin() + 1);
        outcome.hide();
        outcome.show();
        QTRY_VERIFY(!undo->isVisible());
        QVERIFY(findPart<QLabel>(outcome, u"test.text"_s)->text().contains(u"has ended"_s));
        outcome.tellAdded(AccessList::Bans, fixture.client.bans[0]);
        fixture.serverModel.open(QUrl(u"http://127.0.0.2:8080"_s), u"token"_s);
        QVERIFY(!outcome.isVisible()); // of another server there is nothing to say
    }

    void showsWhatIsBanned()
    {
        Fixture fixture;
        QVERIFY(fixture.waitForRows(3));
        QCOMPARE(fixture.cell(1, AccessModel::KindColumn), u"Network"_s);
        QCOMPARE(fixture.cell(1, AccessModel::ValueColumn), u"203.0.113.0/24"_s);
        QCOMPARE(fixture.cell(1, AccessModel::ReasonColumn), u"flood"_s);
        QCOMPARE(fixture.cell(1, AccessModel::ExpiresColumn), u"in 1 h 30 min"_s);
        QCOMPARE(fixture.cell(0, AccessModel::ExpiresColumn), u"when lifted"_s);
        QTRY_COMPARE(fixture.text(u"bans.count"_s), u"3 in force"_s);
        QVERIFY(!findPart<QLabel>(fixture.page, u"bans.empty"_s)->isVisible());
    }

    void showsTheOtherList()
    {
        Fixture fixture;
        QVERIFY(fixture.waitForRows(3));
        findPart<QComboBox>(fixture.page, u"bans.list"_s)->setCurrentIndex(1);
        QVERIFY(fixture.waitForRows(1));
        QCOMPARE(fixture.cell(0, AccessModel::ValueColumn), u"192.0.2.0/24"_s);
        QCOMPARE(findPart<QPushButton>(fixture.page, u"bans.add"_s)->text(), u"Exempt…"_s);
        clickPart(fixture.page, u"bans.add"_s);
        QCOMPARE(findPart<QComboBox>(fixture.dialog(), u"ban.kind"_s)->count(), 2); // of addresses only
        fixture.type(u"ban.value"_s, u"198.51.100.1"_s);
        clickPart(fixture.dialog(), u"ban.accept"_s);
        QVERIFY(fixture.waitForRows(2));
        QCOMPARE(fixture.client.lastDraft.list, AccessList::Exemptions);
        QCOMPARE(fixture.client.lastDraft.lifetime.count(), 0); // the office stays where it is
        QCOMPARE(fixture.client.exemptions.size(), 2U);
        QCOMPARE(fixture.text(u"bans.outcome.text"_s), u"198.51.100.1 is exempt from limits."_s);
    }

    void anExemptionMayHaveANumberOfItsOwn()
    {
        Fixture fixture;
        auto *list = findPart<QComboBox>(fixture.page, u"bans.list"_s);
        list->setCurrentIndex(1);
        clickPart(fixture.page, u"bans.add"_s);
        auto *limit = findPart<QSpinBox>(fixture.dialog(), u"ban.limit"_s);
        QCOMPARE(limit->text(), u"not counted"_s);
        fixture.choose(u"ban.kind"_s, 1);
        fixture.type(u"ban.value"_s, u"198.51.100.0/24"_s);
        limit->setValue(200);
        clickPart(fixture.dialog(), u"ban.accept"_s);
        QTRY_COMPARE(fixture.client.lastDraft.limit, std::optional<qint64>(200));
        QCOMPARE(fixture.client.lastDraft.toJson()["limit"_L1].toInt(), 200);
        QTRY_VERIFY(!fixture.has(u"ban"_s));
        list->setCurrentIndex(0);
        clickPart(fixture.page, u"bans.add"_s);
        QVERIFY(!fixture.dialog().findChild<QSpinBox *>(u"ban.limit"_s)); // of bans there is none
    }

    void theServerFilters()
    {
        Fixture fixture;
        QVERIFY(fixture.waitForRows(3));
        auto *filter = findPart<QLineEdit>(fixture.page, u"bans.filter"_s);
        QTest::keyClicks(filter, u"203"_s);
        QTest::keyClick(filter, Qt::Key_Return); // at once; else after a pause
        QVERIFY(fixture.waitForRows(1));
        QTRY_COMPARE(fixture.text(u"bans.count"_s), u"1 match the filter"_s);
        filter->setText(u"nothing of the kind"_s);
        QTest::keyClick(filter, Qt::Key_Return);
        QVERIFY(fixture.waitForRows(0));
        QTRY_COMPARE(fixture.text(u"bans.empty"_s), u"Nothing fits the filter."_s);
    }

    void bansAndUndoes()
    {
        Fixture fixture;
        QVERIFY(fixture.waitForRows(3));
        clickPart(fixture.page, u"bans.add"_s);
        auto *accept = findPart<QPushButton>(fixture.dialog(), u"ban.accept"_s);
        QVERIFY(!accept->isEnabled()); // of nothing
        fixture.type(u"ban.value"_s, u" 203.0.113.7 "_s);
        fixture.type(u"ban.reason"_s, u"flood"_s);
        fixture.type(u"ban.note"_s, u"ticket 1"_s);
        fixture.choose(u"ban.ends"_s, 2);
        QVERIFY(accept->isEnabled());
        clickPart(fixture.dialog(), u"ban.accept"_s);
        QVERIFY(fixture.waitForRows(4));
        AccessDraft wanted;
        wanted.value = u"203.0.113.7"_s;
        wanted.reason = u"flood"_s;
        wanted.note = u"ticket 1"_s;
        wanted.lifetime = 7 * 24h;
        QCOMPARE(fixture.client.lastDraft, wanted);
        QTRY_VERIFY(!fixture.has(u"ban"_s));
        QCOMPARE(fixture.text(u"bans.outcome.text"_s), u"203.0.113.7 is banned."_s);
        clickPart(fixture.page, u"bans.outcome.undo"_s);
        QVERIFY(fixture.waitForRows(3));
        QVERIFY(fixture.client.calls.contains(u"liftAccess new-1"_s));
        QVERIFY(!findPart<QPushButton>(fixture.page, u"bans.outcome.undo"_s)->isVisible());
    }

    void logsAUserOutEverywhere()
    {
        Fixture fixture;
        clickPart(fixture.page, u"bans.add"_s);
        fixture.choose(u"ban.kind"_s, 3);
        QVERIFY(fixture.text(u"ban.help"_s).contains(u"everywhere"_s));
        fixture.type(u"ban.value"_s, u"42"_s);
        clickPart(fixture.dialog(), u"ban.accept"_s);
        QTRY_COMPARE(fixture.text(u"bans.outcome.text"_s), u"42 is logged out everywhere."_s);
        QCOMPARE(fixture.client.lastDraft.kind, AccessKind::User);
        QVERIFY(fixture.client.lastDraft.isOfTokensSoFar);
    }

    void liftsAfterAskingAndUndoes()
    {
        Fixture fixture;
        QVERIFY(fixture.waitForRows(3));
        auto *lift = findPart<QPushButton>(fixture.page, u"bans.lift"_s);
        QVERIFY(!lift->isEnabled());
        fixture.table->selectRow(1);
        QVERIFY(lift->isEnabled());
        lift->click();
        QVERIFY(!fixture.client.calls.contains(u"liftAccess B2"_s));
        clickPart(fixture.page, u"bans.lift.box.accept"_s);
        QVERIFY(fixture.waitForRows(2));
        QVERIFY(fixture.client.calls.contains(u"liftAccess B2"_s));
        QCOMPARE(fixture.text(u"bans.outcome.text"_s), u"The ban of 203.0.113.0/24 is lifted."_s);
        fixture.client.clock.advance(30min);
        clickPart(fixture.page, u"bans.outcome.undo"_s);
        QVERIFY(fixture.waitForRows(3));
        AccessDraft again;
        again.kind = AccessKind::Cidr;
        again.value = u"203.0.113.0/24"_s;
        again.reason = u"flood"_s;
        again.lifetime = 60min; // it ends when it would have ended
        again.isForced = true;
        QCOMPARE(fixture.client.lastDraft, again);
    }

    void aLiftThatFailsIsTold()
    {
        Fixture fixture;
        QVERIFY(fixture.waitForRows(3));
        fixture.table->selectRow(0);
        clickPart(fixture.page, u"bans.lift"_s);
        Problem problem;
        problem.status = 503;
        fixture.client.failure = problem;
        clickPart(fixture.page, u"bans.lift.box.accept"_s);
        QTRY_VERIFY(fixture.text(u"bans.outcome.text"_s).contains(u"503"_s));
        QVERIFY(!findPart<QPushButton>(fixture.page, u"bans.outcome.undo"_s)->isVisible());
        QCOMPARE(fixture.client.bans.size(), 3U);
    }

    void theServersObjectionStaysInTheDialog()
    {
        Fixture fixture;
        clickPart(fixture.page, u"bans.add"_s);
        fixture.type(u"ban.value"_s, u"203.0.113"_s);
        Problem problem;
        problem.status = 422;
        problem.code = u"invalid_ban"_s;
        problem.detail = u"\"203.0.113\" is not an IP address"_s;
        fixture.client.failure = problem;
        clickPart(fixture.dialog(), u"ban.accept"_s);
        QTRY_VERIFY(fixture.text(u"ban.error"_s).contains(u"is not an IP address"_s));
        QVERIFY(findPart<QLabel>(fixture.page, u"ban.error"_s)->isVisible());
        fixture.client.failure.reset();
        fixture.type(u"ban.value"_s, u"203.0.113.7"_s);
        clickPart(fixture.dialog(), u"ban.accept"_s);
        QTRY_VERIFY(!fixture.has(u"ban"_s));
        QCOMPARE(fixture.client.bans.size(), 4U);
    }

    void whoWouldBanThemselvesIsAskedOnceMore()
    {
        Fixture fixture;
        fixture.client.isAboutWhoAsks = true;
        clickPart(fixture.page, u"bans.add"_s);
        fixture.type(u"ban.value"_s, u"127.0.0.1"_s);
        clickPart(fixture.dialog(), u"ban.accept"_s);
        QTRY_VERIFY(fixture.has(u"ban.yourself"_s));
        QCOMPARE(fixture.client.bans.size(), 3U);
        clickPart(fixture.page, u"ban.yourself.accept"_s);
        QTRY_COMPARE(fixture.client.bans.size(), 4U);
        QVERIFY(fixture.client.lastDraft.isForced);
    }

    void whoWouldBanTheLastAdministratorIsAskedOnceMore()
    {
        Fixture fixture;
        fixture.client.isAboutLastAdmin = true;
        clickPart(fixture.page, u"bans.add"_s);
        fixture.type(u"ban.value"_s, u"77"_s);
        clickPart(fixture.dialog(), u"ban.accept"_s);
        QTRY_VERIFY(fixture.has(u"ban.lastadmin"_s));
        QVERIFY(!fixture.client.lastDraft.isForced);
        QCOMPARE(fixture.client.bans.size(), 3U);
        clickPart(fixture.page, u"ban.lastadmin.accept"_s);
        QTRY_COMPARE(fixture.client.bans.size(), 4U);
        QVERIFY(fixture.client.lastDraft.isForced);
    }

    void aLockThatClosesMeanwhileHolds()
    {
        Fixture fixture;
        QVERIFY(fixture.waitForRows(3));
        fixture.serverModel.editLock().setProtected(true);
        fixture.table->selectRow(0);
        QVERIFY(!findPart<QPushButton>(fixture.page, u"bans.add"_s)->isEnabled());
        QVERIFY(!findPart<QPushButton>(fixture.page, u"bans.lift"_s)->isEnabled());
        fixture.serverModel.editLock().unlock();
        clickPart(fixture.page, u"bans.lift"_s);
        fixture.serverModel.editLock().lock();
        clickPart(fixture.page, u"bans.lift.box.accept"_s);
        fixture.serverModel.editLock().unlock();
        clickPart(fixture.page, u"bans.add"_s);
        fixture.type(u"ban.value"_s, u"x"_s);
        fixture.serverModel.editLock().lock();
        QVERIFY(!findPart<QPushButton>(fixture.dialog(), u"ban.accept"_s)->isEnabled());
        QVERIFY(!fixture.client.calls.join(u' ').contains(u"liftAccess"_s));
        QVERIFY(!fixture.client.calls.contains(u"addAccess"_s));
    }

    void viewersMayOnlyLook()
    {
        Fixture fixture;
        fixture.client.server.role = u"viewer"_s;
        fixture.connectToServer();
        QVERIFY(fixture.waitForRows(3));
        fixture.table->selectRow(0);
        QVERIFY(!findPart<QPushButton>(fixture.page, u"bans.add"_s)->isEnabled());
        QVERIFY(!findPart<QPushButton>(fixture.page, u"bans.lift"_s)->isEnabled());
    }

    void everyPartHasAName()
    {
        Fixture fixture;
        clickPart(fixture.page, u"bans.add"_s);
        for (const QString &name : { u"ban.kind"_s, u"ban.value"_s, u"ban.reason"_s, u"ban.ends"_s, u"ban.note"_s })
            QVERIFY2(!findPart<QWidget>(fixture.dialog(), name)->accessibleName().isEmpty(), qPrintable(name));
        for (const QString &name : { u"bans.list"_s, u"bans.filter"_s, u"bans.table"_s })
            QVERIFY2(!findPart<QWidget>(fixture.page, name)->accessibleName().isEmpty(), qPrintable(name));
    }
};

QTEST_MAIN(TestBansPage)
#include "tst_banspage.moc"
