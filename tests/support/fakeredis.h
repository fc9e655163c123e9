// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>

#include "server/redis/rediscalls.h"

namespace gatehouse {

/// Redis as a test wants it: remembers what it was asked, and answers when it is told to. One thread.
class FakeRedis final : public RedisCalls
{
public:
    struct Asked
    {
        const RedisScript *script; ///< null for a command
        QByteArrayList keys;       ///< the command itself, if it is one
        QByteArrayList arguments;
        Done done;
    };

    void call(QByteArrayList command, Done done, std::chrono::milliseconds) override
    {
        asked.push_back({ nullptr, std::move(command), {}, std::move(done) });
    }
    void run(const RedisScript &script, QByteArrayList keys, QByteArrayList arguments, Done done,
        std::chrono::milliseconds) override
    {
        asked.push_back({ &script, std::move(keys), std::move(arguments), std::move(done) });
    }
    [[nodiscard]] bool isUp() const override { return isLinkUp; }

    /// Answers what has waited longest, and returns it.
    Asked answer(const Result<RedisReply> &reply)
    {
        Asked first = std::move(asked.front());
        asked.pop_front();
        first.done(reply);
        return first;
    }
    [[nodiscard]] static RedisReply integers(const std::vector<qint64> &values)
    {
        RedisReply reply{ RedisReply::Type::Array };
        for (const qint64 value : values)
            reply.elements.push_back({ RedisReply::Type::Integer, value });
        return reply;
    }
    [[nodiscard]] static RedisReply integer(qint64 value) { return { RedisReply::Type::Integer, value }; }

    std::deque<Asked> asked;
    bool isLinkUp = true;
};

} // namespace gatehouse
