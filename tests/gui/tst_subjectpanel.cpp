// SPDX-License-Identifier: GPL-3.0-or-later
// Everything about an address or a user, in a window of its own: subject.panel  subject.title  subject.act
// subject.connections.table  subject.connections.count  subject.connections.there  subject.refusals.table
// subject.refusals.count  subject.refusals.there  subject.bans.table  subject.bans.count  subject.exemptions.table
// subject.exemptions.count  subject.note
#include <QtTest/QTest>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QDialog>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QMenu>
#include <QtWidgets/QPushButton>

#include "console/pages/banspage.h"
#include "console/pages/connectionspage.h"
#include "console/pages/refusalspage.h"
#include "console/pages/subjectpanel.h"
#include "tests/support/consolefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const Subject kAddress{ SubjectKind::Address, u"127.1.0.1"_s, {} };
const Subject kUser{ SubjectKind::User, u"24"_s, {} };

/// A window with the pages that the panel leads to, over a server of some neighbours: 127.1.0.1, .10 and .12.
struct Fixture : ConsoleFixture
{
    QWidget window;
    RefusalsPage refusals{ serverModel, &window };
    ConnectionsPage connections{ serverModel, &window };
    BansPage bans{ serverModel, &window };

    Fixture()
    {
        for (const int last : { 1, 1, 10, 12 }) {
            ConnectionInfo info;
            info.id = u"C%1"_s.arg(client.connections.size());
            info.user = last == 1 ? u"24"_s : u"240"_s;
            info.address = u"127.1.0.%1"_s.arg(last);
            client.connections.push_back(info);
            Decision decision;
            decision.id = u"D%1"_s.arg(client.decisions.size());
            decision.at = client.clock.utc();
            decision.reason = Reason::TooManyConnections;
            decision.address = info.address;
            decision.user = info.user;
            client.decisions.push_back(decision);
        }
        client.bans = { rule(u"B1"_s, AccessKind::Cidr, u"127.1.0.0/28"_s), rule(u"B2"_s, AccessKind::User, u"24"_s),
            rule(u"B3"_s, AccessKind::Address, u"127.1.0.10"_s), rule(u"B4"_s, AccessKind::User, u"240"_s) };
        client.exemptions = { rule(u"E1"_s, AccessKind::Address, u"127.1.0.1"_s) };
        for (const auto &[name, page] : { std::pair<QString, QWidget *>{ u"refusals"_s, &refusals },
                 { u"connections"_s, &connections }, { u"bans"_s, &bans } }) {
            auto *button = new QPushButton(&window);
            button->setObjectName(u"nav."_s + name);
            QObject::connect(button, &QPushButton::clicked, &window, [this, name = name] { shown = name; });
            page->hide();
        }
        window.resize(1200, 800);
        window.show();
        connectToServer();
    }
    static AccessRule rule(const QString &id, AccessKind kind, const QString &value)
    {
        AccessRule result;
        result.id = id;
        result.kind = kind;
        result.value = value;
        return result;
    }
    QDialog *open(const Subject &subject)
    {
        SubjectPanel::open(serverModel, subject, &refusals);
        return findPart<QDialog>(window, u"subject.panel"_s);
    }
    [[nodiscard]] int panels() const { return int(window.findChildren<QDialog *>(u"subject.panel"_s).size()); }
    [[nodiscard]] QString count(const QString &part) const
    {
        return findPart<QLabel>(window, u"subject.%1.count"_s.arg(part))->text();
    }
    [[nodiscard]] QStringList cells(const QString &part, int column) const
    {
        const auto *table = findPart<QTableView>(window, u"subject.%1.table"_s.arg(part));
        QStringList texts;
        for (int row = 0; row < table->model()->rowCount(); ++row)
            texts << table->model()->index(row, column).data().toString();
        return texts;
    }

    QString shown; ///< the page that the navigation was asked for
};

} // namespace

class TestSubjectPanel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        Q_INIT_RESOURCE(console);
        QLocale::setDefault(QLocale(QLocale::English));
    }

    void anAddressIsNoOther()
    {
        Fixture fixture;
        const QDialog *panel = fixture.open(kAddress);
        QVERIFY(!panel->isModal());
        QTRY_COMPARE(fixture.count(u"connections"_s), u"2 open"_s);
        QCOMPARE(fixture.cells(u"connections"_s, ConnectionsModel::AddressColumn),
            QStringList({ u"127.1.0.1"_s, u"127.1.0.1"_s }));
        QTRY_COMPARE(fixture.count(u"refusals"_s), u"2 of 2 loaded"_s);
        QTRY_COMPARE(fixture.count(u"bans"_s), u"1 in force"_s); // that of its network
        QCOMPARE(fixture.cells(u"bans"_s, AccessModel::ValueColumn), QStringList{ u"127.1.0.0/28"_s });
        QTRY_COMPARE(fixture.count(u"exemptions"_s), u"1 in force"_s);
    }

    void aUserIsNoOther()
    {
        Fixture fixture;
        const QDialog *panel = fixture.open(kUser);
        QTRY_COMPARE(fixture.count(u"connections"_s), u"2 open"_s);
        QTRY_COMPARE(fixture.count(u"bans"_s), u"1 in force"_s);
        QCOMPARE(fixture.cells(u"bans"_s, AccessModel::ValueColumn), QStringList{ u"24"_s });
        fixture.client.decisions.clear();
        fixture.client.setState(ConnectionState::Live); // which asks again
        QTRY_COMPARE(fixture.count(u"refusals"_s), u"None"_s);
        QVERIFY(!panel->findChild<QTableView *>(u"subject.exemptions.table"_s));
    }

    void itSaysWhatItHasNotLookedAt()
    {
        Fixture fixture;
        for (int i = 0; i < 1500; ++i) {
            ConnectionInfo info;
            info.id = u"M%1"_s.arg(i);
            info.address = u"127.1.0.100"_s;
            fixture.client.connections.push_back(info);
        }
        fixture.open(kAddress);
        QTRY_COMPARE(fixture.count(u"connections"_s), u"2 open · 504 more that mention it are not loaded"_s);
        auto *more = findPart<QPushButton>(fixture.window, u"subject.connections.more"_s);
        QTRY_VERIFY(more->isVisible() && more->isEnabled());
        QTest::mouseClick(more, Qt::LeftButton);
        QTRY_COMPARE(fixture.count(u"connections"_s), u"2 open"_s);
    }

    void itLooksThroughAllRules()
    {
        Fixture fixture;
        for (int i = 0; i < 1200; ++i)
            fixture.client.bans.insert(fixture.client.bans.begin(),
                Fixture::rule(u"X%1"_s.arg(i), AccessKind::Address, u"10.0.%1.%2"_s.arg(i / 200).arg(i % 200)));
        fixture.open(kAddress);
        QTRY_COMPARE(fixture.count(u"bans"_s), u"1 in force"_s);
    }

    void itStaysAboutItsSubject()
    {
        Fixture fixture;
        QDialog *panel = fixture.open(kAddress);
        QTRY_COMPARE(fixture.count(u"connections"_s), u"2 open"_s);
        fixture.client.connections.clear();
        fixture.client.setState(ConnectionState::Live); // which asks again
        QTRY_COMPARE(fixture.count(u"connections"_s), u"0 open"_s);
        QCOMPARE(findPart<QLabel>(*panel, u"subject.title"_s)->text(), u"Address 127.1.0.1"_s);
        QCOMPARE(fixture.panels(), 1);
        fixture.open(kAddress);
        QCOMPARE(fixture.panels(), 1); // it is open already
        fixture.open(kUser);
        QCOMPARE(fixture.panels(), 2);
        fixture.serverModel.open(QUrl(u"http://other:8080"_s), u"token"_s);
        QTRY_COMPARE(fixture.panels(), 0);
    }

    void itDoesNotLookAliveWithoutAConnection()
    {
        Fixture fixture;
        const QDialog *panel = fixture.open(kAddress);
        const auto *note = findPart<QLabel>(*panel, u"subject.note"_s);
        QVERIFY(!note->isVisible());
        fixture.client.setState(ConnectionState::WaitingToRetry, u"connection refused"_s);
        QVERIFY(note->isVisible());
        QVERIFY2(note->text().startsWith(u"not live: as of "_s), qPrintable(note->text()));
    }

    void everyPartLeadsToItsPage()
    {
        Fixture fixture;
        const QDialog *panel = fixture.open(kAddress);
        clickPart(*panel, u"subject.refusals.there"_s);
        QCOMPARE(fixture.shown, u"refusals"_s);
        QCOMPARE(fixture.serverModel.decisions().filter().address, u"127.1.0.1"_s);
        clickPart(*panel, u"subject.connections.there"_s);
        QCOMPARE(fixture.shown, u"connections"_s);
        QCOMPARE(fixture.serverModel.connections().filter(), u"127.1.0.1"_s);
        QCOMPARE(findPart<QLineEdit>(fixture.connections, u"connections.filter"_s)->text(), u"127.1.0.1"_s);
        clickPart(*panel, u"subject.exemptions.there"_s);
        QCOMPARE(fixture.shown, u"bans"_s);
        QCOMPARE(fixture.serverModel.access().list(), AccessList::Exemptions);
    }

    void itActsOnItsSubject()
    {
        Fixture fixture;
        QDialog *panel = fixture.open(kUser);
        const QMenu *menu = findPart<QPushButton>(*panel, u"subject.act"_s)->menu();
        menu->findChild<QAction *>(u"subject.ban.user"_s)->trigger();
        QCOMPARE(findPart<QLineEdit>(*panel, u"ban.value"_s)->text(), u"24"_s);
        clickPart(*findPart<QDialog>(*panel, u"ban"_s), u"ban.accept"_s);
        QTRY_COMPARE(fixture.count(u"bans"_s), u"2 in force"_s);
        QTRY_COMPARE(findPart<QLabel>(*panel, u"subject.outcome.text"_s)->text(), u"24 is banned."_s);
    }
};

QTEST_MAIN(TestSubjectPanel)
#include "tst_subjectpanel.moc"
