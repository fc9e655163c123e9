// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/admission/circuitbreaker.h"

#include <algorithm>

namespace gatehouse {

CircuitBreaker::CircuitBreaker(std::chrono::milliseconds missingFor, std::function<double()> random)
    : m_missingFor(missingFor)
    , m_random(std::move(random))
{
}

bool CircuitBreaker::succeeded()
{
    m_misses = 0;
    if (!m_isOpen)
        return false;
    m_wait = kFirstProbe; // somebody is there: find out soon how reliably
    if (++m_goodProbes < kGoodProbes)
        return false;
    m_isOpen = false;
    return true;
}

bool CircuitBreaker::failed(MonoTime now, const QString &reason)
{
    if (m_isOpen) {
        m_goodProbes = 0;
        m_wait = std::min(2 * m_wait, kLastProbe);
        return false;
    }
    if (m_misses++ == 0)
        m_firstMiss = now;
    if (m_misses < kMisses || now - m_firstMiss < m_missingFor)
        return false;
    return open(reason);
}

bool CircuitBreaker::open(const QString &reason)
{
    m_reason = reason;
    m_misses = 0;
    m_goodProbes = 0;
    m_wait = kFirstProbe;
    return !std::exchange(m_isOpen, true);
}

void CircuitBreaker::close()
{
    m_isOpen = false;
    m_misses = 0;
    m_goodProbes = 0;
}

std::chrono::milliseconds CircuitBreaker::nextProbe() const
{
    return std::chrono::milliseconds(qint64(double(m_wait.count()) * (0.5 + m_random())));
}

} // namespace gatehouse
