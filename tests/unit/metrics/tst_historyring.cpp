// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>

#include <QtTest/QTest>

#include "server/metrics/historyring.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace gatehouse;

namespace {

constexpr qint64 kNow = 1'762'776'000; // a multiple of 10 and 60

std::array<double, kMetricCount> valuesOf(double messagesIn)
{
    std::array<double, kMetricCount> values{};
    values[size_t(Metric::MessagesIn)] = messagesIn;
    values[size_t(Metric::Errors)] = -messagesIn;
    return values;
}

std::vector<std::optional<Metric>> currentOrder()
{
    return metricsOrder(metricsMetadata());
}

/// What is written of a slot: bucket, seconds, and three floats a metric.
constexpr int kSlotBytes = 8 + 4 + 3 * 4 * int(kMetricCount);

float meanOf(const HistoryRing &ring, qint64 bucket)
{
    const HistorySlot *slot = ring.find(bucket);
    return slot ? slot->mean[size_t(Metric::MessagesIn)] : NAN;
}

} // namespace

class TestHistoryRing final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void knowsNothingAtFirst();
    void joinsTheSecondsOfABucket();
    void overwritesTheOldest();
    void aClockSetFarBackSpoilsNothing();
    void memoryComesWithUseAndIsBounded();
    void bucketsOfInstants_data();
    void bucketsOfInstants();
    void restoresTheMoreCompleteOne();
    void writesAndReads();
    void readsDamagedBlobsNoFurther_data();
    void readsDamagedBlobsNoFurther();
    void mapsTheMetricsOfAnotherVersion();
};

void TestHistoryRing::knowsNothingAtFirst()
{
    const HistoryRing ring(1s, 1h);
    QCOMPARE(ring.newestBucket(), -1);
    QCOMPARE(ring.memory(), 0);
    for (const qint64 bucket : { qint64(-1), qint64(0), kNow, std::numeric_limits<qint64>::min() })
        QVERIFY(!ring.find(bucket));
    QVERIFY(ring.write(kNow, 10).isEmpty());
}

void TestHistoryRing::joinsTheSecondsOfABucket()
{
    HistoryRing ring(10s, 24h);
    for (const double value : { 4.0, 1.0, 7.0 })
        ring.add(valuesOf(value), kNow + qint64(value));
    const HistorySlot *slot = ring.find(kNow / 10);
    QVERIFY(slot);
    QCOMPARE(slot->seconds, 3);
    QCOMPARE(slot->minimum[size_t(Metric::MessagesIn)], 1.0F);
    QCOMPARE(slot->maximum[size_t(Metric::MessagesIn)], 7.0F);
    QCOMPARE(slot->mean[size_t(Metric::MessagesIn)], 4.0F);
    QCOMPARE(slot->minimum[size_t(Metric::Errors)], -7.0F);
    QCOMPARE(slot->maximum[size_t(Metric::Errors)], -1.0F);
    QVERIFY(!ring.find(kNow / 10 + 1));
    QVERIFY(!ring.find(kNow / 10 - 1));
}

void TestHistoryRing::overwritesTheOldest()
{
    HistoryRing ring(1s, 100s);
    for (qint64 second = 0; second < 1000; ++second)
        ring.add(valuesOf(double(second)), kNow + second);
    QCOMPARE(ring.newestBucket(), kNow + 999);
    for (qint64 second = 900; second < 1000; ++second) // the whole span is there
        QCOMPARE(meanOf(ring, kNow + second), float(second));
    QVERIFY(!ring.find(kNow + 700));
    QVERIFY(!ring.find(kNow));
}

void TestHistoryRing::aClockSetFarBackSpoilsNothing()
{
    HistoryRing ring(1s, 100s);
    for (qint64 second = 0; second < 160; ++second)
        ring.add(valuesOf(1), kNow + second);
    for (qint64 second = 0; second < 160; ++second) // a year ago: it falls into the same places
        ring.add(valuesOf(9), kNow + second - 365 * 86400);
    QCOMPARE(ring.newestBucket(), kNow + 159);
    for (qint64 second = 60; second < 160; ++second)
        QCOMPARE(meanOf(ring, kNow + second), 1.0F);
}

void TestHistoryRing::memoryComesWithUseAndIsBounded()
{
    HistoryRing ring(1s, 1h);
    ring.add(valuesOf(1), kNow);
    const qsizetype first = ring.memory();
    QVERIFY(first > 0 && first < ring.memoryBound());
    for (qint64 second = 0; second < 20'000; ++second)
        ring.add(valuesOf(1), kNow + second);
    QCOMPARE(ring.memory(), ring.memoryBound());
}

void TestHistoryRing::bucketsOfInstants_data()
{
    QTest::addColumn<qint64>("millis");
    QTest::addColumn<qint64>("bucket");
    QTest::newRow("its begin") << qint64(20'000) << qint64(2);
    QTest::newRow("its last millisecond") << qint64(29'999) << qint64(2);
    QTest::newRow("the next") << qint64(30'000) << qint64(3);
    QTest::newRow("the epoch") << qint64(0) << qint64(0);
}

void TestHistoryRing::bucketsOfInstants()
{
    QFETCH(qint64, millis);
    QFETCH(qint64, bucket);
    QCOMPARE(HistoryRing(10s, 1h).bucketOf(UtcTime(std::chrono::milliseconds(millis))), bucket);
}

void TestHistoryRing::restoresTheMoreCompleteOne()
{
    HistoryRing ring(10s, 1h);
    ring.add(valuesOf(1), kNow);
    ring.add(valuesOf(1), kNow + 1);
    HistorySlot saved;
    saved.bucket = kNow / 10;
    saved.seconds = 1;
    saved.mean[size_t(Metric::MessagesIn)] = 5;
    ring.restore(saved); // less complete than what is there
    QCOMPARE(meanOf(ring, saved.bucket), 1.0F);
    saved.seconds = 10;
    ring.restore(saved);
    QCOMPARE(meanOf(ring, saved.bucket), 5.0F);
    saved.bucket = kNow / 10 + 3;
    ring.restore(saved);
    QCOMPARE(ring.newestBucket(), kNow / 10 + 3);
}

void TestHistoryRing::writesAndReads()
{
    HistoryRing ring(1s, 1h);
    for (const qint64 second : { 1, 2, 5, 9, 11 })
        ring.add(valuesOf(double(second)), kNow + second);
    const QByteArray blob = ring.write(kNow, 10);
    HistoryRing other(1s, 1h);
    QVERIFY(other.read(blob, currentOrder()));
    for (qint64 second = 0; second < 12; ++second) {
        const bool isWritten = second == 1 || second == 2 || second == 5 || second == 9; // 11 is of the next block
        QCOMPARE(other.find(kNow + second) != nullptr, isWritten);
        if (isWritten)
            QCOMPARE(meanOf(other, kNow + second), float(second));
    }
    QCOMPARE(other.write(kNow, 10), blob);
    QVERIFY(other.read({}, currentOrder()));
}

void TestHistoryRing::readsDamagedBlobsNoFurther_data()
{
    QTest::addColumn<int>("cutTo");  // -1: the whole blob
    QTest::addColumn<int>("offset"); // of the bytes that are replaced
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("cut within the second slot") << kSlotBytes + 96 << 0 << QByteArray();
    QTest::newRow("cut within a number") << kSlotBytes + 3 << 0 << QByteArray();
    QTest::newRow("negative bucket") << -1 << kSlotBytes << QByteArray(8, '\xff');
    QTest::newRow("no seconds") << -1 << kSlotBytes + 8 << QByteArray(4, '\0');
    QTest::newRow("a mean that is no number") << -1 << kSlotBytes + 20 << QByteArray("\x7f\xc0\x00\x00", 4);
    QTest::newRow("an infinite mean") << -1 << kSlotBytes + 20 << QByteArray("\x7f\x80\x00\x00", 4);
}

void TestHistoryRing::readsDamagedBlobsNoFurther()
{
    QFETCH(int, cutTo);
    QFETCH(int, offset);
    QFETCH(QByteArray, bytes);
    HistoryRing ring(1s, 1h);
    for (qint64 second = 0; second < 3; ++second)
        ring.add(valuesOf(7), kNow + second);
    QByteArray blob = ring.write(kNow, 10);
    QCOMPARE(blob.size(), 3 * kSlotBytes);
    if (cutTo >= 0)
        blob.truncate(cutTo);
    blob.replace(offset, bytes.size(), bytes);
    HistoryRing other(1s, 1h);
    QVERIFY(!other.read(blob, currentOrder()));
    QCOMPARE(meanOf(other, kNow), 7.0F); // what came before the damage
    QVERIFY(!other.find(kNow + 1));
    QVERIFY(!other.find(kNow + 2));
}

void TestHistoryRing::mapsTheMetricsOfAnotherVersion()
{
    HistoryRing ring(1s, 1h);
    ring.add(valuesOf(7), kNow);
    std::vector<std::optional<Metric>> order = currentOrder();
    std::swap(order[size_t(Metric::MessagesIn)], order[size_t(Metric::MessagesOut)]);
    order[size_t(Metric::Errors)].reset(); // not known any more
    HistoryRing other(1s, 1h);
    QVERIFY(other.read(ring.write(kNow, 1), order));
    const HistorySlot *slot = other.find(kNow);
    QVERIFY(slot);
    QCOMPARE(slot->mean[size_t(Metric::MessagesOut)], 7.0F);
    QCOMPARE(slot->mean[size_t(Metric::MessagesIn)], 0.0F);
    QCOMPARE(slot->mean[size_t(Metric::Errors)], 0.0F);
}

QTEST_GUILESS_MAIN(TestHistoryRing)
#include "tst_historyring.moc"
