// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/metrics/dayrecord.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

class DayRecordTest final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsTheLocalDay_data();
    void findsTheLocalDay();
    void averagesToTwoDecimals_data();
    void averagesToTwoDecimals();
    void keepsCountsThroughJson();
    void readsDamagedJsonAsZero();
};

void DayRecordTest::findsTheLocalDay_data()
{
    QTest::addColumn<QByteArray>("zone");
    QTest::addColumn<QString>("now");
    QTest::addColumn<QString>("begin");
    QTest::addColumn<QString>("end");

    QTest::newRow("UTC") << QByteArray("UTC") << u"2025-11-10T12:00:00Z"_s << u"2025-11-10T00:00:00Z"_s
                         << u"2025-11-11T00:00:00Z"_s;
    QTest::newRow("midnight itself") << QByteArray("UTC") << u"2025-11-10T00:00:00Z"_s << u"2025-11-10T00:00:00Z"_s
                                     << u"2025-11-11T00:00:00Z"_s;
    QTest::newRow("Bangkok, already tomorrow") << QByteArray("Asia/Bangkok") << u"2025-11-10T17:30:00Z"_s
                                               << u"2025-11-10T17:00:00Z"_s << u"2025-11-11T17:00:00Z"_s;
    QTest::newRow("Berlin, 23 hours") << QByteArray("Europe/Berlin") << u"2025-03-30T12:00:00Z"_s
                                      << u"2025-03-29T23:00:00Z"_s << u"2025-03-30T22:00:00Z"_s;
    QTest::newRow("Berlin, 25 hours") << QByteArray("Europe/Berlin") << u"2025-10-26T12:00:00Z"_s
                                      << u"2025-10-25T22:00:00Z"_s << u"2025-10-26T23:00:00Z"_s;
    // In Asuncion the clocks went from 23:59:59 to 01:00:00 on 2023-10-01.
    QTest::newRow("a day without midnight") << QByteArray("America/Asuncion") << u"2023-10-01T12:00:00Z"_s
                                            << u"2023-10-01T04:00:00Z"_s << u"2023-10-02T03:00:00Z"_s;
}

void DayRecordTest::findsTheLocalDay()
{
    QFETCH(QByteArray, zone);
    QFETCH(QString, now);
    QFETCH(QString, begin);
    QFETCH(QString, end);
    const DayRecord record = DayRecord::dayOf(*parseIso(now), QTimeZone(zone));
    QCOMPARE(isoSeconds(record.begin), begin);
    QCOMPARE(isoSeconds(record.end), end);
}

void DayRecordTest::averagesToTwoDecimals_data()
{
    QTest::addColumn<qint64>("closes");
    QTest::addColumn<qint64>("millis");
    QTest::addColumn<double>("average");
    QTest::newRow("none closed") << qint64(0) << qint64(0) << 0.0;
    QTest::newRow("exact") << qint64(1) << qint64(45'320) << 45.32;
    QTest::newRow("rounded down") << qint64(3) << qint64(1'000) << 0.33;
    QTest::newRow("rounded up") << qint64(3) << qint64(2'000) << 0.67;
}

void DayRecordTest::averagesToTwoDecimals()
{
    QFETCH(qint64, closes);
    QFETCH(qint64, millis);
    DayRecord record;
    record[Metric::Closes] = closes;
    record.closedMillis = millis;
    QTEST(record.averageDurationSeconds(), "average");
}

void DayRecordTest::keepsCountsThroughJson()
{
    DayRecord record;
    record[Metric::Handshakes] = 150;
    record[Metric::RefusedMessages] = 7;
    DayRecord read;
    read.countsFromJson(record.countsToJson());
    QCOMPARE(read.counts, record.counts);
    QVERIFY(!record.countsToJson().contains("active_connections"_L1)); // a gauge has no sum
}

void DayRecordTest::readsDamagedJsonAsZero()
{
    DayRecord read;
    read.countsFromJson({ { "handshakes"_L1, u"many"_s }, { "messages_in"_L1, -5 }, { "unheard_of"_L1, 3 } });
    QCOMPARE(read.counts, (std::array<qint64, kMetricCount>{}));
}

QTEST_GUILESS_MAIN(DayRecordTest)
#include "tst_dayrecord.moc"
