// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/refusalrecorder.h"

namespace gatehouse {

RefusalRecorder::RefusalRecorder(const Clock &clock, WorkerCounters &counters, DecisionSink &sink)
    : m_clock(clock)
    , m_counters(counters)
    , m_sink(sink)
    , m_ids(UlidGenerator::withSystemEntropy())
{
}

Decision RefusalRecorder::record(Decision decision)
{
    decision.at = m_clock.utc();
    decision.id = m_ids.next(decision.at);
    countOnly(decision.reason, decision.isEnforced);
    m_sink.record(decision);
    return decision;
}

void RefusalRecorder::countOnly(Reason reason, bool isEnforced)
{
    auto &counters = isEnforced ? m_counters.refused : m_counters.observed;
    WorkerCounters::add(counters[size_t(reason)]);
}

} // namespace gatehouse
