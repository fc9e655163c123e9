// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/tableexport.h"

#include <QtGui/QStandardItemModel>
#include <QtTest/QTest>

#include "tests/support/consolefixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr UtcTime kStart{ 1'762'776'000s };

} // namespace

class TestTableExport : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale(QLocale::German)); }

    void cellsAreQuotedWhereNeeded_data()
    {
        QTest::addColumn<QString>("cell");
        QTest::addColumn<QByteArray>("line");
        QTest::newRow("plain") << u"127.0.0.1"_s << QByteArrayLiteral("127.0.0.1");
        QTest::newRow("comma") << u"a, b"_s << QByteArrayLiteral("\"a, b\"");
        QTest::newRow("quote") << u"say \"hi\""_s << QByteArrayLiteral("\"say \"\"hi\"\"\"");
        QTest::newRow("line break") << u"a\nb"_s << QByteArrayLiteral("\"a\nb\"");
        QTest::newRow("Thai") << u"เซิร์ฟเวอร์"_s << u"เซิร์ฟเวอร์"_s.toUtf8();
        QTest::newRow("empty") << QString() << QByteArrayLiteral("");
        // A client chooses its Origin: it must not become a formula in somebody's spreadsheet.
        QTest::newRow("formula") << u"=HYPERLINK(\"http://x\")"_s
                                 << QByteArrayLiteral("\"'=HYPERLINK(\"\"http://x\"\")\"");
        QTest::newRow("at") << u"@SUM(A1)"_s << QByteArrayLiteral("'@SUM(A1)");
        QTest::newRow("plus") << u"+cmd"_s << QByteArrayLiteral("'+cmd");
        QTest::newRow("a negative number is a number") << u"-42.5"_s << QByteArrayLiteral("-42.5");
    }
    void cellsAreQuotedWhereNeeded()
    {
        QFETCH(QString, cell);
        QFETCH(QByteArray, line);
        QStandardItemModel model(1, 1);
        model.setHorizontalHeaderLabels({ u"Head"_s });
        model.setData(model.index(0, 0), cell);
        QCOMPARE(tableAsCsv(model, { 0 }), QByteArray("Head\n" + line + '\n'));
    }

    void writesTheColumnsAskedForInTheirOrder()
    {
        QStandardItemModel model(2, 3);
        model.setHorizontalHeaderLabels({ u"A"_s, u"B"_s, u"C"_s });
        for (int row = 0; row < 2; ++row) {
            for (int column = 0; column < 3; ++column)
                model.setData(model.index(row, column), u"%1%2"_s.arg(row).arg(column));
        }
        QCOMPARE(tableAsCsv(model, { 2, 0 }), QByteArrayLiteral("C,A\n02,00\n12,10\n"));
        QCOMPARE(rowsAsText(model, { 0, 1 }, { 1, 0 }), u"10\t11\n00\t01"_s);
        QCOMPARE(tableAsCsv(model, {}), QByteArrayLiteral("\n\n\n"));
    }

    void aCellForOtherProgramsGoesFirst()
    {
        QStandardItemModel model(1, 1);
        model.setData(model.index(0, 0), u"5 minutes ago"_s, Qt::DisplayRole);
        QCOMPARE(exportText(model.index(0, 0)), u"5 minutes ago"_s);
        model.setData(model.index(0, 0), u"2025-11-10T12:00:00Z"_s, kExportRole);
        QCOMPARE(exportText(model.index(0, 0)), u"2025-11-10T12:00:00Z"_s);
    }

    void tabsInACellDoNotMakeAColumn()
    {
        QStandardItemModel model(1, 2);
        model.setData(model.index(0, 0), u"a\tb\nc"_s);
        model.setData(model.index(0, 1), u"d"_s);
        QCOMPARE(rowsAsText(model, { 0, 1 }, { 0 }), u"a b; c\td"_s);
    }

    void refusalsCarryIsoTimesAndCodes()
    {
        FakeAdminClient client;
        DecisionsModel model(client, client.clock);
        Decision decision;
        decision.id = u"D1"_s;
        decision.at = kStart + 481ms;
        decision.reason = Reason::TooManyConnections;
        decision.address = u"127.0.0.7"_s;
        decision.origin = u"https://app.example.com"_s;
        decision.observed = 6;
        decision.limit = 5;
        model.add({ decision });
        QList<int> columns;
        for (int column = 0; column < DecisionsModel::ColumnCount; ++column)
            columns << column;
        const QList<QByteArray> lines = tableAsCsv(model, columns).split('\n');
        QCOMPARE(lines[1],
            QByteArrayLiteral("2025-11-10T12:00:00.481Z,address,too_many_connections,127.0.0.7,,https://"
                              "app.example.com,6/5,refused,"));
    }

    void connectionsCarryBareNumbers()
    {
        ConsoleFixture fixture;
        ConnectionInfo info;
        info.id = u"C1"_s;
        info.user = u"42"_s;
        info.connectedAt = kStart;
        info.messagesIn = 12'345;
        info.queuedBytes = 70'000;
        fixture.client.connections = { info };
        fixture.connectToServer();
        fixture.serverModel.connections().refresh();
        QTRY_COMPARE(fixture.serverModel.connections().rowCount(), 1);
        const QByteArray csv = tableAsCsv(fixture.serverModel.connections(),
            { ConnectionsModel::UserColumn, ConnectionsModel::AgeColumn, ConnectionsModel::MessagesInColumn,
                ConnectionsModel::QueueColumn });
        QCOMPARE(csv.split('\n')[1], QByteArrayLiteral("42,2025-11-10T12:00:00.000Z,12345,70000"));
    }

    void seriesAreBucketsWithGaps()
    {
        HistoryReply history = makeHistory(kStart, 10s, 3,
            { { Metric::ActiveConnections,
                  [](qsizetype i) { return i == 1 ? HistoryReply::kGap : 1000.5 + double(i); } },
                { Metric::MessagesIn, always(2) } });
        history.series[0].maximum[2] = 2000;
        history.seconds[2] = 4;
        const QByteArray expected
            = "time,seconds,active_connections_min,active_connections_mean,active_connections_max,"
              "messages_in_min,messages_in_mean,messages_in_max\n"
              "2025-11-10T12:00:00.000Z,10,1000.5,1000.5,1000.5,2,2,2\n"
              "2025-11-10T12:00:10.000Z,10,,,,2,2,2\n"
              "2025-11-10T12:00:20.000Z,4,1002.5,1002.5,2000,2,2,2\n";
        QCOMPARE(historyAsCsv(history), expected);
        QCOMPARE(historyAsCsv({}), QByteArrayLiteral("time,seconds\n"));
    }
};

QTEST_MAIN(TestTableExport)
#include "tst_tableexport.moc"
