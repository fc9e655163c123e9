// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/heaptrimmer.h"

#include <algorithm>
#include <utility>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace gatehouse {

HeapTrimmer::HeapTrimmer(std::function<void()> trim)
    : m_trim(std::move(trim))
{
}

void HeapTrimmer::trimHeap()
{
#ifdef __GLIBC__
    malloc_trim(0); // of all threads' heaps
#endif
}

void HeapTrimmer::observe(qint64 connections)
{
    m_most = std::max(m_most, connections);
    const bool hasLeft = m_most - connections >= kFewest && connections < m_most - connections;
    m_calmSeconds = hasLeft && connections >= m_last ? m_calmSeconds + 1 : 0;
    m_last = connections;
    if (m_calmSeconds < kCalmSeconds)
        return;
    m_trim();
    m_most = connections;
    m_calmSeconds = 0;
}

} // namespace gatehouse
