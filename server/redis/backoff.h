// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <chrono>

namespace gatehouse {

/// How long to wait before the next attempt: twice as long each time, up to a most. Of that time between half and the
/// whole is taken, by a random number that the caller brings, so that many who lost the same server do not come back at
/// once. A plain value.
class Backoff final
{
public:
    using Milliseconds = std::chrono::milliseconds;

    Backoff(Milliseconds first, Milliseconds most)
        : m_first(first)
        , m_most(most)
        , m_next(first)
    {
    }

    /// `random` is in [0, 1).
    [[nodiscard]] Milliseconds next(double random)
    {
        const Milliseconds whole = std::min(m_next, m_most);
        m_next = std::min(whole * 2, m_most);
        return whole / 2
            + Milliseconds(Milliseconds::rep(double((whole - whole / 2).count()) * std::clamp(random, 0.0, 1.0)));
    }
    /// What was tried has worked.
    void reset() { m_next = m_first; }

private:
    Milliseconds m_first;
    Milliseconds m_most;
    Milliseconds m_next;
};

} // namespace gatehouse
