// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/historysource.h"

#include <algorithm>
#include <utility>

using namespace std::chrono_literals;

namespace gatehouse {

HistorySource::HistorySource(AdminClient &client, const Clock &clock, SeriesBuffer &buffer, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_clock(clock)
    , m_buffer(buffer)
{
    m_refresh.setInterval(kRefreshLongRanges);
    connect(&m_refresh, &QTimer::timeout, this, [this] {
        if (!isPaused() && m_client.status().isLive())
            fetchLong();
    });
}

TimeRange HistorySource::shownRange() const
{
    return m_zoom.value_or(m_range);
}

void HistorySource::setRange(const TimeRange &range)
{
    m_isUsersChoice = true;
    m_range = range;
    m_zoom.reset();
    m_pausedAt.reset();
    m_long = {};
    Q_EMIT changed();
    reload();
}

void HistorySource::suitRange(UtcTime knownUntil)
{
    if (now() - knownUntil > kYoung || std::exchange(m_isSuited, true) || m_isUsersChoice)
        return;
    const std::optional<UtcTime> oldest = m_buffer.oldest();
    const bool isYoung = !oldest || now() - *oldest < kYoung;
    m_range = TimeRange(isYoung ? TimeRange::Preset::Last5Minutes : TimeRange::Preset::LastHour);
    Q_EMIT changed();
}

void HistorySource::zoom(UtcTime from, UtcTime to)
{
    m_zoom = TimeRange::custom(from, to);
    Q_EMIT changed();
    if (!isFromBuffer(now()))
        fetchLong();
}

void HistorySource::resetZoom()
{
    if (!m_zoom)
        return;
    m_zoom.reset();
    Q_EMIT changed();
    reload();
}

void HistorySource::setNode(const QString &node)
{
    if (node == m_node)
        return;
    m_node = node;
    m_long = {};
    ++m_generation;
    Q_EMIT changed();
    reload();
}

bool HistorySource::isFromBuffer(UtcTime now) const
{
    return m_node.isEmpty() && shownRange().isInBuffer(now);
}

void HistorySource::setPaused(bool isPaused)
{
    if (isPaused == this->isPaused())
        return;
    m_pausedAt = isPaused ? std::optional(now()) : std::nullopt;
    Q_EMIT changed();
}

std::chrono::seconds HistorySource::behind() const
{
    return m_pausedAt ? std::chrono::duration_cast<std::chrono::seconds>(now() - *m_pausedAt) : 0s;
}

UtcTime HistorySource::now() const
{
    return m_clock.utc() + m_serverOffset;
}

void HistorySource::sampleArrived(UtcTime time)
{
    const std::chrono::milliseconds offset = time - m_clock.utc();
    // Samples arrive with jitter; only a real difference between the clocks may move the axis.
    if (std::chrono::abs(offset - m_serverOffset) > 1500ms)
        m_serverOffset = offset;
}

TimeInterval HistorySource::interval() const
{
    return shownRange().at(m_pausedAt.value_or(now()));
}

HistoryReply HistorySource::data(const std::vector<Metric> &metrics, int maxBuckets) const
{
    if (isFromBuffer(m_pausedAt.value_or(now())))
        return m_buffer.window(metrics, interval(), maxBuckets);
    return m_long;
}

void HistorySource::reload()
{
    if (isFromBuffer(now())) {
        m_refresh.stop();
        fetchMissing();
        return;
    }
    m_refresh.start(shownRange().isInBuffer(now()) ? kRefreshNode : kRefreshLongRanges);
    fetchLong();
}

void HistorySource::clear()
{
    m_long = {};
    m_node.clear();
    m_zoom.reset();
    m_pausedAt.reset();
    m_isSuited = false;
    m_serverOffset = 0ms;
    ++m_generation;
    Q_EMIT changed();
}

void HistorySource::fetchMissing()
{
    const TimeInterval wanted = interval();
    const UtcTime end = m_buffer.oldest().value_or(wanted.to);
    if (end - wanted.from < 2s)
        return;
    m_client.fetchHistory({}, wanted.from, end, kServerPoints, this, [this](const ApiResult<HistoryReply> &result) {
        if (!result)
            return;
        m_buffer.fill(*result);
        Q_EMIT changed();
    });
}

void HistorySource::fetchLong()
{
    const TimeInterval wanted = interval();
    const quint64 generation = ++m_generation;
    const auto take = [this, generation](const ApiResult<HistoryReply> &result) {
        if (!result || generation != m_generation)
            return;
        m_long = *result;
        Q_EMIT changed();
    };
    if (m_node.isEmpty())
        m_client.fetchHistory({}, wanted.from, wanted.to, kServerPoints, this, take);
    else
        m_client.fetchNodeHistory(m_node, wanted.from, wanted.to, kServerPoints, this, take);
}

} // namespace gatehouse
