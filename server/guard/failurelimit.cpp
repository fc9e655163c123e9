// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/failurelimit.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr std::chrono::minutes kWindow{ 1 };

Problem tooManyFailures(std::chrono::seconds wait)
{
    Problem problem{ 429, u"too_many_failures"_s, u"Too many failed log-ins"_s,
        u"too many bad tokens came from this address"_s };
    problem.retryAfterSeconds = wait.count();
    return problem;
}

} // namespace

std::optional<Problem> FailureLimit::count(const IpAddress &client)
{
    const MonoTime now = m_clock.monotonic();
    const std::lock_guard lock(m_mutex);
    if (m_failures.size() >= kMaxAddresses)
        makeRoom(now);
    std::deque<MonoTime> &failures = m_failures[client.bucket()];
    while (!failures.empty() && failures.front() + kWindow <= now)
        failures.pop_front();
    if (failures.size() >= size_t(kMaxFailuresPerMinute))
        return tooManyFailures(std::chrono::ceil<std::chrono::seconds>(failures.front() + kWindow - now));
    failures.push_back(now);
    return std::nullopt;
}

size_t FailureLimit::rememberedAddresses() const
{
    const std::lock_guard lock(m_mutex);
    return m_failures.size();
}

void FailureLimit::makeRoom(MonoTime now)
{
    std::erase_if(
        m_failures, [now](const auto &item) { return item.second.empty() || item.second.back() + kWindow <= now; });
    if (m_failures.size() < kMaxAddresses)
        return;
    const auto oldest = std::min_element(m_failures.begin(), m_failures.end(),
        [](const auto &one, const auto &other) { return one.second.back() < other.second.back(); });
    m_failures.erase(oldest);
}

} // namespace gatehouse
