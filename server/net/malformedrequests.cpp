// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/malformedrequests.h"

#include <utility>

namespace gatehouse {

std::optional<qint64> MalformedRequests::count(MalformedKind kind, MonoTime now)
{
    const std::lock_guard lock(m_mutex);
    const qint64 count = ++m_counts[size_t(kind)];
    Told &told = m_told[size_t(kind)];
    if (told.at && now - *told.at < kPause)
        return std::nullopt;
    told.at = now;
    return count - std::exchange(told.count, count);
}

MalformedRequests::Counts MalformedRequests::counts() const
{
    const std::lock_guard lock(m_mutex);
    return m_counts;
}

} // namespace gatehouse
