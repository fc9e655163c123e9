// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/notify/historyruns.h"
#include "server/notify/inboxwalk.h"

namespace gatehouse {

/// One list that is being read from the state file, a portion at a time: first what the inboxes hold, then the contents
/// that are listed. It says what there was at the moment of its first portion: what is published later is not in it,
/// and what is deleted before its content has been read makes it truncated. For one reader thread at a time.
class InboxReading final
{
public:
    static constexpr qint64 kPortionBytes = 64 * 1024; ///< of contents

    /// `runs` outlives it; `since` is when the user became known.
    InboxReading(const HistoryRuns &runs, InboxQuery query, qint64 since, UtcTime now);

    /// Reads the next portion; the list with the last one.
    [[nodiscard]] Result<std::optional<Inbox>> step(Database &database);
    /// The sequence that the cursor stands for; nullopt without one that is of this history. From the first step on.
    [[nodiscard]] std::optional<qint64> after() const { return m_index.after; }

private:
    [[nodiscard]] Status begin(Database &database);

    const HistoryRuns &m_runs;
    InboxQuery m_query;
    InboxReader m_reader;
    ReaderIndex m_index;
    std::optional<InboxWalk> m_walk;
    std::optional<InboxMerge> m_merge; ///< once the walk is at its end
    ReadContents m_contents;
};

} // namespace gatehouse
