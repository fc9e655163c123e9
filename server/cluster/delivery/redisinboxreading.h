// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "server/cluster/delivery/inboxtask.h"

namespace gatehouse {

/// One list that is being read from Redis. It says what there was at the moment of its first step: what is published
/// later is not in it, and what is pushed out before its content has been read makes it truncated.
class RedisInboxReading final : public InboxTask, public std::enable_shared_from_this<RedisInboxReading>
{
public:
    using Done = std::function<void(Result<Inbox>)>;
    /// Told of a content that is no notification; the rest is listed all the same.
    using Refused = std::function<void(const QString &why)>;

    /// `clock` outlives it.
    RedisInboxReading(InboxQuery query, const Clock &clock, Done done, Refused refused);

    void step(RedisHistory &history, Ended ended) override;
    void refuse(const Error &error) override { m_done(error); }

private:
    [[nodiscard]] Result<bool> tookIndex(RedisHistory &history, const Result<RedisReply> &reply);
    [[nodiscard]] Result<bool> tookContents(const Result<RedisReply> &reply, qsizetype asked, qint64 maxBytes);
    void end(const Result<bool> &isOver, const Ended &ended);
    [[nodiscard]] bool finish();

    inboxscripts::IndexQuestion m_question;
    const Clock &m_clock;
    Done m_done;
    Refused m_refused;
    inboxscripts::IndexPlace m_place;
    ReaderIndex m_index;
    std::optional<InboxMerge> m_merge; ///< once the index is complete
    ReadContents m_contents;
};

} // namespace gatehouse
