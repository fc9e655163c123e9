// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/columnlayout.h"

#include <numeric>

#include <QtGui/QStandardItemModel>
#include <QtTest/QTest>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QScrollBar>
#include <QtWidgets/QTableView>

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

struct Fixture
{
    QStandardItemModel model{ 3, 3 };
    QTableView table;

    Fixture()
    {
        model.setHorizontalHeaderLabels({ u"A"_s, u"B"_s, u"C"_s });
        table.setModel(&model);
        table.horizontalHeader()->setMinimumSectionSize(10);
        table.verticalHeader()->hide();
        table.resize(700, 200);
        table.show();
    }
    [[nodiscard]] int sum() const
    {
        int width = 0;
        for (int column = 0; column < 3; ++column)
            width += table.columnWidth(column);
        return width;
    }
};

std::vector<ColumnLayout::Column> columns()
{
    return { { u"00:00:00"_s, {}, 0, 0 }, { u"a rather long reason for it"_s, u"a rather"_s, 1, 18 },
        { u"https://app.example.com"_s, u"https://a"_s, 2, 0 } };
}

} // namespace

class TestColumnLayout : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void distributes_data()
    {
        QTest::addColumn<std::vector<ColumnWish>>("wishes");
        QTest::addColumn<int>("available");
        QTest::addColumn<std::vector<int>>("widths");
        using Wishes = std::vector<ColumnWish>;
        using Widths = std::vector<int>;
        const Wishes three{ { 50, 50, 0 }, { 60, 100, 1 }, { 40, 200, 2 } };
        QTest::newRow("exactly") << three << 350 << Widths{ 50, 100, 200 };
        QTest::newRow("more: by weight") << three << 380 << Widths{ 50, 110, 220 };
        QTest::newRow("less: the heaviest gives first") << three << 300 << Widths{ 50, 100, 150 };
        QTest::newRow("then the next") << three << 170 << Widths{ 50, 80, 40 };
        QTest::newRow("never below the minimum") << three << 10 << Widths{ 50, 60, 40 };
        QTest::newRow("no pixel is lost")
            << Wishes{ { 0, 10, 1 }, { 0, 10, 1 }, { 0, 10, 1 } } << 100 << Widths{ 33, 33, 34 };
        QTest::newRow("equals shrink alike") << Wishes{ { 20, 100, 1 }, { 20, 60, 1 } } << 100 << Widths{ 60, 40 };
        QTest::newRow("nobody may grow") << Wishes{ { 50, 50, 0 } } << 500 << Widths{ 50 };
        QTest::newRow("none") << Wishes{} << 100 << Widths{};
    }
    void distributes()
    {
        QFETCH(std::vector<ColumnWish>, wishes);
        QFETCH(int, available);
        QFETCH(std::vector<int>, widths);
        QCOMPARE(distributeColumns(wishes, available), widths);
    }

    void fillsTheTableAtEveryWidth()
    {
        Fixture fixture;
        ColumnLayout layout(&fixture.table, columns());
        for (const int width : { 700, 500, 1200 }) {
            fixture.table.resize(width, 200);
            QTRY_COMPARE(fixture.sum(), fixture.table.viewport()->width());
            QVERIFY(!fixture.table.horizontalScrollBar()->isVisible());
        }
        const int wide = fixture.table.columnWidth(0);
        fixture.table.resize(450, 200);
        QTRY_COMPARE(fixture.sum(), fixture.table.viewport()->width());
        QCOMPARE(fixture.table.columnWidth(0), wide); // no weight: as it was
    }

    void aHiddenColumnLeavesItsPlace()
    {
        Fixture fixture;
        ColumnLayout layout(&fixture.table, columns());
        fixture.table.hideColumn(1);
        layout.fit();
        QCOMPARE(fixture.table.columnWidth(0) + fixture.table.columnWidth(2), fixture.table.viewport()->width());
    }

    void theUsersWidthsStay()
    {
        Fixture fixture;
        ColumnLayout layout(&fixture.table, columns());
        fixture.table.horizontalHeader()->resizeSection(1, 333);
        fixture.table.resize(1000, 200);
        QTRY_COMPARE(fixture.table.width(), 1000);
        QCOMPARE(fixture.table.columnWidth(1), 333);
    }

    void aColumnFollowsWhatIsSeen()
    {
        Fixture fixture;
        ColumnLayout layout(&fixture.table, columns());
        const int before = fixture.table.columnWidth(0);
        const QModelIndex cell = fixture.model.index(1, 0);
        fixture.model.setData(cell, u"2001:db8:1234:5678::/64"_s);
        QTRY_VERIFY(fixture.table.columnWidth(0) > before);
        QVERIFY(fixture.table.sizeHintForIndex(cell).width() <= fixture.table.columnWidth(0));
        QCOMPARE(fixture.sum(), fixture.table.viewport()->width());
        const int wide = fixture.table.columnWidth(0);
        fixture.model.setData(cell, u"short"_s); // a table that is read stands still
        fixture.model.appendRow(new QStandardItem(QString(1000, u'x')));
        QTRY_VERIFY(fixture.table.columnWidth(0) > wide);
        QVERIFY(fixture.table.columnWidth(0) <= fixture.table.viewport()->width() / 3); // and leaves room for others
    }

    void whatTheUserDraggedFollowsNothing()
    {
        Fixture fixture;
        ColumnLayout layout(&fixture.table, columns());
        fixture.table.horizontalHeader()->resizeSection(0, 77);
        fixture.model.setData(fixture.model.index(1, 0), u"2001:db8:1234:5678::/64"_s);
        fixture.model.setData(fixture.model.index(2, 1), QString(100, u'x'));
        QCoreApplication::processEvents();
        fixture.table.resize(800, 200);
        QTRY_COMPARE(fixture.table.width(), 800);
        QCOMPARE(fixture.table.columnWidth(0), 77);
    }

    void aHeaderIsNeverCut()
    {
        Fixture fixture;
        fixture.model.setHeaderData(0, Qt::Horizontal, u"A much longer title than the cells"_s);
        ColumnLayout layout(&fixture.table, columns());
        fixture.table.resize(300, 200);
        const int needed = fixture.table.fontMetrics().horizontalAdvance(u"A much longer title than the cells"_s);
        QVERIFY(fixture.table.columnWidth(0) > needed);
    }
};

QTEST_MAIN(TestColumnLayout)
#include "tst_columnlayout.moc"
