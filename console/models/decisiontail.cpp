// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/decisiontail.h"

#include <algorithm>

namespace gatehouse {

std::vector<Decision> DecisionTail::add(const std::vector<Decision> &decisions)
{
    std::vector<Decision> fresh;
    for (auto decision = decisions.rbegin(); decision != decisions.rend(); ++decision) {
        if (m_ids.insert(decision->id).second)
            fresh.push_back(*decision);
    }
    m_all.insert(m_all.begin(), fresh.begin(), fresh.end());
    trim();
    return fresh;
}

bool DecisionTail::addHistory(const std::vector<Decision> &decisions)
{
    const size_t before = m_all.size();
    for (const Decision &decision : decisions) {
        if (m_ids.insert(decision.id).second)
            m_all.push_back(decision);
    }
    if (m_all.size() == before)
        return false;
    std::stable_sort(m_all.begin(), m_all.end(), [](const Decision &a, const Decision &b) { return a.at > b.at; });
    trim();
    return true;
}

void DecisionTail::clear()
{
    m_all.clear();
    m_ids.clear();
}

void DecisionTail::trim()
{
    while (m_all.size() > kMax) {
        m_ids.erase(m_all.back().id);
        m_all.pop_back();
    }
}

} // namespace gatehouse
