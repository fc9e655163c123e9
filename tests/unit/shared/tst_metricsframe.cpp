// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/metrics/metricsframe.h"

#include <QtCore/QSet>
#include <QtTest/QTest>

#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

namespace {

const UtcTime kNoon = fromEpochMillis(1'762'776'000'000);

MetricsFrame numberedFrame()
{
    MetricsFrame frame;
    frame.time = kNoon;
    for (size_t i = 0; i < kMetricCount; ++i)
        frame.values[i] = double(i) + 0.5;
    return frame;
}

} // namespace

class TestMetricsFrame final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tableIsSound();
    void totalsHaveExactlyTheGuidesKeys();
    void totalsRoundTrip();
    void totalsReadWrongTypesAsZero();
    void frameRoundTrips();
    void frameOfAnotherVersionIsReadByName();
    void frameWithFewerValuesKeepsZeros();
    void frameWithoutTimeIsRefused_data();
    void frameWithoutTimeIsRefused();
    void metadataNamesEachValueInOrder();
};

void TestMetricsFrame::tableIsSound()
{
    QSet<QString> names;
    for (size_t i = 0; i < kMetricCount; ++i) {
        const MetricDescriptor &row = metricDescriptors()[i];
        QCOMPARE(size_t(row.metric), i);
        QVERIFY(!row.title.isEmpty());
        QCOMPARE(row.unit == "per second"_L1, row.kind == MetricKind::Rate);
        QCOMPARE(findMetric(QString(row.name)), &row);
        QCOMPARE(&metricDescriptor(row.metric), &row);
        names.insert(row.name);
    }
    QCOMPARE(names.size(), qsizetype(kMetricCount));
    QVERIFY(!findMetric(u""));
    QVERIFY(!findMetric(u"Active connections"));
}

void TestMetricsFrame::totalsHaveExactlyTheGuidesKeys()
{
    const DailyTotals totals{ 5, 150, 1250, 980, 45.32, 12 };
    const QJsonObject expected{
        { "active_connections"_L1, 5 },
        { "connections_today"_L1, 150 },
        { "messages_sent"_L1, 1250 },
        { "messages_received"_L1, 980 },
        { "avg_connection_duration"_L1, 45.32 },
        { "messages_per_minute"_L1, 12 },
        { "timestamp"_L1, "2025-11-10T12:00:00Z"_L1 },
    };
    QCOMPARE(totals.toJson(kNoon), expected);
}

void TestMetricsFrame::totalsRoundTrip()
{
    const DailyTotals totals{ 1, 2, 3'000'000'000'000, 4, 5.25, 6 };
    QCOMPARE(DailyTotals::fromJson(totals.toJson(kNoon)).toJson(kNoon), totals.toJson(kNoon));
}

void TestMetricsFrame::totalsReadWrongTypesAsZero()
{
    const QJsonObject wrong{ { "active_connections"_L1, "five"_L1 }, { "avg_connection_duration"_L1, true } };
    QCOMPARE(DailyTotals::fromJson(wrong).toJson(kNoon), DailyTotals().toJson(kNoon));
}

void TestMetricsFrame::frameRoundTrips()
{
    const MetricsFrame frame = numberedFrame();
    const std::optional<MetricsFrame> read = MetricsFrame::fromJson(frame.toJson(), metricsOrder(metricsMetadata()));
    QVERIFY(read);
    QVERIFY(read->time == frame.time);
    QCOMPARE(read->values, frame.values);
    QCOMPARE(frame.toJson().value("t"_L1).toString(), u"2025-11-10T12:00:00.000Z"_s);
}

void TestMetricsFrame::frameOfAnotherVersionIsReadByName()
{
    const QJsonArray metadata{
        QJsonObject{ { "name"_L1, "from_the_future"_L1 } },
        QJsonObject{ { "name"_L1, "errors"_L1 } },
        QJsonValue(5),
        QJsonObject{ { "name"_L1, "active_connections"_L1 } },
    };
    const std::vector<std::optional<Metric>> order = metricsOrder(metadata);
    QCOMPARE(order.size(), size_t(4));
    QVERIFY(!order[0]);
    QVERIFY(!order[2]);
    const QJsonObject frame{ { "t"_L1, "2025-11-10T12:00:00Z"_L1 }, { "values"_L1, QJsonArray{ 9, 3, 9, 7, 9 } } };
    const std::optional<MetricsFrame> read = MetricsFrame::fromJson(frame, order);
    QVERIFY(read);
    QCOMPARE((*read)[Metric::Errors], 3.0);
    QCOMPARE((*read)[Metric::ActiveConnections], 7.0);
    QCOMPARE((*read)[Metric::Handshakes], 0.0);
}

void TestMetricsFrame::frameWithFewerValuesKeepsZeros()
{
    const QJsonObject frame{ { "t"_L1, "2025-11-10T12:00:00Z"_L1 }, { "values"_L1, QJsonArray{ 4, "x"_L1 } } };
    const std::optional<MetricsFrame> read = MetricsFrame::fromJson(frame, metricsOrder(metricsMetadata()));
    QVERIFY(read);
    QCOMPARE((*read)[Metric::ActiveConnections], 4.0);
    QCOMPARE((*read)[Metric::Handshakes], 0.0);
    QCOMPARE((*read)[Metric::TrackedAddresses], 0.0);
}

void TestMetricsFrame::frameWithoutTimeIsRefused_data()
{
    QTest::addColumn<QJsonObject>("frame");
    QTest::newRow("empty") << QJsonObject();
    QTest::newRow("number") << QJsonObject{ { "t"_L1, 5 }, { "values"_L1, QJsonArray{ 1 } } };
    QTest::newRow("local time") << QJsonObject{ { "t"_L1, "2025-11-10T12:00:00"_L1 } };
}

void TestMetricsFrame::frameWithoutTimeIsRefused()
{
    QFETCH(QJsonObject, frame);
    QVERIFY(!MetricsFrame::fromJson(frame, metricsOrder(metricsMetadata())));
}

void TestMetricsFrame::metadataNamesEachValueInOrder()
{
    const QJsonArray metadata = metricsMetadata();
    QCOMPARE(metadata.size(), qsizetype(kMetricCount));
    const std::vector<std::optional<Metric>> order = metricsOrder(metadata);
    for (size_t i = 0; i < kMetricCount; ++i) {
        QCOMPARE(order[i].value(), Metric(i));
        const QJsonObject entry = metadata.at(qsizetype(i)).toObject();
        QCOMPARE(entry.keys(), (QStringList{ u"kind"_s, u"name"_s, u"title"_s, u"unit"_s }));
    }
    QCOMPARE(metadata.at(0).toObject().value("kind"_L1).toString(), u"gauge"_s);
    QCOMPARE(metadata.at(1).toObject().value("kind"_L1).toString(), u"rate"_s);
}

QTEST_APPLESS_MAIN(TestMetricsFrame)
#include "tst_metricsframe.moc"
