// SPDX-License-Identifier: GPL-3.0-or-later
// The strip above every page, as a person sees it, by objectName:
//   banner  banner.text  banner.more  banner.connect  banner.retry  banner.guards  banner.token  banner.alerts
#include <QtCore/QTemporaryDir>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
#include <QtWidgets/QDialog>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QStackedWidget>

#include "console/app/mainwindow.h"
#include "console/app/trayicon.h"
#include "tests/support/consolefixture.h"
#include "tests/support/memoryvault.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

struct StripFixture : ConsoleFixture
{
    QTemporaryDir folder;
    ProfileStore profiles{ folder.filePath(u"profiles.ini"_s) };
    MemoryVault vault;
    MainWindow window{ serverModel, theme, profiles, vault };
    TrayIcon tray{ serverModel };

    StripFixture() { window.show(); }
    void open() { window.open(QUrl(u"http://127.0.0.1:8080"_s), u"token"_s); }
    void lose(std::chrono::seconds retryIn = 9s)
    {
        client.setState(ConnectionState::WaitingToRetry, u"connection refused"_s, client.clock.utc() + retryIn);
    }
    void raise(const QString &id, const QString &detail = {})
    {
        Alert alert;
        alert.id = id;
        alert.rule = u"errors"_s;
        alert.detail = detail;
        alert.raisedAt = client.clock.utc();
        Q_EMIT client.alertChanged(alert);
    }
    QString text() const { return findPart<QLabel>(window, u"banner.text"_s)->text(); }
    QString look() const { return findPart<QFrame>(window, u"banner"_s)->property("banner").toString(); }
    bool isShown(const QString &name) const { return findPart<QPushButton>(window, name)->isVisible(); }
    QString page() const { return window.findChild<QStackedWidget *>()->currentWidget()->objectName(); }
};

} // namespace

class TestNoticeStrip : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { Q_INIT_RESOURCE(console); }

    void noPageEverMoves()
    {
        StripFixture fixture;
        fixture.window.resize(1360, 860);
        QWidget *pages = fixture.window.findChild<QStackedWidget *>();
        const auto place = [&] {
            QCoreApplication::processEvents();
            return QRect(pages->mapTo(&fixture.window, QPoint()), pages->size());
        };
        const QRect first = place();
        const int height = findPart<QFrame>(fixture.window, u"banner"_s)->height();
        const std::vector<std::function<void()>> events{ [&] { fixture.open(); }, [&] { fixture.raise(u"A1"_s); },
            [&] { Q_EMIT fixture.client.switchChanged(false); }, [&] { fixture.lose(); },
            [&] { fixture.client.setState(ConnectionState::Connecting, QString(400, u'x')); },
            [&] { fixture.client.setState(ConnectionState::AuthFailed); },
            [&] { fixture.client.setState(ConnectionState::Live); },
            [&] { Q_EMIT fixture.client.switchChanged(true); } };
        for (const auto &happens : events) {
            happens();
            QCOMPARE(place(), first);
            QVERIFY(findPart<QFrame>(fixture.window, u"banner"_s)->isVisible());
            QCOMPARE(findPart<QFrame>(fixture.window, u"banner"_s)->height(), height);
        }
    }

    void saysThatAllIsWellWhereItIs()
    {
        StripFixture fixture;
        fixture.open();
        QCOMPARE(fixture.look(), u"calm"_s);
        QVERIFY2(fixture.text().startsWith(u"Connected to 127.0.0.1:8080"_s), qPrintable(fixture.text()));
        QCOMPARE(fixture.window.windowTitle(), u"127.0.0.1:8080 – Gatehouse"_s);
        for (const QString &button :
            { u"banner.connect"_s, u"banner.retry"_s, u"banner.guards"_s, u"banner.token"_s, u"banner.alerts"_s })
            QVERIFY2(!fixture.isShown(button), qPrintable(button));
    }

    void neverLooksAliveWhileDisconnected()
    {
        StripFixture fixture;
        fixture.open();
        fixture.lose();
        QCOMPARE(fixture.look(), u"bad"_s);
        QVERIFY(fixture.text().contains(u"connection refused"_s));
        QVERIFY(fixture.text().contains(u"next try in 9 second"_s));
        QVERIFY(fixture.text().contains(u"from before"_s));
        QVERIFY(fixture.window.windowTitle().contains(connectionStateTitle(ConnectionState::WaitingToRetry)));
        QVERIFY(fixture.tray.toolTip().contains(connectionStateTitle(ConnectionState::WaitingToRetry)));
        fixture.client.setState(ConnectionState::Connecting, u"connection refused"_s);
        QVERIFY2(fixture.text().contains(u"Connecting to 127.0.0.1:8080"_s), qPrintable(fixture.text()));
        QVERIFY(fixture.text().contains(u"from before"_s)); // nothing has come back yet
        fixture.lose();
        clickPart(fixture.window, u"banner.retry"_s);
        QVERIFY(fixture.client.calls.contains(u"retryNow"_s));
        fixture.client.setState(ConnectionState::Live);
        QCOMPARE(fixture.look(), u"calm"_s);
        QVERIFY(!fixture.window.windowTitle().contains(u'('));
    }

    void theWorstComesFirstAndTheOthersAreCounted()
    {
        StripFixture fixture;
        fixture.open();
        auto *more = findPart<QLabel>(fixture.window, u"banner.more"_s);
        QVERIFY(!more->isVisible());
        fixture.raise(u"A1"_s, u"the state file was damaged"_s);
        QVERIFY(fixture.text().contains(u"the state file was damaged"_s));
        QVERIFY(fixture.isShown(u"banner.alerts"_s));
        QVERIFY(!more->isVisible());
        fixture.raise(u"A2"_s);
        QVERIFY2(fixture.text().contains(u"and 1 more"_s), qPrintable(fixture.text()));
        Q_EMIT fixture.client.switchChanged(false);
        QVERIFY(fixture.text().contains(u"guards are off"_s));
        QVERIFY(more->isVisible() && more->text().contains(u'1'));
        QVERIFY(more->toolTip().contains(u"and 1 more"_s));
        QVERIFY(fixture.window.windowTitle().contains(u"guards off"_s));
        QVERIFY(fixture.tray.toolTip().contains(u"guards off"_s));
        fixture.lose();
        QVERIFY(fixture.text().contains(u"Connection lost"_s));
        QVERIFY(!more->isVisible()); // of before
        QVERIFY(!fixture.window.windowTitle().contains(u"guards off"_s));
    }

    void anAlertLeadsToItsPage()
    {
        StripFixture fixture;
        fixture.open();
        fixture.raise(u"A1"_s);
        QVERIFY(fixture.window.windowTitle().contains(u"1 alert"_s));
        clickPart(fixture.window, u"banner.alerts"_s);
        QCOMPARE(fixture.page(), u"page.alerts"_s);
        auto *badge = findPart<QLabel>(fixture.window, u"nav.alerts.badge"_s);
        QVERIFY(badge->isVisible());
        fixture.lose();
        QVERIFY(!badge->isVisible()); // whether it still is raised nobody knows
    }

    void saysOnEveryPageThatTheGuardsAreOff()
    {
        StripFixture fixture;
        fixture.open();
        fixture.client.switchChanges = { { fixture.client.clock.utc(), false, u"night-shift"_s, {} } };
        Q_EMIT fixture.client.switchChanged(false);
        for (const QString &page : fixture.window.pageNames()) {
            fixture.window.showPage(page);
            QVERIFY2(fixture.text().contains(u"guards are off"_s), qPrintable(page));
            QVERIFY2(fixture.isShown(u"banner.guards"_s), qPrintable(page));
        }
        QTRY_VERIFY(fixture.text().contains(u"by night-shift"_s)); // who it was, and since when
        clickPart(fixture.window, u"banner.guards"_s);
        clickPart(fixture.window, u"limits.switch.box.accept"_s);
        QTRY_VERIFY(fixture.client.calls.contains(u"setSwitch 1"_s));
        QTRY_COMPARE(fixture.look(), u"calm"_s);
        QVERIFY(!fixture.window.windowTitle().contains(u"guards off"_s));
    }

    void whoMayNotTurnTheGuardsOnIsNotAskedTo()
    {
        StripFixture fixture;
        fixture.client.server.role = u"operator"_s;
        fixture.client.server.isGuarding = false;
        fixture.open();
        QVERIFY(fixture.isShown(u"banner.guards"_s));
        QVERIFY(!findPart<QPushButton>(fixture.window, u"banner.guards"_s)->isEnabled());
    }

    void aButtonThatGoesLeavesItsKeyToNoOther()
    {
        StripFixture fixture;
        fixture.open();
        fixture.window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&fixture.window));
        fixture.raise(u"A1"_s);
        findPart<QPushButton>(fixture.window, u"banner.alerts"_s)->setFocus();
        QCOMPARE(fixture.window.focusWidget()->objectName(), u"banner.alerts"_s);
        fixture.lose();
        const QWidget *focused = fixture.window.focusWidget();
        QVERIFY2(!qobject_cast<const QPushButton *>(focused), qPrintable(focused->objectName()));
    }

    void aDeniedTokenAsksForAnother()
    {
        StripFixture fixture;
        fixture.open();
        fixture.client.setState(ConnectionState::AuthFailed, u"The server does not accept the token."_s);
        QVERIFY(fixture.isShown(u"banner.token"_s));
        clickPart(fixture.window, u"banner.token"_s);
        QVERIFY(fixture.window.findChild<QDialog *>(u"token"_s));
    }

    /// By the token's own word, and by the clock of the server.
    void saysThatTheTokenEnds()
    {
        StripFixture fixture;
        fixture.open();
        fixture.client.tokenEndsAt = fixture.client.clock.utc() + 11min;
        fixture.client.setState(ConnectionState::Live);
        QCOMPARE(fixture.look(), u"calm"_s);
        fixture.client.clock.advance(2min);
        QTRY_COMPARE(fixture.look(), u"warning"_s);
        QVERIFY2(fixture.text().contains(u"The token ends in 9 minute"_s), qPrintable(fixture.text()));
        clickPart(fixture.window, u"banner.token"_s);
        QVERIFY(fixture.window.findChild<QDialog *>(u"token"_s));
    }

    void tellsAnAlertOncePerCoolDown()
    {
        StripFixture fixture;
        fixture.open();
        QSignalSpy notified(&fixture.tray, &TrayIcon::notified);
        fixture.raise(u"01ARYZ6S410000000000000000"_s);
        QTRY_COMPARE(notified.count(), 1);
        QVERIFY(!fixture.tray.takeTurn(u"errors"_s));
        QVERIFY(fixture.tray.takeTurn(u"high_connections"_s));
        fixture.client.clock.advance(TrayIcon::kCoolDown);
        QVERIFY(fixture.tray.takeTurn(u"errors"_s));
    }
};

QTEST_MAIN(TestNoticeStrip)
#include "tst_noticestrip.moc"
