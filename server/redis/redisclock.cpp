// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/redis/redisclock.h"

#include <algorithm>

namespace gatehouse {

using std::chrono::milliseconds;

RedisClock::RedisClock(const Clock &own)
    : m_own(own)
{
}

UtcTime RedisClock::utc() const
{
    return m_own.utc() + m_applied.load(std::memory_order_relaxed);
}

UtcTime RedisClock::toOwn(UtcTime ofRedis) const
{
    return ofRedis - m_applied.load(std::memory_order_relaxed);
}

bool RedisClock::agree(const Answer &one, const Answer &other)
{
    return std::chrono::abs(one.ahead - other.ahead) <= (one.trip + other.trip) / 2 + kDrift;
}

void RedisClock::answered(MonoTime sentAt, UtcTime redis)
{
    const auto trip = std::chrono::ceil<milliseconds>(m_own.monotonic() - sentAt);
    const Answer answer{ trip, redis + trip / 2 - m_own.utc() };
    const std::lock_guard lock(m_mutex);
    // Somebody has set one of the clocks: what was answered before says nothing any more.
    if (!std::all_of(m_answers.begin(), m_answers.end(), [&](const Answer &each) { return agree(each, answer); }))
        m_answers.clear();
    m_answers.push_back(answer);
    if (m_answers.size() > kAnswers)
        m_answers.pop_front();
    // Of equals the newest, as clocks drift.
    m_measured = std::min_element(m_answers.rbegin(), m_answers.rend(), [](const Answer &one, const Answer &other) {
        return one.trip < other.trip;
    })->ahead;
    if (std::chrono::abs(*m_measured - m_applied.load(std::memory_order_relaxed)) > kSteady)
        m_applied.store(*m_measured, std::memory_order_relaxed);
}

void RedisClock::forgetAnswers()
{
    const std::lock_guard lock(m_mutex);
    m_answers.clear();
}

std::optional<milliseconds> RedisClock::skew() const
{
    const std::lock_guard lock(m_mutex);
    return m_measured ? std::optional(-*m_measured) : std::nullopt;
}

} // namespace gatehouse
