// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/guard/decisionsink.h"
#include "server/guard/finding.h"
#include "server/metrics/counters.h"
#include "shared/util/ulid.h"

namespace gatehouse {

/// The one place that every refusal of a worker goes through: counts it, gives it an id and hands it to the decision
/// log. One per worker, on its thread.
class RefusalRecorder final
{
public:
    RefusalRecorder(const Clock &clock, WorkerCounters &counters, DecisionSink &sink);

    /// Completes a decision that says whom the finding is about with the finding, id and time, and returns it as
    /// recorded. What an observing limit lets pass is counted apart.
    Decision record(Decision about, const Finding &finding);
    /// Counts one more of a kind whose decision was recorded a moment ago (floods).
    void countOnly(Reason reason, bool isEnforced);
    /// Says whom, when and for what reason those were about that were counted alone.
    void tellCounted(const Decision &about, qint64 count);

private:
    const Clock &m_clock;
    WorkerCounters &m_counters;
    DecisionSink &m_sink;
    UlidGenerator m_ids;
};

} // namespace gatehouse
