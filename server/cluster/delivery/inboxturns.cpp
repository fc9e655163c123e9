// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/inboxturns.h"

#include "server/notify/notificationstore.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

void InboxTurns::add(const QString &user, Task task)
{
    if (m_queue.add(user, task))
        begin();
    else
        task->refuse({ u"too much is asked for at the same time"_s, kStoreBusy });
}

void InboxTurns::begin()
{
    while (m_underWay < kAtOnce) {
        const std::optional<FairQueue<Task>::Turn> next = m_queue.next();
        if (!next)
            return;
        ++m_underWay;
        next->item->step(m_history, [this, user = next->who, task = next->item](bool isOver) {
            --m_underWay;
            if (isOver)
                m_queue.done(user);
            else
                m_queue.again(user, task);
            begin();
        });
    }
}

} // namespace gatehouse
