// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/seriesbuffer.h"

#include <cmath>

#include <QtTest/QtTest>

using namespace gatehouse;
using namespace std::chrono_literals;

class TestSeriesBuffer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void startsEmpty();
    void keepsWhatItWasGiven();
    void aMissingSecondIsAGap();
    void aTickALittleOffIsNoGap();
    void fillsWhatWasMissed();
    void neverOverwritesWhatWasSeenLive();
    void keepsExtremesAndMeanOfABucket();
    void keepsTheSumOfAHalfRecordedBucket_data();
    void keepsTheSumOfAHalfRecordedBucket();
    void whatCameAfterTheAnswerIsNotInItsNewestBucket();
    void forgetsAfterADay();
    void ignoresWhatIsOlderThanADay();
    void aClockSetBackLosesNothing();
    void aWindowHasAtMostSoManyBuckets_data();
    void aWindowHasAtMostSoManyBuckets();
    void aWindowKeepsSpikes();
    void aMovingWindowDoesNotShimmer();
    void aWindowOnNothingIsEmpty();
    void findsTheSum();
};

namespace {

constexpr UtcTime kStart{ 1'762'776'000s };

MetricsFrame frameAt(UtcTime time, double connections)
{
    MetricsFrame frame;
    frame.time = time;
    frame[Metric::ActiveConnections] = connections;
    return frame;
}

HistoryReply history(UtcTime from, std::chrono::milliseconds step, const std::vector<double> &values)
{
    HistoryReply reply;
    reply.from = from;
    reply.step = step;
    reply.bucketCount = qsizetype(values.size());
    for (const double value : values)
        reply.seconds.push_back(std::isnan(value) ? 0 : step / 1s);
    reply.series.push_back({ Metric::ActiveConnections, values, values, values });
    return reply;
}

/// The means of a window's buckets, gaps as -1.
std::vector<double> means(const SeriesBuffer &buffer, const TimeInterval &interval, int maxBuckets)
{
    std::vector<double> values;
    const HistoryReply window = buffer.window({ Metric::ActiveConnections }, interval, maxBuckets);
    for (const HistorySeries &series : window.series) {
        for (const double value : series.mean)
            values.push_back(std::isnan(value) ? -1 : value);
    }
    return values;
}

/// The value of the second that ends at that time.
double at(const SeriesBuffer &buffer, UtcTime time, Metric metric = Metric::ActiveConnections)
{
    const HistoryReply window = buffer.window({ metric }, { time - 1s, time - 1ms }, 1);
    return window.series.empty() ? HistoryReply::kGap : window.series.front().mean.front();
}

} // namespace

void TestSeriesBuffer::startsEmpty()
{
    const SeriesBuffer buffer;
    QVERIFY(buffer.isEmpty());
    QVERIFY(!buffer.newest());
    QVERIFY(!buffer.oldest());
    QVERIFY(std::isnan(at(buffer, kStart)));
    QVERIFY(means(buffer, { kStart, kStart + 1min }, 100).empty());
}

void TestSeriesBuffer::keepsWhatItWasGiven()
{
    SeriesBuffer buffer;
    for (int i = 1; i <= 3; ++i)
        buffer.append(frameAt(kStart + std::chrono::seconds(i), i));
    QCOMPARE(*buffer.newest(), kStart + 3s);
    QCOMPARE(*buffer.oldest(), kStart);
    QCOMPARE(at(buffer, kStart + 2s), 2.0);
    QCOMPARE(means(buffer, { kStart, kStart + 2999ms }, 100), (std::vector<double>{ 1, 2, 3 }));
    buffer.clear();
    QVERIFY(buffer.isEmpty());
}

void TestSeriesBuffer::aMissingSecondIsAGap()
{
    SeriesBuffer buffer;
    buffer.append(frameAt(kStart + 1s, 1));
    buffer.append(frameAt(kStart + 5s, 5));
    QVERIFY(std::isnan(at(buffer, kStart + 3s)));
    QCOMPARE(means(buffer, { kStart, kStart + 5s }, 1000), (std::vector<double>{ 1, -1, -1, -1, 5, -1 }));
}

void TestSeriesBuffer::aTickALittleOffIsNoGap()
{
    SeriesBuffer buffer;
    buffer.append(frameAt(kStart + 1499ms, 1));
    buffer.append(frameAt(kStart + 2501ms, 2));
    buffer.append(frameAt(kStart + 3499ms, 3));
    for (const double value : means(buffer, { kStart, kStart + 2s }, 1000))
        QVERIFY(value > 0);
}

void TestSeriesBuffer::fillsWhatWasMissed()
{
    SeriesBuffer buffer;
    buffer.append(frameAt(kStart + 1s, 1));
    buffer.append(frameAt(kStart + 5s, 5));
    buffer.fill(history(kStart - 2s, 1s, { 8, 9, 7, 2, 3, HistoryReply::kGap, 4 }));
    QCOMPARE(at(buffer, kStart - 1s), 8.0);
    QCOMPARE(at(buffer, kStart), 9.0);
    QCOMPARE(at(buffer, kStart + 1s), 1.0); // seen live: 7 is ignored
    QCOMPARE(at(buffer, kStart + 2s), 2.0);
    QCOMPARE(at(buffer, kStart + 3s), 3.0);
    QVERIFY(std::isnan(at(buffer, kStart + 4s)));
    QCOMPARE(at(buffer, kStart + 5s), 5.0);
    QCOMPARE(*buffer.oldest(), kStart - 2s);
}

void TestSeriesBuffer::neverOverwritesWhatWasSeenLive()
{
    SeriesBuffer buffer;
    for (int i = 1; i <= 60; ++i)
        buffer.append(frameAt(kStart + std::chrono::seconds(i), i));
    buffer.fill(history(kStart, 60s, { 999 }));
    for (int i = 1; i <= 60; ++i)
        QCOMPARE(at(buffer, kStart + std::chrono::seconds(i)), double(i));
}

void TestSeriesBuffer::keepsExtremesAndMeanOfABucket()
{
    SeriesBuffer buffer;
    HistoryReply reply = history(kStart, 10s, { 5 });
    reply.series[0].minimum = { 1 };
    reply.series[0].maximum = { 20 };
    buffer.fill(reply);
    const TimeInterval bucket{ kStart, kStart + 10s };
    const HistorySeries series = buffer.window({ Metric::ActiveConnections }, bucket, 1).series.front();
    QCOMPARE(series.minimum.front(), 1.0);
    QCOMPARE(series.maximum.front(), 20.0);
    QVERIFY(std::abs(buffer.sum(Metric::ActiveConnections, bucket) - 50.0) < 0.01);
    QVERIFY(std::isnan(at(buffer, kStart + 5s, Metric::MessagesIn)));
}

void TestSeriesBuffer::keepsTheSumOfAHalfRecordedBucket_data()
{
    QTest::addColumn<int>("recorded"); // of the first of two minutes
    QTest::addColumn<int>("seenLive"); // of its seconds, the last ones
    QTest::newRow("all of it") << 60 << 0;
    QTest::newRow("a second") << 1 << 0;
    QTest::newRow("two seconds") << 2 << 0;
    QTest::newRow("half of it") << 30 << 0;
    QTest::newRow("half of it, a part seen live") << 30 << 12;
    QTest::newRow("all of it, a part seen live") << 60 << 59;
    QTest::newRow("all seen live") << 30 << 30;
}

void TestSeriesBuffer::keepsTheSumOfAHalfRecordedBucket()
{
    QFETCH(int, recorded);
    QFETCH(int, seenLive);
    SeriesBuffer buffer;
    for (int i = 60 - seenLive + 1; i <= 60; ++i)
        buffer.append(frameAt(kStart + std::chrono::seconds(i), 4));
    HistoryReply reply = history(kStart, 60s, { 4, 1 });
    reply.seconds[0] = recorded;
    buffer.fill(reply);
    QVERIFY(std::abs(buffer.sum(Metric::ActiveConnections, { kStart, kStart + 60s }) - 4.0 * recorded) < 0.01);
    QVERIFY(std::abs(buffer.sum(Metric::ActiveConnections, { kStart, kStart + 120s }) - 4.0 * recorded - 60) < 0.01);
    // The recording went on after it, so it began in it.
    QCOMPARE(at(buffer, kStart + 60s), 4.0);
    const HistoryReply window = buffer.window({ Metric::ActiveConnections }, { kStart, kStart + 60s - 1ms }, 1);
    QCOMPARE(window.seconds.front(), qint64(recorded));
}

void TestSeriesBuffer::whatCameAfterTheAnswerIsNotInItsNewestBucket()
{
    SeriesBuffer buffer;
    for (int i = 31; i <= 33; ++i) // arrived before the history did, which knows of thirty seconds
        buffer.append(frameAt(kStart + std::chrono::seconds(i), 100));
    HistoryReply reply = history(kStart, 60s, { 2 });
    reply.seconds[0] = 30;
    buffer.fill(reply);
    QCOMPARE(buffer.sum(Metric::ActiveConnections, { kStart, kStart + 60s }), 2.0 * 30 + 300);
    QVERIFY(std::isnan(at(buffer, kStart + 34s)));
}

void TestSeriesBuffer::forgetsAfterADay()
{
    SeriesBuffer buffer;
    buffer.append(frameAt(kStart, 1));
    buffer.append(frameAt(kStart + 24h - 1s, 2));
    QCOMPARE(at(buffer, kStart), 1.0);
    buffer.append(frameAt(kStart + 24h, 3));
    QVERIFY(std::isnan(at(buffer, kStart)));
    QCOMPARE(at(buffer, kStart + 24h), 3.0);
    // A week later nothing of the first day may show up again.
    buffer.append(frameAt(kStart + 24h * 7, 4));
    const std::vector<double> week = means(buffer, { kStart, kStart + 24h * 8 }, 10'000);
    QCOMPARE(std::count(week.begin(), week.end(), -1.0), std::ptrdiff_t(week.size()) - 1);
}

void TestSeriesBuffer::ignoresWhatIsOlderThanADay()
{
    SeriesBuffer buffer;
    buffer.append(frameAt(kStart, 1));
    buffer.append(frameAt(kStart - 25h, 9));
    buffer.fill(history(kStart - 48h, 1h, std::vector<double>(12, 9.0)));
    QCOMPARE(*buffer.oldest(), kStart - 1s);
    QCOMPARE(*buffer.newest(), kStart);
}

void TestSeriesBuffer::aClockSetBackLosesNothing()
{
    SeriesBuffer buffer;
    for (int i = 1; i <= 10; ++i)
        buffer.append(frameAt(kStart + std::chrono::seconds(i), i));
    buffer.append(frameAt(kStart + 5s, 50));
    QCOMPARE(at(buffer, kStart + 5s), 50.0);
    QCOMPARE(at(buffer, kStart + 10s), 10.0);
    QCOMPARE(*buffer.newest(), kStart + 10s);
}

void TestSeriesBuffer::aWindowHasAtMostSoManyBuckets_data()
{
    QTest::addColumn<int>("seconds");
    QTest::addColumn<int>("pixels");
    QTest::newRow("a minute on 800") << 60 << 800;
    QTest::newRow("an hour on 800") << 3600 << 800;
    QTest::newRow("an hour on 37") << 3600 << 37;
    QTest::newRow("six hours on 1") << 21'600 << 1;
    QTest::newRow("a day on 1500") << 86'400 << 1500;
}

void TestSeriesBuffer::aWindowHasAtMostSoManyBuckets()
{
    QFETCH(int, seconds);
    QFETCH(int, pixels);
    SeriesBuffer buffer;
    for (int i = 1; i <= seconds; ++i)
        buffer.append(frameAt(kStart + std::chrono::seconds(i), (i * 7919) % 1000));
    const TimeInterval interval{ kStart, kStart + std::chrono::seconds(seconds) };
    const size_t buckets = means(buffer, interval, pixels).size();
    QVERIFY2(buckets > 0 && buckets <= size_t(pixels + 1), qPrintable(QString::number(buckets)));
}

void TestSeriesBuffer::aWindowKeepsSpikes()
{
    SeriesBuffer buffer;
    for (int i = 1; i <= 3600; ++i)
        buffer.append(frameAt(kStart + std::chrono::seconds(i), i == 1234 ? 1000 : i == 2345 ? 0 : 10));
    const HistorySeries series
        = buffer.window({ Metric::ActiveConnections }, { kStart, kStart + 1h - 1ms }, 50).series.front();
    QCOMPARE(*std::max_element(series.maximum.begin(), series.maximum.end()), 1000.0);
    QCOMPARE(*std::min_element(series.minimum.begin(), series.minimum.end()), 0.0);
}

void TestSeriesBuffer::aMovingWindowDoesNotShimmer()
{
    SeriesBuffer buffer;
    for (int i = 1; i <= 3700; ++i)
        buffer.append(frameAt(kStart + std::chrono::seconds(i), (i * 7919) % 1000));
    const std::vector<double> before = means(buffer, { kStart, kStart + 1h }, 60);
    const std::vector<double> after = means(buffer, { kStart + 1s, kStart + 1h + 1s }, 60);
    // All but the bucket at the edge are the same.
    QVERIFY(std::equal(before.begin() + 1, before.end() - 1, after.begin() + 1));
}

void TestSeriesBuffer::aWindowOnNothingIsEmpty()
{
    SeriesBuffer buffer;
    buffer.append(frameAt(kStart + 1s, 1));
    QVERIFY(buffer.window({}, { kStart, kStart + 1s }, 10).series.empty());
    QVERIFY(means(buffer, { kStart + 1h, kStart }, 10).empty());
    for (const TimeInterval &interval :
        { TimeInterval{ kStart - 3h, kStart - 2h }, TimeInterval{ kStart + 2h, kStart + 3h } }) {
        for (const double value : means(buffer, interval, 10))
            QCOMPARE(value, -1.0);
    }
}

void TestSeriesBuffer::findsTheSum()
{
    SeriesBuffer buffer;
    for (const int i : { 1, 2, 4, 5 })
        buffer.append(frameAt(kStart + std::chrono::seconds(i), i));
    QCOMPARE(buffer.sum(Metric::ActiveConnections, { kStart, kStart + 4s }), 7.0);
    QCOMPARE(buffer.sum(Metric::ActiveConnections, { kStart - 1h, kStart - 1min }), 0.0);
}

QTEST_GUILESS_MAIN(TestSeriesBuffer)
#include "tst_seriesbuffer.moc"
