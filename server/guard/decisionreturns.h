// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>

#include "server/guard/decisionarchive.h"

namespace gatehouse {

/// How many refusals, by the second, the archive was given and could not store, until they are given to it again as
/// left out. As bounded as what it keeps of them. Thread-safe.
class DecisionReturns final
{
public:
    using LeftOut = DecisionArchive::LeftOut;

    void add(const LeftOut &returned)
    {
        const std::scoped_lock lock(m_mutex);
        for (const auto &[second, count] : returned)
            m_leftOut[second] += count;
        while (m_leftOut.size() > size_t(DecisionArchive::kMaxSeconds))
            m_leftOut.erase(m_leftOut.begin());
    }
    /// The oldest of them; they are no longer in it.
    [[nodiscard]] LeftOut take()
    {
        LeftOut taken;
        const std::scoped_lock lock(m_mutex);
        while (!m_leftOut.empty() && taken.size() < size_t(DecisionArchive::kPortionRows))
            taken.insert(m_leftOut.extract(m_leftOut.begin()));
        return taken;
    }
    /// Of the seconds that have a part in that time.
    [[nodiscard]] qint64 count(const SecondRange &range) const
    {
        qint64 sum = 0;
        const std::scoped_lock lock(m_mutex);
        for (auto entry = m_leftOut.lower_bound(range.from); entry != m_leftOut.end() && entry->first < range.to;
             ++entry)
            sum += entry->second;
        return sum;
    }

private:
    mutable std::mutex m_mutex; ///< guards what follows
    LeftOut m_leftOut;
};

} // namespace gatehouse
