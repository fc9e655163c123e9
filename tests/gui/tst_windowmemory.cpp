// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/windowmemory.h"

#include <QtCore/QTemporaryDir>
#include <QtGui/QAction>
#include <QtGui/QScreen>
#include <QtTest/QTest>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QTableView>

#include "console/app/mainwindow.h"
#include "tests/support/consolefixture.h"
#include "tests/support/memoryvault.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

/// One run of the console.
struct Run : ConsoleFixture
{
    QTemporaryDir folder;
    ProfileStore profiles{ folder.filePath(u"profiles.ini"_s) };
    MemoryVault vault;
    MainWindow window{ serverModel, theme, profiles, vault };

    explicit Run(const QString &path, bool isThemeFree = true)
    {
        new WindowMemory(window, serverModel, theme, path, isThemeFree);
        window.show();
        window.open(QUrl(u"http://127.0.0.1:8080"_s), u"token"_s);
    }
    QTableView *table() const { return findPart<QTableView>(window, u"connections.table"_s); }
};

} // namespace

class TestWindowMemory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { Q_INIT_RESOURCE(console); }
    void init() { m_path = m_folder.filePath(QString::fromLatin1(QTest::currentTestFunction()) + u".ini"_s); }

    void comesBackAsItWasLeft()
    {
        QRect place;
        {
            Run run(m_path);
            const QRect room = run.window.screen()->availableGeometry();
            place = QRect(room.topLeft() + QPoint(10, 40), QSize(770, 620)).intersected(room);
            run.window.setGeometry(place);
            place = run.window.geometry();
            run.window.showPage(u"connections"_s);
            findPart<QAction>(run.window, u"view.theme.dark"_s)->trigger();
            findPart<QAction>(run.window, u"view.language.th"_s)->trigger();
            clickPart(run.window, u"overview.range.6h"_s);
            findPart<QAction>(run.window, u"connections.table.column.2"_s)->setChecked(false);
            run.table()->sortByColumn(1, Qt::DescendingOrder);
            QVERIFY(run.window.close());
        }
        QCOMPARE(ConsoleStateFile(m_path).read().language, u"th"_s);
        Run run(m_path);
        QCOMPARE(run.window.geometry().size(), place.size());
        QCOMPARE(run.window.pageName(), u"connections"_s);
        QCOMPARE(run.theme.mode(), ThemeMode::Dark);
        QVERIFY(findPart<QAction>(run.window, u"view.theme.dark"_s)->isChecked());
        QCOMPARE(run.serverModel.history().range(), TimeRange(TimeRange::Preset::Last6Hours));
        QVERIFY(run.table()->isColumnHidden(2));
        QVERIFY(!run.table()->isColumnHidden(0));
        const TableState table = ConsoleStateFile(m_path).read().tables.value(u"connections.table"_s);
        QVERIFY(table.widths.isEmpty()); // nobody dragged a column
        QCOMPARE(run.table()->horizontalHeader()->sortIndicatorSection(), 1);
        QCOMPARE(run.table()->horizontalHeader()->sortIndicatorOrder(), Qt::DescendingOrder);
        QVERIFY(run.client.lastConnectionQuery.isDescending); // the server is asked for that order
    }

    void whatNobodyChoseIsNotRemembered()
    {
        {
            Run run(m_path);
            run.serverModel.history().suitRange(run.client.clock.utc()); // as for a young server
            QVERIFY(run.window.close());
        }
        QVERIFY(ConsoleStateFile(m_path).read().range.isEmpty());
        QVERIFY(ConsoleStateFile(m_path).read().language.isEmpty());
    }

    void aThemeOfTheCommandLineIsForThisTimeOnly()
    {
        {
            Run run(m_path);
            run.theme.setMode(ThemeMode::Light);
            QVERIFY(run.window.close());
        }
        {
            Run run(m_path, false);
            QCOMPARE(run.theme.mode(), ThemeMode::System);
            QVERIFY(run.window.close());
        }
        QCOMPARE(ConsoleStateFile(m_path).read().theme, u"light"_s);
    }

    void aWindowOfAScreenThatWentIsInside()
    {
        ConsoleState state;
        state.place = QRect(90'000, 90'000, 9'000, 9'000);
        state.screen = u"gone"_s;
        ConsoleStateFile(m_path).write(state);
        const Run run(m_path);
        QVERIFY(run.window.screen()->availableGeometry().contains(run.window.geometry()));
    }

    void aDraggedColumnStaysAsItIs()
    {
        int width = 0;
        {
            Run run(m_path);
            run.window.showPage(u"connections"_s);
            QHeaderView *header = run.table()->horizontalHeader();
            const QPoint edge(header->sectionViewportPosition(0) + header->sectionSize(0) - 1, header->height() / 2);
            QTest::mousePress(header->viewport(), Qt::LeftButton, {}, edge);
            QTest::mouseMove(header->viewport(), edge + QPoint(30, 0));
            QTest::mouseRelease(header->viewport(), Qt::LeftButton, {}, edge + QPoint(30, 0));
            width = run.table()->columnWidth(0);
            QVERIFY(run.window.close());
        }
        if (ConsoleStateFile(m_path).read().tables.value(u"connections.table"_s).widths.isEmpty())
            QSKIP("this platform does not drag");
        Run run(m_path);
        run.window.showPage(u"connections"_s);
        QCOMPARE(run.table()->columnWidth(0), width);
    }

    void exportsGoWhereTheLastOneWent()
    {
        QTemporaryDir exports;
        {
            Run run(m_path);
            run.window.setProperty("exportFolder", exports.path());
            QVERIFY(run.window.close());
        }
        Run run(m_path);
        run.window.showPage(u"bans"_s);
        clickPart(run.window, u"bans.export"_s);
        QTRY_VERIFY(run.window.findChild<QFileDialog *>(u"export.dialog"_s));
        QCOMPARE(run.window.findChild<QFileDialog *>(u"export.dialog"_s)->directory().absolutePath(), exports.path());
    }

private:
    QTemporaryDir m_folder;
    QString m_path;
};

QTEST_MAIN(TestWindowMemory)
#include "tst_windowmemory.moc"
