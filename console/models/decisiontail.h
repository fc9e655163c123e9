// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <set>
#include <vector>

#include "shared/protocol/adminmessages.h"

namespace gatehouse {

/// The newest refusals that a console has heard of, newest first, each once, and no more than kMax: whatever is
/// filtered meanwhile. A plain container.
class DecisionTail final
{
public:
    static constexpr size_t kMax = 5000;

    /// From the live stream, in order of time. Answers those that it had not, newest first.
    std::vector<Decision> add(const std::vector<Decision> &decisions);
    /// From the server. Sorted in by time; whether any was new.
    bool addHistory(const std::vector<Decision> &decisions);
    void clear();
    [[nodiscard]] const std::deque<Decision> &all() const { return m_all; }

private:
    void trim();

    std::deque<Decision> m_all;
    std::set<QString> m_ids;
};

} // namespace gatehouse
