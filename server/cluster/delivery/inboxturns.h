// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "server/base/fairqueue.h"
#include "server/cluster/delivery/inboxtask.h"

namespace gatehouse {

/// Has the tasks of all users done, a step at a time and in turns over the users: few scripts of this node are on their
/// way at once, so that Redis serves others, and other nodes, between them. On the thread of the history's calls.
class InboxTurns final
{
public:
    static constexpr int kAtOnce = 2;
    static constexpr qsizetype kMostOfOne = 4096;
    static constexpr qsizetype kMostInAll = 65'536;

    /// `history` outlives it, and calls nobody back once this is destroyed.
    explicit InboxTurns(RedisHistory &history)
        : m_history(history)
    {
    }
    Q_DISABLE_COPY_MOVE(InboxTurns)

    /// Refuses what there is no room for with kStoreBusy.
    void add(const QString &user, std::shared_ptr<InboxTask> task);

private:
    using Task = std::shared_ptr<InboxTask>;
    void begin();

    RedisHistory &m_history;
    FairQueue<Task> m_queue{ kMostOfOne, kMostInAll };
    int m_underWay = 0;
};

} // namespace gatehouse
