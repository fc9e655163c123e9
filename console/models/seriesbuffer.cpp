// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/seriesbuffer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "shared/util/isotime.h"

using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr float kGap = std::numeric_limits<float>::quiet_NaN();

/// The second that ends at about this time, as counted by its start. The server's tick may come a little early or late.
qint64 secondEndingAt(UtcTime time)
{
    return qint64(std::llround(double(toEpochMillis(time)) / 1000.0)) - 1;
}

qint64 floorSecond(UtcTime time)
{
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

size_t slotOf(qint64 second)
{
    return size_t(second % SeriesBuffer::kCapacitySeconds);
}

/// The next length that divides a minute, a quarter or a whole hour: bars of round lengths are made of whole buckets.
qint64 roundBucket(qint64 seconds)
{
    for (const qint64 length : { 1, 2, 5, 10, 15, 30, 60, 90, 180, 300, 900, 1800 }) {
        if (length >= seconds)
            return length;
    }
    return (seconds + 3599) / 3600 * 3600;
}

} // namespace

SeriesBuffer::SeriesBuffer() = default;

bool SeriesBuffer::makeRoom(qint64 second)
{
    if (second < 0 || (!isEmpty() && second <= m_newestSecond - kCapacitySeconds))
        return false;
    if (isEmpty()) {
        for (Column &column : m_columns)
            column.assign(size_t(kCapacitySeconds), kGap);
        m_newestSecond = m_oldestSecond = second;
    } else if (second > m_newestSecond) {
        // Slots that come round again must not show values of the day before.
        const qint64 firstNew = std::max(m_newestSecond + 1, second - kCapacitySeconds + 1);
        for (Column &column : m_columns) {
            for (qint64 between = firstNew; between <= second; ++between)
                column[slotOf(between)] = kGap;
        }
        m_newestSecond = second;
        m_oldestSecond = std::max(m_oldestSecond, second - kCapacitySeconds + 1);
    } else {
        m_oldestSecond = std::min(m_oldestSecond, second);
    }
    return true;
}

void SeriesBuffer::append(const MetricsFrame &frame)
{
    const qint64 second = secondEndingAt(frame.time);
    // A tick near the half second may be rounded up and leave a hole that is none.
    const bool isHoleByRounding = !isEmpty() && second == m_newestSecond + 2 && frame.time - m_newestFrame < 1600ms;
    for (const qint64 target : { second - 1, second }) {
        if ((target != second && !isHoleByRounding) || !makeRoom(target))
            continue;
        for (size_t i = 0; i < kMetricCount; ++i)
            m_columns[i][slotOf(target)] = float(frame.values[i]);
    }
    m_newestFrame = std::max(m_newestFrame, frame.time);
}

void SeriesBuffer::fillBucket(Metric metric, const Bucket &bucket)
{
    Column &column = m_columns[size_t(metric)];
    double rest = bucket.mean * double(bucket.seconds);
    qint64 missing = bucket.seconds;
    for (qint64 second = std::max(bucket.first, m_oldestSecond); second <= std::min(bucket.last, m_newestSecond);
         ++second) {
        if (isEmpty() || std::isnan(column[slotOf(second)]))
            continue;
        rest -= double(column[slotOf(second)]);
        --missing;
    }
    if (missing <= 0)
        return;
    const auto within = [&bucket](double value) { return std::clamp(value, bucket.minimum, bucket.maximum); };
    // The extremes first, then what keeps the sum of the whole bucket.
    const double others = missing > 2 ? (rest - bucket.minimum - bucket.maximum) / double(missing - 2) : rest;
    const bool hasExtremes = missing > 2 && others == within(others);
    qint64 place = 0;
    for (qint64 i = 0; i <= bucket.last - bucket.first && place < missing; ++i) {
        const qint64 second = bucket.isFilledFromItsEnd ? bucket.last - i : bucket.first + i;
        if (!makeRoom(second))
            continue;
        float &slot = column[slotOf(second)];
        if (!std::isnan(slot))
            continue;
        const double extreme = place == 0 ? bucket.minimum : place == 1 ? bucket.maximum : others;
        slot = float(hasExtremes ? extreme : within(rest / double(missing)));
        ++place;
    }
}

void SeriesBuffer::fill(const HistoryReply &history)
{
    const std::chrono::milliseconds step = history.step;
    for (const HistorySeries &series : history.series) {
        bool isNewest = true;
        bool isFollowed = false;
        // From the newest to the oldest, so that what the buffer cannot reach is known at once.
        for (qsizetype i = history.bucketCount - 1; i >= 0; --i) {
            const size_t index = size_t(i);
            if (std::isnan(series.mean[index])) {
                isFollowed = false;
                continue;
            }
            Bucket bucket{ floorSecond(history.from + step * i), 0, history.seconds[index], series.minimum[index],
                series.maximum[index], series.mean[index], isFollowed };
            bucket.last = std::max(bucket.first, floorSecond(history.from + step * (i + 1)) - 1);
            // What came after the answer is not in the newest bucket.
            if (isNewest)
                bucket.last = std::min(bucket.last, bucket.first + bucket.seconds - 1);
            fillBucket(series.metric, bucket);
            isNewest = false;
            isFollowed = true;
        }
    }
}

void SeriesBuffer::clear()
{
    *this = SeriesBuffer();
}

std::optional<UtcTime> SeriesBuffer::newest() const
{
    return isEmpty() ? std::nullopt : std::optional(fromEpochMillis((m_newestSecond + 1) * 1000));
}

std::optional<UtcTime> SeriesBuffer::oldest() const
{
    return isEmpty() ? std::nullopt : std::optional(fromEpochMillis(m_oldestSecond * 1000));
}

double SeriesBuffer::sum(Metric metric, const TimeInterval &interval) const
{
    double total = 0;
    if (isEmpty())
        return total;
    const qint64 last = std::min(floorSecond(interval.to - 1ms), m_newestSecond);
    for (qint64 second = std::max(floorSecond(interval.from), m_oldestSecond); second <= last; ++second) {
        const float value = m_columns[size_t(metric)][slotOf(second)];
        total += std::isnan(value) ? 0.0 : double(value);
    }
    return total;
}

qint64 SeriesBuffer::addBucket(HistorySeries &series, qint64 first, qint64 end) const
{
    const Column &column = m_columns[size_t(series.metric)];
    float low = kGap;
    float high = kGap;
    double sum = 0; // a day of floats in one float would lose the small ones
    qint64 count = 0;
    for (qint64 second = std::max(first, m_oldestSecond); second < std::min(end, m_newestSecond + 1); ++second) {
        const float value = column[slotOf(second)];
        if (std::isnan(value))
            continue;
        low = count == 0 ? value : std::min(low, value);
        high = count == 0 ? value : std::max(high, value);
        sum += double(value);
        ++count;
    }
    series.minimum.push_back(double(low));
    series.maximum.push_back(double(high));
    series.mean.push_back(count == 0 ? HistoryReply::kGap : sum / double(count));
    return count;
}

HistoryReply SeriesBuffer::window(
    const std::vector<Metric> &metrics, const TimeInterval &interval, int maxBuckets) const
{
    HistoryReply reply;
    const qint64 wanted = std::chrono::ceil<std::chrono::seconds>(interval.length()).count();
    const qint64 length = roundBucket((wanted + std::max(maxBuckets, 1) - 1) / std::max(maxBuckets, 1));
    const qint64 first = floorSecond(interval.from) / length * length;
    const qint64 end = (floorSecond(interval.to) + length) / length * length;
    reply.from = fromEpochMillis(first * 1000);
    reply.step = std::chrono::seconds(length);
    if (isEmpty() || end <= first)
        return reply;
    reply.bucketCount = qsizetype((end - first) / length);
    reply.seconds.assign(size_t(reply.bucketCount), 0);
    for (const Metric metric : metrics) {
        HistorySeries series{ metric, {}, {}, {} };
        for (std::vector<double> *values : { &series.minimum, &series.maximum, &series.mean })
            values->reserve(size_t(reply.bucketCount));
        for (qsizetype i = 0; i < reply.bucketCount; ++i) {
            qint64 &seconds = reply.seconds[size_t(i)];
            seconds = std::max(seconds, addBucket(series, first + i * length, first + (i + 1) * length));
        }
        reply.series.push_back(std::move(series));
    }
    return reply;
}

} // namespace gatehouse
