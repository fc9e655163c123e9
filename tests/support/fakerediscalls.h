// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>

#include "server/redis/rediscalls.h"

namespace gatehouse {

/// A Redis whose answers the test makes up, one call after the other.
class FakeRedisCalls final : public RedisCalls
{
public:
    struct Call
    {
        QByteArrayList command; ///< of a script: its arguments
        const RedisScript *script = nullptr;
        Done done;
    };

    void call(QByteArrayList command, Done done, std::chrono::milliseconds = kDeadline) override
    {
        calls.push_back({ std::move(command), nullptr, std::move(done) });
    }
    void run(const RedisScript &script, QByteArrayList, QByteArrayList arguments, Done done,
        std::chrono::milliseconds = kDeadline) override
    {
        calls.push_back({ std::move(arguments), &script, std::move(done) });
    }
    [[nodiscard]] bool isUp() const override { return isLinkUp; }

    /// Answers the oldest call.
    void answer(const Result<RedisReply> &reply)
    {
        const Call call = std::move(calls.front());
        calls.pop_front();
        call.done(reply);
    }
    void fail(QLatin1StringView code, const QString &message = {}) { answer(Error{ message, code }); }

    std::deque<Call> calls; ///< unanswered
    bool isLinkUp = true;
};

inline RedisReply textReply(const QByteArray &text)
{
    return { RedisReply::Type::Text, 0, text };
}

inline RedisReply integerReply(qint64 integer)
{
    return { RedisReply::Type::Integer, integer };
}

inline RedisReply arrayReply(std::vector<RedisReply> elements)
{
    return { RedisReply::Type::Array, 0, {}, std::move(elements) };
}

/// An array of texts.
inline RedisReply textsReply(const QByteArrayList &texts)
{
    RedisReply reply = arrayReply({});
    for (const QByteArray &text : texts)
        reply.elements.push_back(textReply(text));
    return reply;
}

} // namespace gatehouse
