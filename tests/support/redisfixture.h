// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <atomic>
#include <vector>

#include <hiredis/hiredis.h>

#include <QtCore/QObject>
#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>

#include "server/redis/rediscalls.h"

namespace gatehouse {

/// A redis-server of a test's own, reached by a Unix-domain socket in a directory of its own; it ends with the object.
class RedisServerProcess final
{
public:
    explicit RedisServerProcess(QStringList options = {})
        : m_options(std::move(options))
    {
        start();
    }
    ~RedisServerProcess() { kill(); }
    Q_DISABLE_COPY_MOVE(RedisServerProcess)

    /// Returns when it has loaded its data and listens.
    void start()
    {
        m_process.setProcessChannelMode(QProcess::MergedChannels);
        m_process.setWorkingDirectory(m_dir.path());
        m_process.start(QStringLiteral("redis-server"),
            QStringList{ QStringLiteral("--port"), QStringLiteral("0"), QStringLiteral("--unixsocket"), socketPath(),
                QStringLiteral("--save"), QString(), QStringLiteral("--dir"), m_dir.path() }
                + m_options);
        QByteArray said;
        while (!said.contains("eady to accept connections")) {
            if (!m_process.waitForReadyRead(10'000))
                qFatal("redis-server did not start: %s", said.constData());
            said += m_process.readAll();
        }
    }
    void kill()
    {
        m_process.kill();
        m_process.waitForFinished();
    }
    [[nodiscard]] QString socketPath() const { return m_dir.filePath(QStringLiteral("redis.sock")); }

private:
    QTemporaryDir m_dir;
    QStringList m_options;
    QProcess m_process;
};

/// RedisCalls that waits for each answer, and then calls back from the event loop of the thread that it lives on, as
/// the contract asks. The test says when it is down.
class BlockingRedis final : public QObject, public RedisCalls
{
public:
    explicit BlockingRedis(const QString &socketPath)
        : m_context(redisConnectUnix(socketPath.toLocal8Bit().constData()))
    {
        if (!m_context || m_context->err)
            qFatal("no connection to redis-server");
    }
    ~BlockingRedis() override { redisFree(m_context); }
    Q_DISABLE_COPY_MOVE(BlockingRedis)

    void call(QByteArrayList command, Done done, std::chrono::milliseconds = kDeadline) override
    {
        answer(isUp() ? ask(command) : Result<RedisReply>(Error{ QStringLiteral("not connected"), rediserrors::kDown }),
            done);
    }
    void run(const RedisScript &script, QByteArrayList keys, QByteArrayList arguments, Done done,
        std::chrono::milliseconds deadline = kDeadline) override
    {
        call(QByteArrayList{ "EVAL", script.source(), QByteArray::number(keys.size()) } + keys + arguments,
            std::move(done), deadline);
    }
    [[nodiscard]] bool isUp() const override { return m_isUp; }
    void setUp(bool isUp) { m_isUp = isUp; }

    /// For the test itself, while nobody else calls.
    Result<RedisReply> ask(const QByteArrayList &command)
    {
        std::vector<const char *> texts;
        std::vector<size_t> sizes;
        for (const QByteArray &part : command) {
            texts.push_back(part.constData());
            sizes.push_back(size_t(part.size()));
        }
        void *raw = redisCommandArgv(m_context, int(texts.size()), texts.data(), sizes.data());
        if (!raw)
            return Error{ QString::fromUtf8(m_context->errstr), rediserrors::kDown };
        auto *reply = static_cast<redisReply *>(raw);
        Result<RedisReply> result = reply->type == REDIS_REPLY_ERROR
            ? Result<RedisReply>(Error{ QString::fromUtf8(reply->str, qsizetype(reply->len)), rediserrors::kRefused })
            : Result<RedisReply>(read(*reply));
        freeReplyObject(reply);
        return result;
    }

private:
    static RedisReply read(const redisReply &reply)
    {
        RedisReply made;
        if (reply.type == REDIS_REPLY_INTEGER) {
            made.type = RedisReply::Type::Integer;
            made.integer = reply.integer;
        } else if (reply.type == REDIS_REPLY_ARRAY) {
            made.type = RedisReply::Type::Array;
            std::transform(reply.element, reply.element + reply.elements, std::back_inserter(made.elements),
                [](const redisReply *element) { return read(*element); });
        } else if (reply.type != REDIS_REPLY_NIL) {
            made.type = RedisReply::Type::Text;
            made.text = QByteArray(reply.str, qsizetype(reply.len));
        }
        return made;
    }
    void answer(const Result<RedisReply> &reply, const Done &done)
    {
        QMetaObject::invokeMethod(
            this, [reply, done] { done(reply); }, Qt::QueuedConnection);
    }

    redisContext *m_context;
    std::atomic<bool> m_isUp{ true };
};

} // namespace gatehouse
