// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/bench/latencies.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace gatehouse::bench {

namespace {

constexpr quint64 kExact = 128; // up to here each nanosecond has its own bucket; from here each power of two has 64

size_t bucketOf(quint64 nanoseconds)
{
    if (nanoseconds < kExact)
        return size_t(nanoseconds);
    const int shift = int(std::bit_width(nanoseconds)) - 7;
    return size_t(shift) * 64 + size_t(nanoseconds >> shift);
}

quint64 lastOf(size_t bucket)
{
    if (bucket < kExact)
        return bucket;
    const size_t shift = bucket / 64 - 1;
    return ((quint64(bucket % 64) + 65) << shift) - 1;
}

} // namespace

void Latencies::add(std::chrono::nanoseconds duration)
{
    const auto valid = std::max(duration, std::chrono::nanoseconds::zero());
    ++m_buckets[bucketOf(quint64(valid.count()))];
    ++m_count;
    m_longest = std::max(m_longest, valid);
}

std::chrono::nanoseconds Latencies::percentile(double percent) const
{
    const qint64 rank = std::max<qint64>(1, qint64(std::ceil(percent / 100.0 * double(m_count))));
    qint64 seen = 0;
    for (size_t bucket = 0; bucket < m_buckets.size(); ++bucket) {
        seen += m_buckets[bucket];
        if (seen >= rank)
            return std::min(std::chrono::nanoseconds(qint64(lastOf(bucket))), m_longest);
    }
    return {};
}

} // namespace gatehouse::bench
