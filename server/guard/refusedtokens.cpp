// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/refusedtokens.h"

#include "server/auth/tokenverifier.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

RefusedTokens::RefusedTokens(const Clock &clock, Log &log, int ipv6PrefixBits)
    : m_clock(clock)
    , m_log(log)
    , m_ipv6PrefixBits(ipv6PrefixBits)
{
}

void RefusedTokens::tell(QByteArrayView token, const IpAddress &client, QByteArrayView path, const Problem &problem)
{
    constexpr qsizetype kMaxPathBytes = 200;
    constexpr qint64 kMostBytes = 600; // of a line
    // Whoever looks what is served here has no token; whoever has a bad one means us.
    const LogLevel level = token.isEmpty() ? LogLevel::Info : LogLevel::Warning;
    if (!m_log.isEnabled(level))
        return;
    const IpAddress bucket = client.bucket(m_ipv6PrefixBits);
    {
        const MonoTime now = m_clock.monotonic();
        const std::lock_guard lock(m_mutex);
        if (!m_budget.mayTake(now) || !m_budget.take(bucket, kMostBytes, now))
            return;
    }
    LogFields fields{ { "status"_L1, problem.status }, { "reason"_L1, problem.code },
        { "address"_L1, bucket.bucketText(m_ipv6PrefixBits) },
        { "path"_L1, QString::fromUtf8(path.first(std::min(path.size(), kMaxPathBytes))) } };
    if (!token.isEmpty())
        fields.push_back({ "token"_L1, tokenFingerprint(token) });
    if (problem.retryAfterSeconds)
        fields.push_back({ "retry_after"_L1, *problem.retryAfterSeconds });
    fields.push_back({ "detail"_L1, problem.detail });
    m_log.log(level, "api_refused"_L1, std::move(fields));
}

void RefusedTokens::tellWhatWasLeftOut()
{
    qint64 count = 0;
    {
        const std::lock_guard lock(m_mutex);
        if (m_budget.leftOut() == m_told || !m_pause.isOver(m_clock.monotonic()))
            return;
        count = m_budget.leftOut() - std::exchange(m_told, m_budget.leftOut());
    }
    m_log.log(LogLevel::Warning, "api_refusals_not_logged"_L1, { { "count"_L1, count } });
}

} // namespace gatehouse
