// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QThread>
#include <QtTest/QTest>

#include "server/cluster/delivery/redisnotificationstore.h"
#include "server/notify/sqlitenotificationstore.h"
#include "tests/support/fakeclock.h"
#include "tests/support/recordinglog.h"
#include "tests/support/redisfixture.h"
#include "tests/support/storefixture.h"

namespace gatehouse {

/// A NotificationStore of one kind, for tests of what all kinds promise.
class AnyStore
{
public:
    virtual ~AnyStore() = default;
    [[nodiscard]] virtual NotificationStore &store() = 0;
    /// As a restart of the server.
    virtual void restart() = 0;
    /// Has the store forget what it need not keep; returns when that is done.
    virtual void purge() = 0;
};

class SqliteStore final : public AnyStore
{
public:
    explicit SqliteStore(const Clock &clock)
        : m_clock(clock)
    {
        open();
    }
    ~SqliteStore() override { m_fixture.reset(); } // first: its thread uses the store
    Q_DISABLE_COPY_MOVE(SqliteStore)

    [[nodiscard]] NotificationStore &store() override { return *m_store; }
    void restart() override
    {
        m_fixture->reopen();
        open();
    }
    void purge() override
    {
        m_store->purge();
        restart(); // a purge works in portions: the store's end is the end of all of them
    }

private:
    void open() { m_store = std::make_unique<SqliteNotificationStore>(m_fixture->store(), m_clock); }

    const Clock &m_clock;
    std::unique_ptr<StoreFixture> m_fixture
        = std::make_unique<StoreFixture>(std::vector<StoreThread::Work>{ SqliteNotificationStore::createTables });
    std::unique_ptr<SqliteNotificationStore> m_store;
};

/// A node's part of the store in Redis, on a thread of its own.
class RedisNode final : public AnyStore
{
public:
    RedisNode(const QString &socketPath, const Clock &clock, QByteArray server = "server")
        : m_socketPath(socketPath)
        , m_clock(clock)
        , m_server(std::move(server))
    {
        begin();
    }
    ~RedisNode() override { end(); }
    Q_DISABLE_COPY_MOVE(RedisNode)

    [[nodiscard]] NotificationStore &store() override { return *m_store; }
    [[nodiscard]] RecordingLog &log() { return m_log; }
    [[nodiscard]] RedisHistory &history() { return *m_history; }
    [[nodiscard]] PublishScript &publish() { return *m_publish; }
    void restart() override
    {
        end();
        begin();
    }
    void purge() override { } // what is gone goes by itself

    /// As if the link had come up, to a server with this run id.
    void join(const QByteArray &server)
    {
        m_server = server;
        inThread([this] { m_history->join(m_server); });
        inThread([] {}); // has been answered
    }
    void setUp(bool isUp) { m_redis->setUp(isUp); }
    /// As when the server ends.
    void detach()
    {
        inThread([this] { m_store->detach(); });
    }
    /// A command of the test's own.
    RedisReply ask(const QByteArrayList &command)
    {
        Result<RedisReply> reply{ RedisReply() };
        inThread([&] { reply = m_redis->ask(command); });
        if (!reply)
            qFatal("%s", qPrintable(reply.error().message));
        return std::move(reply).value();
    }
    template <typename Work> void inThread(Work work)
    {
        QMetaObject::invokeMethod(m_redis, work, Qt::BlockingQueuedConnection);
    }

private:
    void begin()
    {
        m_redis = new BlockingRedis(m_socketPath);
        m_history = std::make_unique<RedisHistory>(*m_redis, m_log);
        m_publish = std::make_unique<PublishScript>(*m_history, m_clock);
        m_store = std::make_unique<RedisNotificationStore>(*m_history, *m_publish, *m_redis, m_clock, m_log);
        m_thread = std::make_unique<QThread>();
        m_redis->moveToThread(m_thread.get());
        QObject::connect(m_thread.get(), &QThread::finished, m_redis, &QObject::deleteLater);
        m_thread->start();
        join(m_server);
    }
    void end()
    {
        inThread([] {}); // what was asked has been answered
        inThread([] {});
        m_thread->quit();
        m_thread->wait();
    }

    QString m_socketPath;
    const Clock &m_clock;
    QByteArray m_server;
    RecordingLog m_log;
    BlockingRedis *m_redis = nullptr; ///< ends with the thread
    std::unique_ptr<RedisHistory> m_history;
    std::unique_ptr<PublishScript> m_publish;
    std::unique_ptr<RedisNotificationStore> m_store;
    std::unique_ptr<QThread> m_thread;
};

/// Makes empty stores of each kind, for a test class whose initTestCase_data() calls addKinds(), and whose init()
/// make().
class StoreKinds final
{
public:
    static void addKinds()
    {
        QTest::addColumn<bool>("isRedis");
        QTest::newRow("sqlite") << false;
        QTest::newRow("redis") << true;
    }
    /// Of the kind that the test's global data names.
    [[nodiscard]] std::unique_ptr<AnyStore> make(const Clock &clock)
    {
        QFETCH_GLOBAL(const bool, isRedis);
        if (!isRedis)
            return std::make_unique<SqliteStore>(clock);
        if (!m_server)
            m_server = std::make_unique<RedisServerProcess>();
        (void)BlockingRedis(m_server->socketPath()).ask({ "FLUSHALL" });
        return std::make_unique<RedisNode>(m_server->socketPath(), clock);
    }

private:
    std::unique_ptr<RedisServerProcess> m_server;
};

} // namespace gatehouse
