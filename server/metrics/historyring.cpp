// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/historyring.h"

#include <algorithm>
#include <cmath>

#include <QtCore/QDataStream>
#include <QtCore/QIODevice>

#include "shared/util/isotime.h"

namespace gatehouse {

namespace {

constexpr size_t kSpareSlots = 60;

QDataStream &configured(QDataStream &stream)
{
    stream.setVersion(QDataStream::Qt_6_4);
    stream.setFloatingPointPrecision(QDataStream::SinglePrecision);
    return stream;
}

} // namespace

HistoryRing::HistoryRing(std::chrono::seconds step, std::chrono::seconds span)
    : m_step(step)
    , m_span(span)
    , m_capacity(size_t(span / step) + kSpareSlots)
    , m_chunks((m_capacity + kChunkSlots - 1) / kChunkSlots)
{
}

qint64 HistoryRing::bucketOf(UtcTime time) const
{
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count() / m_step.count();
}

void HistoryRing::add(const std::array<double, kMetricCount> &values, qint64 second)
{
    const qint64 bucket = second / m_step.count();
    HistorySlot &slot = slotFor(bucket);
    if (slot.bucket > bucket)
        return; // the clock was set back by more than the ring spans
    if (slot.bucket < bucket)
        slot = HistorySlot{ .bucket = bucket, .seconds = 0, .minimum = {}, .maximum = {}, .mean = {} };
    m_newest = std::max(m_newest, bucket);
    const float share = 1.0F / float(slot.seconds + 1);
    for (size_t i = 0; i < kMetricCount; ++i) {
        const float value = float(values[i]);
        slot.minimum[i] = slot.seconds == 0 ? value : std::min(slot.minimum[i], value);
        slot.maximum[i] = slot.seconds == 0 ? value : std::max(slot.maximum[i], value);
        slot.mean[i] += (value - slot.mean[i]) * share;
    }
    ++slot.seconds;
}

void HistoryRing::restore(const HistorySlot &saved)
{
    HistorySlot &slot = slotFor(saved.bucket);
    if (slot.bucket < saved.bucket || (slot.bucket == saved.bucket && slot.seconds < saved.seconds))
        slot = saved;
    m_newest = std::max(m_newest, saved.bucket);
}

const HistorySlot *HistoryRing::find(qint64 bucket) const
{
    if (bucket < 0)
        return nullptr;
    const size_t position = size_t(bucket) % m_capacity;
    const Chunk *chunk = m_chunks[position / kChunkSlots].get();
    if (!chunk)
        return nullptr;
    const HistorySlot &slot = (*chunk)[position % kChunkSlots];
    return slot.bucket == bucket ? &slot : nullptr;
}

HistorySlot &HistoryRing::slotFor(qint64 bucket)
{
    const size_t position = size_t(std::max<qint64>(0, bucket)) % m_capacity;
    std::unique_ptr<Chunk> &chunk = m_chunks[position / kChunkSlots];
    if (!chunk)
        chunk = std::make_unique<Chunk>();
    return (*chunk)[position % kChunkSlots];
}

QByteArray HistoryRing::write(qint64 first, int count) const
{
    QByteArray blob;
    QDataStream stream(&blob, QIODevice::WriteOnly);
    configured(stream);
    for (qint64 bucket = first; bucket < first + count; ++bucket) {
        const HistorySlot *slot = find(bucket);
        if (!slot)
            continue;
        stream << slot->bucket << slot->seconds;
        for (size_t i = 0; i < kMetricCount; ++i)
            stream << slot->minimum[i] << slot->maximum[i] << slot->mean[i];
    }
    return blob;
}

bool HistoryRing::read(const QByteArray &blob, const std::vector<std::optional<Metric>> &order)
{
    QDataStream stream(blob);
    configured(stream);
    while (!stream.atEnd()) {
        HistorySlot slot;
        stream >> slot.bucket >> slot.seconds;
        for (const std::optional<Metric> &metric : order) {
            float minimum = 0;
            float maximum = 0;
            float mean = 0;
            stream >> minimum >> maximum >> mean;
            if (!metric)
                continue;
            slot.minimum[size_t(*metric)] = minimum;
            slot.maximum[size_t(*metric)] = maximum;
            slot.mean[size_t(*metric)] = mean;
        }
        if (stream.status() != QDataStream::Ok || slot.bucket < 0 || slot.seconds < 1
            || std::any_of(slot.mean.begin(), slot.mean.end(), [](float value) { return !std::isfinite(value); }))
            return false;
        restore(slot);
    }
    return true;
}

qsizetype HistoryRing::memory() const
{
    const auto used
        = std::count_if(m_chunks.begin(), m_chunks.end(), [](const auto &chunk) { return chunk != nullptr; });
    return qsizetype(size_t(used) * sizeof(Chunk));
}

qsizetype HistoryRing::memoryBound() const
{
    return qsizetype(m_chunks.size() * sizeof(Chunk));
}

} // namespace gatehouse
