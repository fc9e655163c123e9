// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "server/cluster/delivery/inboxscripts.h"
#include "server/cluster/delivery/redishistory.h"

namespace gatehouse {

/// What a user has asked of the inboxes in Redis, done in steps of one script each, which looks at a portion: so
/// nobody's full inbox holds Redis for long. On the thread of the history's calls. Keeps itself alive while a step is
/// under way (it is shared).
class InboxTask
{
public:
    /// Whether it is over; false: there is another step.
    using Ended = std::function<void(bool isOver)>;

    virtual ~InboxTask() = default;
    /// Runs the next script. `ended` is called once, later, after the answer has been given if it is over.
    virtual void step(RedisHistory &history, Ended ended) = 0;
    /// It will not be done.
    virtual void refuse(const Error &error) = 0;
};

} // namespace gatehouse
