// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <numeric>

#include <QtTest/QtTest>

#include "server/metrics/history.h"
#include "shared/util/isotime.h"
#include "tests/support/fakeclock.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace gatehouse;

namespace {

std::vector<std::optional<Metric>> currentOrder()
{
    return metricsOrder(metricsMetadata());
}

} // namespace

class HistoryTest final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_clock.emplace(); }
    void answersEachSecondOfTheLastMinutes();
    void joinsSecondsIntoMinimumMaximumAndMean();
    void picksTheResolution_data();
    void picksTheResolution();
    void showsAPauseAsAGap();
    void tellsHowManySecondsABucketHas();
    void fillsTheSecondOfALateFrame();
    void neverAnswersMorePointsThanAsked();
    void answersAnEmptyHistoryWithGaps();
    void survivesARestart();
    void goesOnWithAHalfFilledBucket();
    void refusesDamagedBlocks();
    void readsBlocksOfAnotherVersion();
    void staysWithinItsMemory();
    void survivesAClockSetBack();

private:
    std::optional<FakeClock> m_clock;

    void feed(History &history, int seconds, const std::function<double(int)> &value)
    {
        for (int i = 0; i < seconds; ++i) {
            m_clock->advance(1s);
            MetricsFrame frame;
            frame.time = m_clock->utc();
            frame[Metric::MessagesIn] = value(i);
            frame[Metric::ActiveConnections] = 7;
            history.add(frame);
        }
    }
};

void HistoryTest::answersEachSecondOfTheLastMinutes()
{
    History history;
    feed(history, 120, [](int i) { return i; });
    const UtcTime now = m_clock->utc();
    const HistoryReply reply = history.query({ Metric::MessagesIn, Metric::ActiveConnections }, now - 60s, now, 60);
    QCOMPARE(reply.step, 1000ms);
    QCOMPARE(reply.bucketCount, 60);
    QCOMPARE(reply.from, now - 60s);
    QCOMPARE(reply.series.size(), size_t(2));
    QCOMPARE(reply.series[0].mean.front(), 60.0);
    QCOMPARE(reply.series[0].mean.back(), 119.0);
    QCOMPARE(reply.series[1].maximum.back(), 7.0);
    QVERIFY(HistoryReply::fromJson(reply.toJson()).isOk());
}

void HistoryTest::joinsSecondsIntoMinimumMaximumAndMean()
{
    History history;
    feed(history, 60, [](int i) { return i % 10; });
    const UtcTime now = m_clock->utc();
    const HistoryReply reply = history.query({ Metric::MessagesIn }, now - 60s, now, 6);
    QCOMPARE(reply.step, 10'000ms);
    QCOMPARE(reply.bucketCount, 6);
    for (size_t i = 0; i < 6; ++i) {
        QCOMPARE(reply.series[0].minimum[i], 0.0);
        QCOMPARE(reply.series[0].maximum[i], 9.0);
        QVERIFY(std::abs(reply.series[0].mean[i] - 4.5) < 1e-5);
    }
}

void HistoryTest::picksTheResolution_data()
{
    QTest::addColumn<int>("hoursBack");
    QTest::addColumn<int>("points");
    QTest::addColumn<qint64>("stepMillis");
    QTest::newRow("an hour, every second") << 1 << 3600 << qint64(1'000);
    QTest::newRow("an hour in 600") << 1 << 600 << qint64(6'000);
    QTest::newRow("an hour in 360: the 10 s form will do") << 1 << 360 << qint64(10'000);
    QTest::newRow("two hours: the seconds are gone") << 2 << 5000 << qint64(10'000);
    QTest::newRow("a day in 720") << 24 << 720 << qint64(120'000);
    QTest::newRow("a day in all detail") << 24 << 5000 << qint64(20'000);
    QTest::newRow("a week") << 24 * 7 << 5000 << qint64(180'000);
    QTest::newRow("thirty days in 600") << 24 * 30 << 600 << qint64(72 * 60'000);
    QTest::newRow("a year: what there is") << 24 * 365 << 1000 << qint64(526 * 60'000);
}

void HistoryTest::picksTheResolution()
{
    QFETCH(int, hoursBack);
    QFETCH(int, points);
    History history;
    feed(history, 30, [](int) { return 1; });
    const UtcTime now = m_clock->utc();
    const HistoryReply reply = history.query({ Metric::MessagesIn }, now - std::chrono::hours(hoursBack), now, points);
    QTEST(qint64(reply.step.count()), "stepMillis");
    QVERIFY(reply.bucketCount <= points);
    QVERIFY(reply.from < now - std::chrono::hours(hoursBack) + reply.step);
    QVERIFY(reply.from + reply.step * reply.bucketCount >= now);
    QCOMPARE(reply.series[0].maximum.back(), 1.0);
}

void HistoryTest::showsAPauseAsAGap()
{
    History history;
    feed(history, 20, [](int) { return 1; });
    m_clock->advance(20s);
    feed(history, 20, [](int) { return 2; });
    const UtcTime now = m_clock->utc();
    const HistoryReply reply = history.query({ Metric::MessagesIn }, now - 60s, now, 60);
    QCOMPARE(reply.series[0].mean[19], 1.0);
    for (size_t i = 20; i < 40; ++i)
        QVERIFY2(std::isnan(reply.series[0].mean[i]), QByteArray::number(qulonglong(i)).constData());
    QCOMPARE(reply.series[0].mean[40], 2.0);
    QVERIFY(reply.toJson().value("series"_L1)["messages_in"_L1]["mean"_L1].toArray().at(25).isNull());
}

void HistoryTest::tellsHowManySecondsABucketHas()
{
    History history;
    m_clock->advance(40s);
    feed(history, 100, [](int) { return 3; }); // 20 s of the first minute, one more, 20 s of the last
    const UtcTime end = m_clock->utc() + 40s;
    for (const int points : { 180, 18, 3, 2, 1 }) {
        const HistoryReply reply = history.query({ Metric::MessagesIn }, end - 180s, end, points);
        QCOMPARE(qsizetype(reply.seconds.size()), reply.bucketCount);
        QCOMPARE(std::accumulate(reply.seconds.begin(), reply.seconds.end(), qint64(0)), 100);
        double sum = 0;
        for (qsizetype i = 0; i < reply.bucketCount; ++i)
            sum += reply.seconds[size_t(i)] > 0 ? reply.sum(reply.series[0], i) : 0;
        QVERIFY2(std::abs(sum - 300) < 0.01, qPrintable(u"%1 points: %2"_s.arg(points).arg(sum)));
    }
    const HistoryReply minutes = history.query({ Metric::MessagesIn }, end - 180s, end, 3);
    QCOMPARE(minutes.seconds, (std::vector<qint64>{ 20, 60, 20 }));
}

void HistoryTest::fillsTheSecondOfALateFrame()
{
    History history;
    const UtcTime begin = m_clock->utc();
    for (const auto at : { 1000ms, 2003ms, 3600ms, 4000ms, 4998ms, 6002ms }) {
        MetricsFrame frame;
        frame.time = begin + at;
        frame[Metric::MessagesIn] = 1;
        history.add(frame);
    }
    const HistoryReply reply = history.query({ Metric::MessagesIn }, begin, begin + 6s, 6);
    for (size_t i = 0; i < 6; ++i)
        QCOMPARE(reply.series[0].mean[i], 1.0);
}

void HistoryTest::neverAnswersMorePointsThanAsked()
{
    History history;
    feed(history, 100, [](int) { return 1; });
    const UtcTime now = m_clock->utc();
    for (const int points : { 1, 2, 3, 7, 59, 61, 100 }) {
        const HistoryReply reply = history.query({ Metric::MessagesIn }, now - 61s, now - 1s, points);
        QVERIFY(reply.bucketCount >= 1);
        QVERIFY2(reply.bucketCount <= points, QByteArray::number(points).constData());
        QCOMPARE(reply.series[0].minimum.size(), size_t(reply.bucketCount));
    }
}

void HistoryTest::answersAnEmptyHistoryWithGaps()
{
    const History history;
    const UtcTime now = m_clock->utc();
    const HistoryReply reply = history.query({ Metric::MessagesIn }, now - 1h, now, 600);
    QVERIFY(reply.bucketCount > 0);
    for (const double value : reply.series[0].mean)
        QVERIFY(std::isnan(value));
}

void HistoryTest::survivesARestart()
{
    History before;
    feed(before, 125, [](int i) { return i; });
    std::vector<History::Block> saved = before.takeChanges();
    QVERIFY(before.takeChanges().empty());
    feed(before, 3, [](int i) { return 1000 + i; });
    for (History::Block &block : before.takeChanges())
        saved.push_back(std::move(block));

    History after;
    for (const History::Block &block : saved)
        QVERIFY(after.restore(block, currentOrder()));
    const UtcTime now = m_clock->utc();
    for (const int points : { 128, 12, 2 }) {
        const HistoryReply expected = before.query({ Metric::MessagesIn }, now - 128s, now, points);
        const HistoryReply actual = after.query({ Metric::MessagesIn }, now - 128s, now, points);
        QCOMPARE(actual.step, expected.step);
        QCOMPARE(actual.toJson(), expected.toJson());
    }
}

void HistoryTest::goesOnWithAHalfFilledBucket()
{
    History before;
    feed(before, 30, [](int) { return 2; }); // half a minute
    History after;
    for (const History::Block &block : before.takeChanges())
        QVERIFY(after.restore(block, currentOrder()));
    feed(after, 30, [](int) { return 4; });
    const HistoryRing &minutes = after.ring(2);
    const HistorySlot *slot = minutes.find(minutes.newestBucket());
    QVERIFY(slot);
    QCOMPARE(slot->seconds, 60);
    QCOMPARE(slot->minimum[size_t(Metric::MessagesIn)], 2.0F);
    QCOMPARE(slot->maximum[size_t(Metric::MessagesIn)], 4.0F);
    QVERIFY(std::abs(slot->mean[size_t(Metric::MessagesIn)] - 3.0F) < 1e-4F);
}

void HistoryTest::refusesDamagedBlocks()
{
    History before;
    feed(before, 10, [](int) { return 2; });
    std::vector<History::Block> blocks = before.takeChanges();
    History after;
    History::Block torn = blocks.front();
    torn.data.chop(7);
    QVERIFY(!after.restore(torn, currentOrder()));
    History::Block noise = blocks.front();
    noise.data.fill('\xff');
    QVERIFY(!after.restore(noise, currentOrder()));
    History::Block alien = blocks.front();
    alien.stepSeconds = 17;
    QVERIFY(!after.restore(alien, currentOrder()));
}

void HistoryTest::readsBlocksOfAnotherVersion()
{
    History before;
    feed(before, 10, [](int) { return 2; });
    std::vector<std::optional<Metric>> order = currentOrder();
    order[size_t(Metric::ActiveConnections)] = std::nullopt; // a metric that this version does not know
    History after;
    for (const History::Block &block : before.takeChanges())
        QVERIFY(after.restore(block, order));
    const UtcTime now = m_clock->utc();
    const HistoryReply reply = after.query({ Metric::MessagesIn, Metric::ActiveConnections }, now - 5s, now, 5);
    QCOMPARE(reply.series[0].mean.back(), 2.0);
    QCOMPARE(reply.series[1].mean.back(), 0.0);
}

void HistoryTest::staysWithinItsMemory()
{
    History history;
    QCOMPARE(history.memory(), 0);
    feed(history, 10, [](int) { return 1; });
    QVERIFY(history.memory() < 512 * 1024);
    qsizetype bound = 0;
    for (size_t i = 0; i < History::kResolutions; ++i)
        bound += history.ring(i).memoryBound();
    QVERIFY2(bound <= History::kMemoryBound, QByteArray::number(bound).constData());
}

void HistoryTest::survivesAClockSetBack()
{
    History history;
    feed(history, 10, [](int) { return 1; });
    m_clock->jumpUtc(-3h);
    feed(history, 10, [](int) { return 5; });
    const UtcTime now = m_clock->utc();
    const HistoryReply reply = history.query({ Metric::MessagesIn }, now - 10s, now, 10);
    QCOMPARE(reply.series[0].maximum.back(), 5.0);
}

QTEST_GUILESS_MAIN(HistoryTest)
#include "tst_history.moc"
