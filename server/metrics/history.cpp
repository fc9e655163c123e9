// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/history.h"

#include <algorithm>

using namespace std::chrono_literals;

namespace gatehouse {

namespace {

/// Joins slots [first, first + count) into bucket `index` of every series; leaves a gap where there is none.
void fillBucket(const HistoryRing &ring, qint64 first, qint64 count, size_t index, HistoryReply &reply)
{
    qint64 &seconds = reply.seconds[index];
    for (qint64 bucket = first; bucket < first + count; ++bucket) {
        const HistorySlot *slot = ring.find(bucket);
        if (!slot)
            continue;
        const double share = double(slot->seconds) / double(seconds + slot->seconds);
        for (HistorySeries &series : reply.series) {
            const size_t metric = size_t(series.metric);
            if (seconds == 0) {
                series.minimum[index] = slot->minimum[metric];
                series.maximum[index] = slot->maximum[metric];
                series.mean[index] = slot->mean[metric];
                continue;
            }
            series.minimum[index] = std::min(series.minimum[index], double(slot->minimum[metric]));
            series.maximum[index] = std::max(series.maximum[index], double(slot->maximum[metric]));
            series.mean[index] += (double(slot->mean[metric]) - series.mean[index]) * share;
        }
        seconds += slot->seconds;
    }
}

qint64 divideUp(qint64 value, qint64 by)
{
    return (value + by - 1) / by;
}

} // namespace

History::History()
    : m_rings{ HistoryRing(kSpans[0].first, kSpans[0].second), HistoryRing(kSpans[1].first, kSpans[1].second),
        HistoryRing(kSpans[2].first, kSpans[2].second) }
{
}

void History::add(const MetricsFrame &frame)
{
    const qint64 second = secondOf(frame.time);
    m_lastFrame = frame.time;
    m_lastSecond = second;
    m_newest = std::max(m_newest, frame.time);
    for (size_t i = 0; i < kResolutions; ++i) {
        m_rings[i].add(frame.values, second);
        m_changed[i].insert(second / m_rings[i].step().count() / kBlockSlots);
    }
}

qint64 History::secondOf(UtcTime frameTime) const
{
    // A frame's time is the end of its second, give or take what the timer is early or late.
    const qint64 second = m_rings[0].bucketOf(frameTime - 500ms);
    const bool isOneMissing = second == m_lastSecond + 2 && frameTime - m_lastFrame < 2s;
    return isOneMissing ? m_lastSecond + 1 : second;
}

HistoryReply History::query(const std::vector<Metric> &metrics, UtcTime from, UtcTime to, int points) const
{
    points = std::clamp(points, 1, kMaxPoints);
    const HistoryRing &ring = ringFor(stepFor(from, to, points, m_newest));
    const qint64 last = ring.bucketOf(to - 1ms);
    // Rounded up, so that a range of exactly N steps has N slots wherever in a step it begins.
    const qint64 first = std::min(last, ring.bucketOf(from + ring.step() - 1ms));
    const qint64 slots = last - first + 1;
    const qint64 perBucket = divideUp(slots, points);

    HistoryReply reply;
    reply.from = UtcTime(ring.step() * first);
    reply.step = ring.step() * perBucket;
    reply.bucketCount = qsizetype(divideUp(slots, perBucket));
    const std::vector<double> gaps(size_t(reply.bucketCount), HistoryReply::kGap);
    for (const Metric metric : metrics)
        reply.series.push_back({ metric, gaps, gaps, gaps });
    reply.seconds.assign(size_t(reply.bucketCount), 0);
    // No more than what the ring can hold is looked at, however long the range that was asked for.
    const qint64 newest = ring.bucketOf(m_newest);
    const qint64 oldest = newest - ring.span() / ring.step() - 60;
    for (qint64 bucket = std::max<qint64>(0, (oldest - first) / perBucket); bucket < reply.bucketCount; ++bucket) {
        const qint64 begin = first + bucket * perBucket;
        if (begin > newest)
            break;
        fillBucket(ring, begin, std::min(perBucket, first + slots - begin), size_t(bucket), reply);
    }
    return reply;
}

std::chrono::seconds History::stepFor(UtcTime from, UtcTime to, int points, UtcTime newest)
{
    // The coarsest that is fine enough answers fastest; if the finer ones do not reach back to `from`, detail yields to
    // reach.
    const std::chrono::milliseconds wanted = (to - from) / std::clamp(points, 1, kMaxPoints);
    std::optional<std::chrono::seconds> best;
    for (const auto &[step, span] : kSpans) {
        const bool reaches = from >= newest - span - 30 * step;
        if (reaches && (!best || step <= wanted))
            best = step;
    }
    return best.value_or(kSpans.back().first);
}

const HistoryRing &History::ringFor(std::chrono::seconds step) const
{
    return *std::find_if(
        m_rings.begin(), m_rings.end(), [step](const HistoryRing &ring) { return ring.step() == step; });
}

std::vector<History::Block> History::takeChanges()
{
    std::vector<Block> blocks;
    for (size_t i = 0; i < kResolutions; ++i) {
        for (const qint64 block : std::exchange(m_changed[i], {})) {
            QByteArray data = m_rings[i].write(block * kBlockSlots, kBlockSlots);
            if (!data.isEmpty())
                blocks.push_back({ m_rings[i].step().count(), block, std::move(data) });
        }
    }
    return blocks;
}

bool History::restore(const Block &block, const std::vector<std::optional<Metric>> &order)
{
    for (HistoryRing &ring : m_rings) {
        if (ring.step().count() != block.stepSeconds)
            continue;
        const bool isSound = ring.read(block.data, order);
        m_newest = std::max(m_newest, UtcTime(ring.step() * ring.newestBucket()));
        return isSound;
    }
    return false;
}

qsizetype History::memory() const
{
    qsizetype sum = 0;
    for (const HistoryRing &ring : m_rings)
        sum += ring.memory();
    return sum;
}

} // namespace gatehouse
