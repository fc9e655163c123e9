// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/streamorder.h"

#include <algorithm>

namespace gatehouse {

void StreamOrder::restart(qint64 last, quint32 run)
{
    m_last = last;
    m_run = run;
    m_waiting.clear();
    m_waitingBytes = 0;
    m_given.clear();
}

StreamProgress StreamOrder::take(StreamAnswer answer)
{
    StreamProgress progress;
    const HistoryRunBegin &run = answer.run;
    if (answer.last < m_last) {
        // A server that has fallen back. Its next run begins beyond what anybody knows of, unless nobody knows of this
        // history any more.
        if (run.mark == 0 || run.mark == m_run)
            return progress;
        restart(run.base, run.mark);
        progress.missedAfter = Cursor();
    }
    for (StreamedNotification &entry : answer.entries)
        sortIn(std::move(entry), answer.last, progress);
    while (!m_waiting.empty() && m_waiting.begin()->first == nextAfter(m_last, run))
        giveFirst(progress, run);
    if (!answer.isComplete)
        return progress;
    while (!m_waiting.empty()) {
        skipTo(m_waiting.begin()->first, progress, run);
        giveFirst(progress, run);
    }
    skipTo(answer.last + 1, progress, run);
    m_last = std::max(m_last, answer.last);
    if (m_last >= run.base)
        m_run = run.mark;
    return progress;
}

void StreamOrder::sortIn(StreamedNotification entry, qint64 last, StreamProgress &progress)
{
    if (entry.sequence > last || entry.sequence <= 0) {
        ++m_refused;
        return;
    }
    if (entry.sequence <= m_last) {
        // Somebody may have forged the one that was given out with this number: the other one is not to pay for it.
        const auto place = std::upper_bound(m_given.begin(), m_given.end(), entry.sequence,
            [](qint64 sequence, const Given &given) { return sequence < given.sequence; });
        if (!isAnotherThanGiven(entry)) {
            ++m_refused;
            return;
        }
        m_given.insert(place, { entry.sequence, qHash(entry.id) });
        progress.deliveries.push_back(std::move(entry));
        return;
    }
    const auto [first, end] = m_waiting.equal_range(entry.sequence);
    if (std::any_of(first, end, [&entry](const auto &waiting) { return waiting.second.id == entry.id; })) {
        ++m_refused;
        return;
    }
    m_waitingBytes += entry.json.size();
    const qint64 sequence = entry.sequence;
    m_waiting.emplace(sequence, std::move(entry));
}

bool StreamOrder::isAnotherThanGiven(const StreamedNotification &entry) const
{
    const auto first = std::lower_bound(m_given.begin(), m_given.end(), entry.sequence,
        [](const Given &given, qint64 sequence) { return given.sequence < sequence; });
    bool isKnown = false;
    for (auto given = first; given != m_given.end() && given->sequence == entry.sequence; ++given) {
        if (given->id == qHash(entry.id))
            return false;
        isKnown = true;
    }
    return isKnown;
}

qint64 StreamOrder::nextAfter(qint64 sequence, const HistoryRunBegin &run) const
{
    const qint64 next = sequence + 1;
    return next > run.previousEnd && next <= run.base ? run.base + 1 : next;
}

void StreamOrder::giveFirst(StreamProgress &progress, const HistoryRunBegin &run)
{
    const qint64 sequence = m_waiting.begin()->first;
    while (!m_waiting.empty() && m_waiting.begin()->first == sequence) {
        StreamedNotification &entry = m_waiting.begin()->second;
        m_waitingBytes -= entry.json.size();
        m_given.push_back({ sequence, qHash(entry.id) });
        progress.deliveries.push_back(std::move(entry));
        m_waiting.erase(m_waiting.begin());
    }
    while (m_given.size() > kRemembered)
        m_given.pop_front();
    m_last = sequence;
    if (m_last > run.base)
        m_run = run.mark;
}

void StreamOrder::skipTo(qint64 next, StreamProgress &progress, const HistoryRunBegin &run)
{
    if (next <= nextAfter(m_last, run) || progress.missedAfter)
        return;
    progress.missedAfter = position();
    progress.beforeMissed = progress.deliveries.size();
}

} // namespace gatehouse
