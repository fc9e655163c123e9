// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/shedplan.h"

#include <algorithm>

namespace gatehouse {

std::vector<ShedCandidate> chooseToShed(std::vector<ShedCandidate> candidates, qint64 bytes)
{
    // A tick more, so that of those who have only begun to wait the largest comes first.
    const auto weight
        = [](const ShedCandidate &one) { return double(one.queuedBytes) * double(one.waitingFor.count() + 100); };
    std::sort(candidates.begin(), candidates.end(),
        [&weight](const ShedCandidate &left, const ShedCandidate &right) { return weight(left) > weight(right); });
    auto end = candidates.begin();
    for (; end != candidates.end() && bytes > 0 && end->queuedBytes > 0; ++end)
        bytes -= end->queuedBytes;
    candidates.erase(end, candidates.end());
    return candidates;
}

} // namespace gatehouse
