// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/historyreply.h"

#include <cmath>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtTest/QTest>

#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace gatehouse;

namespace {

HistoryReply sample()
{
    HistoryReply reply;
    reply.from = fromEpochMillis(1'762'776'000'000);
    reply.step = 10s;
    reply.bucketCount = 3;
    reply.seconds = { 10, 0, 4 };
    reply.series = {
        { Metric::MessagesIn, { 1, HistoryReply::kGap, 0 }, { 5, HistoryReply::kGap, 0 },
            { 2.5, HistoryReply::kGap, 0 } },
        { Metric::ActiveConnections, { 4, 4, 4 }, { 4, 5, 6 }, { 4, 4.5, 5 } },
    };
    return reply;
}

} // namespace

class TestHistoryReply final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void writesGapsAsNull();
    void roundTrips();
    void emptyRangeIsFine();
    void ignoresMetricsOfANewerServer();
    void refuses_data();
    void refuses();
};

void TestHistoryReply::writesGapsAsNull()
{
    const QJsonObject object = sample().toJson();
    QCOMPARE(object.value("from"_L1).toString(), u"2025-11-10T12:00:00.000Z"_s);
    QCOMPARE(object.value("to"_L1).toString(), u"2025-11-10T12:00:30.000Z"_s);
    QCOMPARE(object.value("step_ms"_L1).toInteger(), 10'000);
    QCOMPARE(object.value("seconds"_L1).toArray(), (QJsonArray{ 10, 0, 4 }));
    const QJsonObject messages = object.value("series"_L1).toObject().value("messages_in"_L1).toObject();
    QCOMPARE(messages.value("min"_L1).toArray(), (QJsonArray{ 1, QJsonValue(), 0 }));
    QCOMPARE(messages.value("max"_L1).toArray(), (QJsonArray{ 5, QJsonValue(), 0 }));
    QCOMPARE(messages.value("mean"_L1).toArray(), (QJsonArray{ 2.5, QJsonValue(), 0 }));
}

void TestHistoryReply::roundTrips()
{
    const HistoryReply reply = sample();
    // Through text, as on the wire.
    const QByteArray text = QJsonDocument(reply.toJson()).toJson(QJsonDocument::Compact);
    const Result<HistoryReply> read = HistoryReply::fromJson(QJsonDocument::fromJson(text).object());
    QVERIFY(read);
    QVERIFY(read->from == reply.from);
    QVERIFY(read->step == reply.step);
    QCOMPARE(read->bucketCount, 3);
    QCOMPARE(read->series.size(), size_t(2));
    QCOMPARE(read->seconds, reply.seconds);
    QCOMPARE(read->toJson(), reply.toJson());
    for (const HistorySeries &series : read->series) {
        if (series.metric == Metric::MessagesIn)
            QVERIFY(std::isnan(series.mean[1]));
    }
}

void TestHistoryReply::emptyRangeIsFine()
{
    HistoryReply reply;
    reply.from = fromEpochMillis(1'762'776'000'000);
    reply.step = 1s;
    reply.series = { { Metric::Errors, {}, {}, {} } };
    const Result<HistoryReply> read = HistoryReply::fromJson(reply.toJson());
    QVERIFY(read);
    QCOMPARE(read->bucketCount, 0);
    QCOMPARE(read->series.size(), size_t(1));
}

void TestHistoryReply::ignoresMetricsOfANewerServer()
{
    QJsonObject object = sample().toJson();
    QJsonObject series = object.value("series"_L1).toObject();
    series.insert("lemons"_L1, QJsonObject{ { "min"_L1, QJsonArray{ 1 } } });
    object.insert("series"_L1, series);
    const Result<HistoryReply> read = HistoryReply::fromJson(object);
    QVERIFY(read);
    QCOMPARE(read->series.size(), size_t(2));
}

void TestHistoryReply::refuses_data()
{
    QTest::addColumn<QString>("member");
    QTest::addColumn<QJsonValue>("value");
    QTest::newRow("no from") << u"from"_s << QJsonValue(QJsonValue::Undefined);
    QTest::newRow("bad from") << u"from"_s << QJsonValue(u"yesterday"_s);
    QTest::newRow("no to") << u"to"_s << QJsonValue(QJsonValue::Undefined);
    QTest::newRow("to before from") << u"to"_s << QJsonValue(u"2025-11-10T11:00:00Z"_s);
    QTest::newRow("no step") << u"step_ms"_s << QJsonValue(QJsonValue::Undefined);
    QTest::newRow("zero step") << u"step_ms"_s << QJsonValue(0);
    QTest::newRow("negative step") << u"step_ms"_s << QJsonValue(-10'000);
    QTest::newRow("step as text") << u"step_ms"_s << QJsonValue(u"10000"_s);
    QTest::newRow("no seconds") << u"seconds"_s << QJsonValue(QJsonValue::Undefined);
    QTest::newRow("seconds of too few buckets") << u"seconds"_s << QJsonValue(QJsonArray{ 10, 10 });
    QTest::newRow("step that does not fit the series") << u"step_ms"_s << QJsonValue(1000);
    QTest::newRow("range that does not fit the series") << u"to"_s << QJsonValue(u"2030-01-01T00:00:00Z"_s);
    QTest::newRow("series without mean") << u"series"_s
                                         << QJsonValue(QJsonObject{ { "errors"_L1,
                                                QJsonObject{ { "min"_L1, QJsonArray{ 1, 2, 3 } },
                                                    { "max"_L1, QJsonArray{ 1, 2, 3 } } } } });
    QTest::newRow("series too short") << u"series"_s
                                      << QJsonValue(QJsonObject{ { "errors"_L1,
                                             QJsonObject{ { "min"_L1, QJsonArray{ 1 } }, { "max"_L1, QJsonArray{ 1 } },
                                                 { "mean"_L1, QJsonArray{ 1 } } } } });
}

void TestHistoryReply::refuses()
{
    QFETCH(QString, member);
    QFETCH(QJsonValue, value);
    QJsonObject object = sample().toJson();
    if (value.isUndefined())
        object.remove(member);
    else
        object.insert(member, value);
    const Result<HistoryReply> read = HistoryReply::fromJson(object);
    QVERIFY(!read);
    QVERIFY(!read.error().message.isEmpty());
}

QTEST_APPLESS_MAIN(TestHistoryReply)
#include "tst_historyreply.moc"
