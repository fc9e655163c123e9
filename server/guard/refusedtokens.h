// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>

#include "server/guard/refusalbudget.h"
#include "server/log/log.h"
#include "server/log/logpause.h"
#include "shared/protocol/problem.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// Tells the log of tokens that the APIs over HTTP refuse: from where, for what, and why; of the token only the
/// fingerprint. They are no decisions of the guards, so nothing else shows them. Strangers cause these lines: so many a
/// second and a day, and what is left out is counted and told. Thread-safe.
class RefusedTokens final
{
public:
    static constexpr RefusalBudget::Bounds kBounds{ 20, 20'000, 8 * 1024 * 1024 };

    /// Both outlive it. Addresses are told as decisions have them.
    RefusedTokens(const Clock &clock, Log &log, int ipv6PrefixBits = IpAddress::kBucketBits);
    Q_DISABLE_COPY_MOVE(RefusedTokens)

    /// Whoever asked for `path` with this token (or none) was answered the problem.
    void tell(QByteArrayView token, const IpAddress &client, QByteArrayView path, const Problem &problem);
    /// Tells of what was left out; to be called once a second.
    void tellWhatWasLeftOut();

private:
    const Clock &m_clock;
    Log &m_log;
    const int m_ipv6PrefixBits;
    std::mutex m_mutex; ///< guards what follows
    RefusalBudget m_budget{ kBounds };
    LogPause m_pause;
    qint64 m_told = 0; ///< how many of those that were left out the log has told of
};

} // namespace gatehouse
