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

Decision RefusalRecorder::record(Decision about, const Finding &finding)
{
    about.reason = finding.reason;
    about.limit = finding.limit;
    about.observed = finding.observed;
    about.retryAfterSeconds = finding.retryAfterSeconds();
    about.isEnforced = finding.isEnforced;
    about.detail = finding.detail;
    about.at = m_clock.utc();
    about.id = m_ids.next(about.at);
    countOnly(about.reason, about.isEnforced);
    m_sink.record(about);
    return about;
}

void RefusalRecorder::countOnly(Reason reason, bool isEnforced)
{
    auto &counters = isEnforced ? m_counters.refused : m_counters.observed;
    WorkerCounters::add(counters[size_t(reason)]);
}

void RefusalRecorder::tellCounted(const Decision &about, qint64 count)
{
    m_sink.count(about, count);
}

} // namespace gatehouse
