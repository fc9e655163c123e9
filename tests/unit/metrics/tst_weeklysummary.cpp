// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QJsonArray>
#include <QtTest/QTest>

#include "server/metrics/weeklysummary.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

/// The day of the month in November 2025, with numbers that tell it from the others.
DayRecord dayOf(int day)
{
    DayRecord record;
    record.day = QDate(2025, 11, day);
    record[Metric::Handshakes] = 10 * day;
    record[Metric::Closes] = 4;
    record[Metric::MessagesOut] = 100 * day;
    record[Metric::MessagesIn] = 200 * day;
    record[Metric::Errors] = day;
    record[Metric::RefusedConnections] = 1;
    record[Metric::RefusedReconnects] = 2;
    record[Metric::RefusedMessages] = 3;
    record[Metric::RefusedOrigin] = 4;
    record[Metric::RefusedToken] = 5;
    record[Metric::RefusedOther] = 6;
    record.closedMillis = 4 * 1234 * day;
    record.peakConnections = day % 3;
    return record;
}

} // namespace

class TestWeeklySummary final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aLineADay();
    void totals();
    void peakIsTheHighestAndDurationTheMeanOfAll();
    void nothing();
    void csvLines();
    void csvHasTheColumnsOfTheJson();
    void daysOfNodesAddUp();
};

void TestWeeklySummary::aLineADay()
{
    const QJsonObject summary = summaryJson({ dayOf(1), dayOf(2) });
    QCOMPARE(summary["days"_L1].toArray().size(), 2);
    const QJsonObject expected{
        { u"day"_s, u"2025-11-02"_s },
        { u"connections"_s, 20 },
        { u"peak_connections"_s, 2 },
        { u"messages_sent"_s, 200 },
        { u"messages_received"_s, 400 },
        { u"avg_connection_duration"_s, 2.47 },
        { u"errors"_s, 2 },
        { u"closes"_s, 4 },
        { u"connection_seconds"_s, 9.872 },
        { u"refusals"_s,
            QJsonObject{ { u"refused_connections"_s, 1 }, { u"refused_reconnects"_s, 2 }, { u"refused_messages"_s, 3 },
                { u"refused_origin"_s, 4 }, { u"refused_token"_s, 5 }, { u"refused_other"_s, 6 } } },
    };
    QCOMPARE(summary["days"_L1][1].toObject(), expected);
}

void TestWeeklySummary::totals()
{
    const QJsonObject total = summaryJson({ dayOf(1), dayOf(2), dayOf(3) })["total"_L1].toObject();
    QVERIFY(!total.contains("day"_L1));
    QCOMPARE(total["connections"_L1].toInt(), 60);
    QCOMPARE(total["messages_sent"_L1].toInt(), 600);
    QCOMPARE(total["messages_received"_L1].toInt(), 1200);
    QCOMPARE(total["errors"_L1].toInt(), 6);
    QCOMPARE(total["refusals"_L1]["refused_other"_L1].toInt(), 18);
}

void TestWeeklySummary::peakIsTheHighestAndDurationTheMeanOfAll()
{
    DayRecord quiet = dayOf(1);
    quiet[Metric::Closes] = 1;
    quiet.closedMillis = 10'000;
    quiet.peakConnections = 50;
    DayRecord busy = dayOf(2);
    busy[Metric::Closes] = 9;
    busy.closedMillis = 9 * 20'000;
    busy.peakConnections = 20;
    const QJsonObject total = summaryJson({ quiet, busy })["total"_L1].toObject();
    QCOMPARE(total["peak_connections"_L1].toInt(), 50);             // no sum
    QCOMPARE(total["avg_connection_duration"_L1].toDouble(), 19.0); // of the connections, not of the days
}

void TestWeeklySummary::nothing()
{
    const QJsonObject summary = summaryJson({});
    QVERIFY(summary["days"_L1].toArray().isEmpty());
    QCOMPARE(summary["total"_L1]["connections"_L1].toInt(-1), 0);
    QCOMPARE(summary["total"_L1]["avg_connection_duration"_L1].toDouble(-1), 0.0);
    QCOMPARE(summaryCsv({}).count("\r\n"), 1); // the header alone
}

void TestWeeklySummary::csvLines()
{
    const QByteArray csv = summaryCsv({ dayOf(1), dayOf(2) });
    QVERIFY(csv.endsWith("\r\n"));
    const QList<QByteArray> lines = csv.split('\n');
    QCOMPARE(lines.size(), 4); // and nothing behind the last end of line
    QCOMPARE(lines[2], "2025-11-02,20,2,200,400,2.47,2,4,9.872,1,2,3,4,5,6\r");
}

void TestWeeklySummary::daysOfNodesAddUp()
{
    const QJsonObject summary = summaryJson({ dayOf(2) });
    std::optional<DayRecord> sum = dayOfSummary(summary["days"_L1][0].toObject());
    QVERIFY(sum);
    QCOMPARE(summaryJson({ *sum }), summary); // nothing is lost on the way
    add(*sum, *dayOfSummary(summary["days"_L1][0].toObject()));
    QCOMPARE((*sum)[Metric::Handshakes], 40);
    QCOMPARE((*sum)[Metric::Closes], 8);
    QCOMPARE(sum->peakConnections, 4);
    QCOMPARE(sum->averageDurationSeconds(), 2.47);
    QVERIFY(!dayOfSummary({ { u"day"_s, u"someday"_s } }));
    QVERIFY(!dayOfSummary({}));
}

void TestWeeklySummary::csvHasTheColumnsOfTheJson()
{
    const QByteArrayList header = summaryCsv({}).trimmed().split(',');
    const QJsonObject line = summaryJson({ dayOf(1) })["days"_L1][0].toObject();
    QStringList columns;
    for (const QString &name : line.keys()) {
        if (name == "refusals"_L1)
            columns += line[name].toObject().keys();
        else
            columns.append(name);
    }
    QCOMPARE(header.size(), columns.size());
    for (const QByteArray &name : header)
        QVERIFY2(columns.contains(QString::fromLatin1(name)), name.constData());
    for (const QByteArray &text : summaryCsv({ dayOf(1) }).trimmed().split('\n'))
        QCOMPARE(text.count(','), header.size() - 1);
}

QTEST_GUILESS_MAIN(TestWeeklySummary)
#include "tst_weeklysummary.moc"
