// SPDX-License-Identifier: GPL-3.0-or-later
// What the store in Redis does beyond what every store does: Redis may be away, and others may have written into it.
#include <QtTest/QTest>

#include "server/notify/inboxmerge.h"
#include "tests/support/anystore.h"
#include "tests/support/publishrequests.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

using Marked = std::pair<QStringList, qint64>;

InboxEntry entry(qint64 sequence, UtcTime until)
{
    InboxEntry made;
    made.sequence = sequence;
    made.id = QString::number(sequence);
    made.until = until;
    return made;
}

} // namespace

class TestRedisNotificationStore final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_server = std::make_unique<RedisServerProcess>(); }
    void cleanupTestCase() { m_server.reset(); }
    void init()
    {
        (void)BlockingRedis(m_server->socketPath()).ask({ "FLUSHALL" });
        m_node = std::make_unique<RedisNode>(m_server->socketPath(), m_clock);
    }
    void cleanup() { m_node.reset(); }

    void isAwayWhileRedisIs_data()
    {
        QTest::addColumn<bool>("isDetached");
        QTest::newRow("Redis is down") << false;
        QTest::newRow("this node has left") << true;
    }
    void isAwayWhileRedisIs()
    {
        QFETCH(const bool, isDetached);
        const quint32 run = m_node->store().run();
        QVERIFY(run != 0);
        m_node->setUp(false);
        if (isDetached)
            m_node->detach();
        NotificationStore &store = m_node->store();
        QCOMPARE(awaitCallback<Result<Inbox>>([&](auto done) {
            store.loadInbox({ u"1"_s, {} }, done);
        })
                     .error()
                     .field,
            kStoreAway);
        QCOMPARE(awaitCallback<Result<std::vector<StoredNotification>>>(
                     [&](auto done) { store.append({ requestToUser(u"1"_s, u"a"_s) }, done); })
                     .error()
                     .field,
            kStoreAway);
        QCOMPARE(awaitCallback<Result<KeyedOutcome>>([&](auto done) {
            store.appendOnce({ u"backend"_s, "k", "d" }, { QString() }, { requestToUser(u"1"_s, u"a"_s) }, done);
        })
                     .error()
                     .field,
            kStoreAway);
        QCOMPARE(awaitCallback<Result<Marked>>([&](auto done) { store.markAllRead(u"1"_s, {}, done); }).error().field,
            kStoreAway);
        QCOMPARE(awaitCallback<Result<Marked>>([&](auto done) { store.markRead(u"1"_s, {}, { u"x"_s }, done); })
                     .error()
                     .field,
            kStoreAway);
        QCOMPARE(store.run(), run);
        QVERIFY(m_node->log().lines().empty()
            || m_node->log().lines().back().event != u"redis_store_failed"_s); // the link says it
    }

    void leavesOutWhatIsNoNotification_data()
    {
        QTest::addColumn<QByteArrayList>("command");
        QTest::newRow("garbage") << QByteArrayList{ "SET", "SEQ", "{" };
        QTest::newRow("another shape") << QByteArrayList{ "SET", "SEQ", R"({"id":5})" };
        QTest::newRow("huge") << QByteArrayList{ "SETRANGE", "SEQ", "10000000", "x" };
        QTest::newRow("deep") << QByteArrayList{ "SET", "SEQ", QByteArray(5000, '[') };
        QTest::newRow("another type") << QByteArrayList{ "LPUSH", "SEQ", "x" };
    }
    void leavesOutWhatIsNoNotification()
    {
        QFETCH(QByteArrayList, command);
        const qint64 bad = append(u"bad"_s);
        append(u"good"_s);
        command[1] = "gatehouse:notification:" + QByteArray::number(bad);
        (void)m_node->ask({ "DEL", command[1] });
        (void)m_node->ask(command);
        const Result<Inbox> inbox = load();
        QVERIFY(inbox);
        QCOMPARE(inbox->notifications.size(), size_t(1));
        QCOMPARE(inbox->notifications[0].notification.title, u"good"_s);
        QVERIFY(inbox->isTruncated); // one that was published cannot be shown
        QCOMPARE(m_node->log().lines().back().event, u"redis_store_failed"_s);
    }

    void passesOverEntriesThatAreNone()
    {
        append(u"good"_s);
        for (const char *member : { "x", "a:b:c:d", "01J00000000000000000000000:1:1",
                 "01J00000000000000000000000:-5:0:0", "01J00000000000000000000000:99999999999999999999:0:0", "" })
            (void)m_node->ask({ "ZADD", "gatehouse:inbox:u:1", "5", member });
        (void)m_node->ask({ "ZADD", "gatehouse:inbox:u:1", "-inf", "01J00000000000000000000000:1:0:0" });
        (void)m_node->ask({ "ZADD", "gatehouse:inbox:u:1", "1e300", "01J00000000000000000000001:1:0:0" });
        const Result<Inbox> inbox = load();
        QVERIFY(inbox);
        QCOMPARE(inbox->notifications.size(), size_t(1));
        QCOMPARE(inbox->unreadCount, 1);
        QCOMPARE(awaitCallback<Result<Marked>>([&](auto done) {
            m_node->store().markAllRead(u"1"_s, {}, done);
        })->first.size(),
            1);
    }

    void refusesKeysOfAnotherType_data()
    {
        QTest::addColumn<QByteArray>("key");
        for (const char *key : { "gatehouse:inbox:u:1", "gatehouse:inbox:all", "gatehouse:user:1", "gatehouse:read:1" })
            QTest::newRow(key) << QByteArray(key);
    }
    void refusesKeysOfAnotherType()
    {
        QFETCH(const QByteArray, key);
        append(u"a"_s);
        (void)m_node->ask({ "DEL", key });
        (void)m_node->ask({ "HSET", key, "a", "b" });
        const Result<Inbox> inbox = load();
        QVERIFY(!inbox);
        QVERIFY(inbox.error().field != kStoreAway); // it will not be better later
        QVERIFY(!awaitCallback<Result<Marked>>([&](auto done) { m_node->store().markAllRead(u"1"_s, {}, done); }));
        QCOMPARE(m_node->log().lines().back().event, u"redis_store_failed"_s);
    }

    void saysThatSomeAreGoneWithTheirInbox()
    {
        const Cursor start{ load()->run, load()->lastSequence };
        append(u"gone"_s);
        (void)m_node->ask({ "DEL", "gatehouse:inbox:u:1" }); // as when nothing came for 30 days
        QVERIFY(load(start)->isTruncated);
        append(u"new"_s);
        const Result<Inbox> inbox = load(start);
        QCOMPARE(inbox->notifications.size(), size_t(1));
        QVERIFY(inbox->isTruncated);
        QVERIFY(!load(Cursor{ inbox->run, inbox->notifications[0].sequence - 1 })->isTruncated);
    }

    void whatIsPushedOutBetweenTheScriptsTruncates()
    {
        const UtcTime now = m_clock.utc();
        ReaderIndex index{ 7, 9, 0, 0 };
        index.inboxes.push_back({ { entry(5, now + 24h), entry(4, now + 1s), entry(3, now + 24h) }, {}, 0, true });
        Notification shown;
        shown.title = u"shown"_s;
        InboxMerge expired(index, { u"1"_s, {}, Cursor{ 7, 0 } }, now);
        QCOMPARE(expired.toRead().size(), size_t(3));
        QVERIFY(!expired.finish({ { shown, std::nullopt, shown }, {} }).isTruncated); // its time had come
        InboxMerge pushedOut(index, { u"1"_s, {}, Cursor{ 7, 0 } }, now);
        const Inbox inbox = pushedOut.finish({ { std::nullopt, shown, shown }, {} });
        QVERIFY(inbox.isTruncated && !inbox.hasMore);
        QCOMPARE(inbox.notifications.size(), size_t(2));
        QCOMPARE(inbox.lastSequence, 9);
    }

    void forgetsMarksOfWhatIsGone()
    {
        for (int i = 0; i < 30; ++i) {
            const qint64 sequence = append(QString::number(i));
            (void)awaitCallback<Result<Marked>>([&](auto done) { m_node->store().markAllRead(u"1"_s, {}, done); });
            (void)m_node->ask({ "DEL", "gatehouse:notification:" + QByteArray::number(sequence) });
        }
        QVERIFY(m_node->ask({ "ZCARD", "gatehouse:read:1" }).integer < 12);
    }

private:
    qint64 append(const QString &title)
    {
        return awaitCallback<Result<std::vector<StoredNotification>>>(
            [&](auto done) { m_node->store().append({ requestToUser(u"1"_s, title) }, done); })
            .value()
            .at(0)
            .sequence;
    }
    Result<Inbox> load(std::optional<Cursor> after = {})
    {
        return awaitCallback<Result<Inbox>>([&](auto done) { m_node->store().loadInbox({ u"1"_s, {}, after }, done); });
    }

    FakeClock m_clock;
    std::unique_ptr<RedisServerProcess> m_server;
    std::unique_ptr<RedisNode> m_node;
};

QTEST_GUILESS_MAIN(TestRedisNotificationStore)
#include "tst_redisnotificationstore.moc"
