// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/redis/redisprotocol.h"

#include <vector>

#include <hiredis/hiredis.h>

#include "server/redis/rediscalls.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

/// Builds a RedisReply while hiredis reads: it is told of each element in order. Arrays are not reserved by the length
/// that they announce.
struct RedisReplyReader::Builder
{
    RedisReply root;
    qsizetype elements = 0;

    static Builder &of(const redisReadTask *task) { return *static_cast<Builder *>(task->privdata); }

    /// Where the task's element goes. What lies above it does not move before it is whole. nullptr ends the reading.
    static RedisReply *place(const redisReadTask *task, RedisReply::Type type)
    {
        Builder &builder = of(task);
        if (++builder.elements > kMaxElements)
            return nullptr;
        RedisReply *reply = &builder.root;
        if (task->parent)
            reply = &static_cast<RedisReply *>(task->parent->obj)->elements.emplace_back();
        reply->type = type;
        return reply;
    }
    static void *string(const redisReadTask *task, char *text, size_t size)
    {
        RedisReply *reply
            = place(task, task->type == REDIS_REPLY_ERROR ? RedisReply::Type::Error : RedisReply::Type::Text);
        if (reply)
            reply->text = QByteArray(text, qsizetype(size));
        return reply;
    }
    static void *array(const redisReadTask *task, int) { return place(task, RedisReply::Type::Array); }
    static void *integer(const redisReadTask *task, long long value)
    {
        RedisReply *reply = place(task, RedisReply::Type::Integer);
        if (reply)
            reply->integer = value;
        return reply;
    }
    static void *nil(const redisReadTask *task) { return place(task, RedisReply::Type::Nil); }
    static void nothingToFree(void *) { } // all belong to `root`
};

void RedisReplyReader::FreeReader::operator()(redisReader *reader) const
{
    redisReaderFree(reader);
}

QByteArray encodeRedisCommand(const QByteArrayList &command)
{
    std::vector<const char *> arguments;
    std::vector<size_t> lengths;
    for (const QByteArray &argument : command) {
        arguments.push_back(argument.constData());
        lengths.push_back(size_t(argument.size()));
    }
    char *text = nullptr;
    const int length = redisFormatCommandArgv(&text, int(command.size()), arguments.data(), lengths.data());
    if (length < 0)
        qFatal("out of memory for a command to Redis");
    QByteArray encoded(text, length);
    redisFreeCommand(text);
    return encoded;
}

RedisReplyReader::RedisReplyReader(qsizetype maxReplyBytes)
    : m_maxReplyBytes(maxReplyBytes)
    , m_builder(std::make_unique<Builder>())
{
    static redisReplyObjectFunctions kFunctions{ &Builder::string, &Builder::array, &Builder::integer, &Builder::nil,
        &Builder::nothingToFree };
    m_reader.reset(redisReaderCreateWithFunctions(&kFunctions));
    if (!m_reader)
        qFatal("out of memory for a connection to Redis");
    m_reader->privdata = m_builder.get();
}

RedisReplyReader::~RedisReplyReader() = default;

void RedisReplyReader::feed(QByteArrayView bytes)
{
    if (m_isBroken)
        return;
    m_pendingBytes += bytes.size();
    m_isBroken = redisReaderFeed(m_reader.get(), bytes.data(), size_t(bytes.size())) != REDIS_OK;
}

Result<std::optional<RedisAnswer>> RedisReplyReader::next()
{
    void *reply = nullptr;
    if (m_isBroken || redisReaderGetReply(m_reader.get(), &reply) != REDIS_OK) {
        m_isBroken = true;
        if (m_builder->elements > kMaxElements)
            return Error{ u"an answer has more than %1 elements"_s.arg(kMaxElements), {} };
        return Error{ u"what came is no answer of Redis (%1)"_s.arg(QString::fromLatin1(m_reader->errstr)), {} };
    }
    if (!reply) {
        if (m_pendingBytes <= m_maxReplyBytes)
            return std::optional<RedisAnswer>();
        m_isBroken = true;
        return Error{ u"an answer is larger than %1 bytes"_s.arg(m_maxReplyBytes), {} };
    }
    m_pendingBytes = qsizetype(m_reader->len - m_reader->pos);
    RedisReply root = std::exchange(m_builder->root, {});
    m_builder->elements = 0;
    if (root.type == RedisReply::Type::Error)
        return std::optional<RedisAnswer>(Error{ QString::fromUtf8(root.text), rediserrors::kRefused });
    return std::optional<RedisAnswer>(std::move(root));
}

} // namespace gatehouse
