// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/guard/addressrate.h"
#include "server/guard/daybudget.h"

namespace gatehouse {

/// How many refusals are written down at one place: so many a second, and so many, of so many bytes, a day. Once less
/// than half of what may be written at once is left, an address has kScarcePerMinute of it: one client that is refused
/// without end leaves room for all others. What is left out is counted. One thread.
class RefusalBudget final
{
public:
    static constexpr int kScarcePerMinute = 6;

    struct Bounds
    {
        int perSecond;
        qint64 perDay;
        qint64 bytesPerDay;
    };
    explicit RefusalBudget(const Bounds &bounds);
    Q_DISABLE_COPY_MOVE(RefusalBudget)

    /// Whether the next one is worth looking at: a flood costs no more than a few looks for each that is written down.
    /// If not, it has been counted.
    [[nodiscard]] bool mayTake(MonoTime now);
    /// Whether one of this address, of about so many bytes, is written down; if not, it has been counted.
    [[nodiscard]] bool take(const IpAddress &address, qint64 bytes, MonoTime now);
    /// So many were left out before they came here.
    void leaveOut(qint64 count) { m_leftOut += count; }

    /// Left out since the start.
    [[nodiscard]] qint64 leftOut() const { return m_leftOut; }

private:
    void beginSecond(MonoTime now);
    [[nodiscard]] bool isWithin(const IpAddress &address, qint64 bytes, MonoTime now);

    Bounds m_bounds;
    DayBudget m_number;
    DayBudget m_bytes;
    AddressRate m_shares{ kScarcePerMinute };
    MonoTime m_second = MonoTime::min(); ///< when the running one began
    int m_leftOfSecond = 0;
    int m_looksLeft = 0;
    qint64 m_leftOut = 0;
};

} // namespace gatehouse
