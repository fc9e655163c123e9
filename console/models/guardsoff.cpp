// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/guardsoff.h"

#include <algorithm>

namespace gatehouse {

namespace {

constexpr UtcTime kEndOfTime = UtcTime::max();

bool isLastOn(const std::vector<SwitchChange> &changes)
{
    return changes.empty() || changes.back().isGuarding;
}

} // namespace

void GuardsOff::setChanges(std::vector<SwitchChange> changes)
{
    m_changes = std::move(changes);
    std::stable_sort(
        m_changes.begin(), m_changes.end(), [](const SwitchChange &a, const SwitchChange &b) { return a.at < b.at; });
    if (m_now && m_now->isGuarding == isLastOn(m_changes))
        m_now.reset();
}

void GuardsOff::setNow(bool isGuarding, UtcTime now)
{
    if (isGuarding == isLastOn(m_changes))
        m_now.reset();
    else if (!m_now)
        m_now = SwitchChange{ now, isGuarding, {}, {} };
}

void GuardsOff::clear()
{
    *this = {};
}

std::vector<GuardsOffSpan> GuardsOff::allSpans() const
{
    std::vector<SwitchChange> changes = m_changes;
    if (m_now)
        changes.push_back(*m_now);
    std::vector<GuardsOffSpan> spans;
    for (const SwitchChange &change : changes) {
        const bool isOpen = !spans.empty() && spans.back().time.to == kEndOfTime;
        if (change.isGuarding && isOpen)
            spans.back().time.to = change.at;
        else if (!change.isGuarding && !isOpen)
            spans.push_back({ { change.at, kEndOfTime }, change.by });
    }
    return spans;
}

std::vector<GuardsOffSpan> GuardsOff::spans(const TimeInterval &interval) const
{
    std::vector<GuardsOffSpan> spans = allSpans();
    std::erase_if(spans, [&interval](const GuardsOffSpan &span) {
        return span.time.to <= interval.from || span.time.from >= interval.to;
    });
    return spans;
}

std::optional<GuardsOffSpan> GuardsOff::current() const
{
    const std::vector<GuardsOffSpan> spans = allSpans();
    return spans.empty() || spans.back().time.to != kEndOfTime ? std::nullopt : std::optional(spans.back());
}

void GuardsOff::leaveOut(HistoryReply &history) const
{
    const TimeInterval all{ history.from, history.from + history.step * history.bucketCount };
    for (const GuardsOffSpan &span : spans(all)) {
        for (qsizetype i = 0; i < history.bucketCount; ++i) {
            const UtcTime from = history.from + history.step * i;
            if (from < span.time.from || from + history.step > span.time.to)
                continue;
            for (HistorySeries &series : history.series) {
                if (isCounted(series.metric))
                    continue;
                for (std::vector<double> *values : { &series.minimum, &series.maximum, &series.mean })
                    (*values)[size_t(i)] = HistoryReply::kGap;
            }
        }
    }
}

bool GuardsOff::isCounted(Metric metric)
{
    switch (metric) {
    case Metric::ActiveConnections:
    case Metric::Handshakes:
    case Metric::Closes:
    case Metric::MessagesIn:
    case Metric::MessagesOut:
    case Metric::RefusedConnections:
    case Metric::RefusedReconnects:
    case Metric::RefusedMessages:
    case Metric::Observed:
        return false;
    default:
        return true;
    }
}

} // namespace gatehouse
