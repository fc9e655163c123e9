// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "server/notify/cursor.h"
#include "shared/protocol/notification.h"

namespace gatehouse {

/// What an entry of a stream says, checked by itself.
struct StreamedNotification
{
    qint64 sequence = 0;
    quint32 run = 0; ///< the mark of its cursor
    QString id;
    QByteArray json; ///< the notification as the channel carries it
    Audience to;
    std::optional<UtcTime> expiresAt{};
};

/// Where the newest run of the history began.
struct HistoryRunBegin
{
    quint32 mark = 0;       ///< 0: there is no run yet
    qint64 previousEnd = 0; ///< the last sequence before it
    qint64 base = 0;        ///< its first sequence is the next one; those in between do not exist
};

/// What all streams had beyond the reader's positions, and where the history had come to, at one moment.
struct StreamAnswer
{
    qint64 last = 0; ///< gatehouse:seq
    HistoryRunBegin run{};
    bool isComplete = false; ///< nothing was left for another answer
    std::vector<StreamedNotification> entries;
};

/// What can be given out now.
struct StreamProgress
{
    std::vector<StreamedNotification> deliveries{}; ///< in order
    /// Set if something is missing that will not come: everything up to here has been given out. The default cursor:
    /// the history is another one.
    std::optional<Cursor> missedAfter{};
    size_t beforeMissed = 0; ///< so many of the deliveries lie before what is missing
};

/// Puts what the streams bring into the order of publishing. Sequences have no gaps but where a run begins, so it knows
/// when something is missing; it waits for that until an answer is complete: what is not there then does not exist any
/// more. Numbers beyond the history's last one are refused, so that nobody can make it run ahead of what is really
/// published. A pure value; one thread.
class StreamOrder final
{
public:
    static constexpr size_t kRemembered = 4096; ///< deliveries of which it knows what stood for their number

    /// Everything up to here counts as given out.
    void restart(qint64 last, quint32 run);
    [[nodiscard]] StreamProgress take(StreamAnswer answer);

    /// Everything up to here has been given out, or does not exist.
    [[nodiscard]] Cursor position() const { return { m_run, m_last }; }
    /// What waits for something before it.
    [[nodiscard]] size_t waiting() const { return m_waiting.size(); }
    [[nodiscard]] qsizetype waitingBytes() const { return m_waitingBytes; }
    /// Entries that were not given out, because of their sequence.
    [[nodiscard]] qint64 refused() const { return m_refused; }

private:
    struct Given
    {
        qint64 sequence;
        size_t id; ///< hashed
    };
    void sortIn(StreamedNotification entry, qint64 last, StreamProgress &progress);
    [[nodiscard]] bool isAnotherThanGiven(const StreamedNotification &entry) const;
    [[nodiscard]] qint64 nextAfter(qint64 sequence, const HistoryRunBegin &run) const;
    void giveFirst(StreamProgress &progress, const HistoryRunBegin &run);
    void skipTo(qint64 next, StreamProgress &progress, const HistoryRunBegin &run);

    qint64 m_last = 0;
    quint32 m_run = 0;
    std::multimap<qint64, StreamedNotification> m_waiting;
    qsizetype m_waitingBytes = 0;
    std::deque<Given> m_given; ///< the newest, by sequence
    qint64 m_refused = 0;
};

} // namespace gatehouse
