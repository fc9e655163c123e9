// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/queueage.h"

#include <algorithm>

namespace gatehouse {

void QueueAge::queued(qint64 bytes, Tick now)
{
    if (bytes <= 0)
        return;
    if (!m_parts.empty() && m_parts.back().since == now)
        m_parts.back().bytes += bytes;
    else
        m_parts.push_back({ now, bytes });
}

void QueueAge::taken(qint64 bytes)
{
    auto first = m_parts.begin();
    for (; first != m_parts.end() && bytes >= first->bytes; ++first)
        bytes -= first->bytes;
    if (first != m_parts.end())
        first->bytes -= bytes;
    m_parts.erase(m_parts.begin(), first);
}

void QueueAge::keepOnly(qint64 kept)
{
    auto last = m_parts.begin();
    for (; last != m_parts.end() && kept > 0; ++last) {
        last->bytes = std::min(last->bytes, kept);
        kept -= last->bytes;
    }
    m_parts.erase(last, m_parts.end());
}

std::optional<QueueAge::Tick> QueueAge::oldest() const
{
    return m_parts.empty() ? std::nullopt : std::optional<Tick>(m_parts.front().since);
}

} // namespace gatehouse
