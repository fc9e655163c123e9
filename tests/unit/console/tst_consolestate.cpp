// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/consolestate.h"

#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestConsoleState : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isReadAsItWasWritten()
    {
        QTemporaryDir folder;
        const ConsoleStateFile file(folder.filePath(u"console.ini"_s));
        QCOMPARE(file.read(), ConsoleState()); // there is none
        ConsoleState state;
        state.place = QRect(-1200, 40, 1100, 720);
        state.screen = u"DP-2"_s;
        state.isMaximized = true;
        state.page = u"refusals"_s;
        state.theme = u"dark"_s;
        state.language = u"th"_s;
        state.range = u"6h"_s;
        state.exportFolder = u"/home/ผู้ใช้/exports"_s;
        state.tables.insert(u"refusals.table"_s, { 9, { 1, 8 }, { 80, 0, 120 }, 3, true });
        state.tables.insert(u"bans.table"_s, {});
        file.write(state);
        QCOMPARE(file.read(), state);
    }

    void whatCannotBeReadIsAsIfNeverChosen()
    {
        QTemporaryDir folder;
        QFile broken(folder.filePath(u"console.ini"_s));
        QVERIFY(broken.open(QIODevice::WriteOnly));
        broken.write("page=limits\n[window]\nplace=lemons\n[tables]\nbans.table\\widths=80 lemons\n");
        broken.close();
        const ConsoleState state = ConsoleStateFile(broken.fileName()).read();
        QCOMPARE(state.page, u"limits"_s);
        QVERIFY(!state.place.isValid());
        QVERIFY(state.tables.value(u"bans.table"_s).widths.isEmpty());
    }

    void aWindowIsInsideAScreen_data()
    {
        QTest::addColumn<QRect>("place");
        QTest::addColumn<QString>("screen");
        QTest::addColumn<QRect>("expected");
        QTest::newRow("where it was") << QRect(100, 100, 800, 600) << u"A"_s << QRect(100, 100, 800, 600);
        QTest::newRow("on the second") << QRect(2000, 100, 800, 600) << u"B"_s << QRect(2000, 100, 800, 600);
        QTest::newRow("of a screen that went") << QRect(5000, 100, 800, 600) << u"C"_s << QRect(640, 100, 800, 600);
        QTest::newRow("half outside") << QRect(-300, 700, 800, 600) << u"A"_s << QRect(0, 300, 800, 600);
        QTest::newRow("too large") << QRect(10, 10, 4000, 3000) << u"A"_s << QRect(0, 0, 1440, 900);
        QTest::newRow("no name, most of it") << QRect(1300, 0, 800, 600) << QString() << QRect(1440, 0, 800, 600);
    }
    void aWindowIsInsideAScreen()
    {
        QFETCH(QRect, place);
        QFETCH(QString, screen);
        QFETCH(QRect, expected);
        const QList<ScreenPlace> screens{ { u"A"_s, { 0, 0, 1440, 900 } }, { u"B"_s, { 1440, 0, 1920, 1080 } } };
        QCOMPARE(placeOnScreen(place, screen, screens), expected);
        QCOMPARE(placeOnScreen(place, screen, {}), place);
    }
};

QTEST_GUILESS_MAIN(TestConsoleState)
#include "tst_consolestate.moc"
