// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>

#include "shared/util/clock.h"

namespace gatehouse {

/// So much of something in any 24 hours, and no more, whenever they begin: an eighth may be spent at once, the rest
/// comes back evenly over the day. So a flood in the morning leaves something for the evening. Pure; one thread.
class DayBudget final
{
public:
    explicit DayBudget(qint64 perDay)
        : m_atOnce(perDay / 8)
        , m_refillPerDay(perDay - m_atOnce)
        , m_left(double(m_atOnce))
    {
    }

    /// Whether so much may be spent now.
    [[nodiscard]] bool has(qint64 amount, MonoTime now)
    {
        refill(now);
        return m_left >= double(amount);
    }
    void spend(qint64 amount) { m_left -= double(amount); }
    /// Whether less than half of what may be spent at once is left.
    [[nodiscard]] bool isScarce(MonoTime now)
    {
        refill(now);
        return m_left * 2 < double(m_atOnce);
    }

private:
    void refill(MonoTime now)
    {
        using Days = std::chrono::duration<double, std::ratio<86400>>;
        const double days = m_refilled == MonoTime{} ? 0 : Days(now - m_refilled).count();
        m_left = std::min(double(m_atOnce), m_left + std::max(0.0, days) * double(m_refillPerDay));
        m_refilled = std::max(m_refilled, now);
    }

    qint64 m_atOnce;
    qint64 m_refillPerDay;
    double m_left;
    MonoTime m_refilled{};
};

} // namespace gatehouse
