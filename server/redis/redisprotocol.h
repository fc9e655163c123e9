// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>

#include <QtCore/QByteArrayList>

#include "server/redis/redisreply.h"
#include "shared/util/result.h"

struct redisReader;

namespace gatehouse {

/// A command as Redis reads it. Not for an empty one.
[[nodiscard]] QByteArray encodeRedisCommand(const QByteArrayList &command);

/// What Redis answered to one call: a reply, or an error with the code rediserrors::kRefused and Redis' text.
using RedisAnswer = Result<RedisReply>;

/// Makes answers of the bytes that Redis sends, in pieces of any size (RESP2, read by hiredis). What it holds of one
/// answer is bounded in bytes, elements and depth (hiredis: 7). After an error nothing more can be read: the connection
/// has lost its place. One thread.
class RedisReplyReader final
{
public:
    static constexpr qsizetype kMaxElements = 1'000'000; ///< of one answer, in all its depths

    explicit RedisReplyReader(qsizetype maxReplyBytes);
    ~RedisReplyReader();
    Q_DISABLE_COPY_MOVE(RedisReplyReader)

    void feed(QByteArrayView bytes);
    /// The next whole answer; nullopt until more is fed. An error says what is wrong with the bytes.
    [[nodiscard]] Result<std::optional<RedisAnswer>> next();

private:
    struct Builder;
    struct FreeReader
    {
        void operator()(redisReader *reader) const;
    };

    qsizetype m_maxReplyBytes;
    qsizetype m_pendingBytes = 0; ///< fed, of answers that are not whole yet
    bool m_isBroken = false;
    std::unique_ptr<Builder> m_builder;
    std::unique_ptr<redisReader, FreeReader> m_reader;
};

} // namespace gatehouse
