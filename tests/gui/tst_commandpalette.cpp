// SPDX-License-Identifier: GPL-3.0-or-later
// Ctrl+K and Ctrl+F as a person uses them, by keys, by objectName:
//   palette  palette.query  palette.list
#include <QtCore/QTemporaryDir>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QListView>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QStackedWidget>

#include "console/app/mainwindow.h"
#include "tests/support/consolefixture.h"
#include "tests/support/memoryvault.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

struct PaletteFixture : ConsoleFixture
{
    QTemporaryDir folder;
    ProfileStore profiles{ folder.filePath(u"profiles.ini"_s) };
    MemoryVault vault;
    MainWindow window{ serverModel, theme, profiles, vault };

    PaletteFixture()
    {
        window.show();
        window.open(QUrl(u"http://127.0.0.1:8080"_s), u"token"_s);
        window.activateWindow();
        if (!QTest::qWaitForWindowActive(&window))
            qFatal("the window is not active");
    }
    /// Opens the palette, types, and presses Enter after so many downs.
    void run(const QString &text, int downs = 0)
    {
        QLineEdit *query = open();
        query->setText(text); // keys of a test are ASCII only
        for (int i = 0; i < downs; ++i)
            QTest::keyClick(query, Qt::Key_Down);
        QTest::keyClick(query, Qt::Key_Return);
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }
    QLineEdit *open()
    {
        QTest::keyClick(&window, Qt::Key_K, Qt::ControlModifier);
        return findPart<QLineEdit>(window, u"palette.query"_s);
    }
    QString page() const { return window.findChild<QStackedWidget *>()->currentWidget()->objectName(); }
};

} // namespace

class TestCommandPalette : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { Q_INIT_RESOURCE(console); }

    void goesToAPage()
    {
        PaletteFixture fixture;
        fixture.run(u"refus"_s);
        QCOMPARE(fixture.page(), u"page.refusals"_s);
        QVERIFY(!fixture.window.findChild<QDialog *>(u"palette"_s));
    }

    void escapeLeaves()
    {
        PaletteFixture fixture;
        QLineEdit *query = fixture.open();
        QTest::keyClicks(query, u"refus"_s);
        QTest::keyClick(query, Qt::Key_Escape);
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        QVERIFY(!fixture.window.findChild<QDialog *>(u"palette"_s));
        QCOMPARE(fixture.page(), u"page.overview"_s);
    }

    void theArrowsChoose()
    {
        PaletteFixture fixture;
        QLineEdit *query = fixture.open();
        auto *list = findPart<QListView>(fixture.window, u"palette.list"_s);
        const int last = list->model()->rowCount() - 1;
        QCOMPARE(list->currentIndex().row(), 0);
        QTest::keyClick(query, Qt::Key_Down);
        QCOMPARE(list->currentIndex().row(), 1);
        QTest::keyClick(query, Qt::Key_Up);
        QTest::keyClick(query, Qt::Key_Up);
        QCOMPARE(list->currentIndex().row(), last);
        QTest::keyClick(query, Qt::Key_Down);
        QCOMPARE(list->currentIndex().row(), 0);
        QTest::keyClick(query, Qt::Key_PageDown);
        QVERIFY(list->currentIndex().row() > 1);
        QTest::keyClick(query, Qt::Key_PageUp);
        QTest::keyClick(query, Qt::Key_Down);
        QTest::keyClick(query, Qt::Key_Return);
        QCOMPARE(fixture.page(), u"page.alerts"_s); // the second page
    }

    void aClickDoesIt()
    {
        PaletteFixture fixture;
        QTest::keyClicks(fixture.open(), u"bans"_s);
        auto *list = findPart<QListView>(fixture.window, u"palette.list"_s);
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualRect(list->model()->index(0, 0)).center());
        QCOMPARE(fixture.page(), u"page.bans"_s);
    }

    void goesToALimit()
    {
        PaletteFixture fixture;
        fixture.run(u"max_connections_per_ip"_s);
        QCOMPARE(fixture.page(), u"page.limits"_s);
        QTRY_COMPARE(fixture.window.focusWidget()->objectName(), u"limits.value.max_connections_per_ip"_s);
    }

    void doesWhatMenusAndButtonsDo()
    {
        PaletteFixture fixture;
        fixture.run(u"view theme dark"_s);
        QCOMPARE(fixture.theme.mode(), ThemeMode::Dark);
        fixture.run(u"pause"_s);
        QVERIFY(fixture.serverModel.history().isPaused());
        QSignalSpy languages(&fixture.window, &MainWindow::languageRequested);
        fixture.run(u"ไทย"_s);
        QCOMPARE(languages.value(0).value(0).toString(), u"th"_s);
        fixture.run(u"disconnect"_s);
        QVERIFY(fixture.client.calls.contains(u"disconnectFromServer"_s));
    }

    void findsTheRefusalsOfAnAddress()
    {
        PaletteFixture fixture;
        fixture.run(u"127.1.0.24"_s);
        QCOMPARE(fixture.page(), u"page.refusals"_s);
        QCOMPARE(fixture.serverModel.decisions().filter(), (DecisionFilter{ .address = u"127.1.0.24"_s }));
        QVERIFY(findPart<QPushButton>(fixture.window, u"refusals.chip.address"_s)->isVisible());
    }

    void findsTheRefusalsOfAUser()
    {
        PaletteFixture fixture;
        findPart<QLineEdit>(fixture.window, u"refusals.text"_s)->setText(u"before"_s);
        fixture.run(u"4211"_s);
        QCOMPARE(fixture.serverModel.decisions().filter(), (DecisionFilter{ .user = u"4211"_s }));
        QTest::qWait(0);
        QVERIFY(findPart<QLineEdit>(fixture.window, u"refusals.text"_s)->text().isEmpty());
    }

    void opensASavedServer()
    {
        PaletteFixture fixture;
        const ServerProfile profile = ServerProfile::create(u"web-staging-7"_s, QUrl(u"https://seven.example.com"_s));
        QVERIFY(fixture.profiles.save(profile));
        fixture.vault.write(profile.id, u"token"_s, &fixture.window, [](const Status &) {});
        fixture.run(u"stag 7"_s);
        QTRY_COMPARE(fixture.client.url(), profile.url);
        QVERIFY(fixture.window.windowTitle().contains(u"web-staging-7"_s));
    }

    void withoutItsTokenItIsAskedFor()
    {
        PaletteFixture fixture;
        QVERIFY(fixture.profiles.save(ServerProfile::create(u"web-7"_s, QUrl(u"https://seven.example.com"_s))));
        fixture.run(u"web-7"_s);
        QTRY_VERIFY(fixture.window.findChild<QDialog *>(u"connect"_s));
        QCOMPARE(fixture.client.url(), QUrl(u"http://127.0.0.1:8080"_s));
    }

    void controlFGoesToThePagesFilter()
    {
        PaletteFixture fixture;
        for (const auto &[page, field] : { std::pair(u"refusals"_s, u"refusals.text"_s),
                 std::pair(u"connections"_s, u"connections.filter"_s), std::pair(u"bans"_s, u"bans.filter"_s) }) {
            fixture.window.showPage(page);
            QTest::keyClick(&fixture.window, Qt::Key_F, Qt::ControlModifier);
            QCOMPARE(fixture.window.focusWidget()->objectName(), field);
        }
        fixture.window.showPage(u"overview"_s);
        const QWidget *before = fixture.window.focusWidget();
        QTest::keyClick(&fixture.window, Qt::Key_F, Qt::ControlModifier);
        QCOMPARE(fixture.window.focusWidget(), before); // it has none
    }
};

QTEST_MAIN(TestCommandPalette)
#include "tst_commandpalette.moc"
