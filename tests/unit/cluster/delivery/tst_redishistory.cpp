// SPDX-License-Identifier: GPL-3.0-or-later
// Which cursors hold when the Redis server is another, or is not what it was; and that no number is given out twice.
#include <QtTest/QTest>

#include "tests/support/anystore.h"
#include "tests/support/publishrequests.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestRedisHistory final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_server = std::make_unique<RedisServerProcess>(); }
    void cleanupTestCase() { m_server.reset(); }
    void init()
    {
        (void)BlockingRedis(m_server->socketPath()).ask({ "FLUSHALL" });
        m_node = std::make_unique<RedisNode>(m_server->socketPath(), m_clock, "first");
    }
    void cleanup() { m_node.reset(); }

    void nodesShareARun()
    {
        RedisNode other(m_server->socketPath(), m_clock, "first");
        QVERIFY(m_node->history().mark() != 0);
        QCOMPARE(other.history().mark(), m_node->history().mark());
        const qint64 sequence = append(*m_node, u"a"_s);
        QCOMPARE(append(other, u"b"_s), sequence + 1);
        m_node->restart();
        QCOMPARE(m_node->history().mark(), other.history().mark());
    }

    void anotherServerIsAnotherRun()
    {
        append(*m_node, u"a"_s);
        const Cursor before = cursorOf(load());
        const qint64 last = append(*m_node, u"b"_s);
        m_node->join("second");
        QVERIFY(m_node->history().mark() != before.run);
        QCOMPARE(append(*m_node, u"c"_s), last + RedisHistory::kRunStep + 1);
        const Inbox inbox = load(before);
        QCOMPARE(titles(inbox), (QStringList{ u"b"_s, u"c"_s })); // nothing was lost, and the cursor holds
        QVERIFY(!inbox.isTruncated);
        QCOMPARE(inbox.run, m_node->history().mark());
    }

    void whatAReplicaNeverGotIsLostAndKnownToBe()
    {
        append(*m_node, u"a"_s);
        const Cursor before = cursorOf(load());
        // The replica that takes over has not got the last two.
        const QByteArray last = m_node->ask({ "GET", "gatehouse:seq" }).text;
        append(*m_node, u"lost"_s);
        const qint64 lost = append(*m_node, u"lost too"_s);
        const Cursor gone = cursorOf(load());
        for (int i = 0; i < 2; ++i)
            (void)m_node->ask({ "DEL", "gatehouse:notification:" + QByteArray::number(lost - i) });
        (void)m_node->ask({ "ZREMRANGEBYSCORE", "gatehouse:inbox:u:1", '(' + last, "+inf" });
        (void)m_node->ask({ "SET", "gatehouse:seq", last });
        m_node->join("replica");
        QCOMPARE(append(*m_node, u"new"_s), lost + RedisHistory::kRunStep + 1); // beyond all that was given out
        const Inbox ofGone = load(gone);
        QCOMPARE(titles(ofGone), (QStringList{ u"a"_s, u"new"_s })); // what is unread
        QVERIFY(ofGone.isTruncated);
        const Inbox ofBefore = load(before);
        QCOMPARE(titles(ofBefore), QStringList{ u"new"_s });
        QVERIFY(ofBefore.isTruncated); // it never got the lost ones
        QVERIFY(!load(cursorOf(ofBefore)).isTruncated);
    }

    void theNodeThatKnowsMoreSaysThatSomeAreLost()
    {
        RedisNode other(m_server->socketPath(), m_clock, "first");
        append(*m_node, u"a"_s);
        const Cursor before = cursorOf(load());
        const QByteArray last = m_node->ask({ "GET", "gatehouse:seq" }).text;
        append(other, u"lost"_s);
        (void)m_node->ask({ "ZREMRANGEBYSCORE", "gatehouse:inbox:u:1", '(' + last, "+inf" });
        (void)m_node->ask({ "SET", "gatehouse:seq", last });
        m_node->join("replica"); // has not heard of the lost one
        QVERIFY(!load(before).isTruncated);
        other.join("replica");
        QCOMPARE(other.history().mark(), m_node->history().mark());
        QVERIFY(load(before).isTruncated);
    }

    void aServerThatLostEverythingIsAnotherRun()
    {
        append(*m_node, u"a"_s);
        const Inbox before = load();
        (void)m_node->ask({ "FLUSHALL" }); // while all are connected: nobody is told
        const qint64 next = append(*m_node, u"b"_s);
        QVERIFY(next > before.lastSequence + RedisHistory::kRunStep);
        const Inbox inbox = load(cursorOf(before));
        QCOMPARE(titles(inbox), QStringList{ u"b"_s });
        QVERIFY(inbox.isTruncated);
        QVERIFY(inbox.run != before.run);
        QCOMPARE(m_node->history().mark(), inbox.run);
    }

    void readingNoticesToo()
    {
        append(*m_node, u"a"_s);
        const Inbox before = load();
        (void)m_node->ask({ "FLUSHALL" });
        const Inbox inbox = load(cursorOf(before));
        QVERIFY(inbox.isTruncated);
        QVERIFY(inbox.notifications.empty());
        QVERIFY(inbox.run != before.run);
    }

    void aNodeWithHigherNumbersBeginsAnew()
    {
        for (int i = 0; i < 3; ++i)
            append(*m_node, u"a"_s);
        const qint64 high = load().lastSequence;
        (void)m_node->ask({ "FLUSHALL" });
        RedisNode fresh(m_server->socketPath(), m_clock, "first"); // knows of nothing
        QVERIFY(append(fresh, u"b"_s) < high);
        m_node->join("first");
        QVERIFY(append(*m_node, u"c"_s) > high + RedisHistory::kRunStep);
        QVERIFY(append(fresh, u"d"_s) > high + RedisHistory::kRunStep);
    }

    void severalNodesThatNoticeAtOnceBeginOneRun()
    {
        RedisNode other(m_server->socketPath(), m_clock, "first");
        (void)m_node->ask({ "FLUSHALL" });
        append(*m_node, u"a"_s);
        append(other, u"b"_s);
        QCOMPARE(m_node->ask({ "LLEN", "gatehouse:runs" }).integer, 1);
        QCOMPARE(load().notifications.size(), size_t(2));
    }

    void aNodeThatHasNotNoticedWritesNothing()
    {
        RedisNode other(m_server->socketPath(), m_clock, "first");
        m_node->join("second");
        const QByteArray second = m_node->ask({ "LINDEX", "gatehouse:runs", "-1" }).text;
        append(other, u"a"_s); // begins the next run first: each is sure of its own server
        QVERIFY(m_node->ask({ "LINDEX", "gatehouse:runs", "-1" }).text != second);
        append(*m_node, u"b"_s);
        QCOMPARE(m_node->ask({ "LLEN", "gatehouse:runs" }).integer, 4);
    }

    void forgetsTheOldest()
    {
        const Cursor first = cursorOf(load());
        for (int i = 0; i < RedisHistory::kMaxRuns - 1; ++i)
            m_node->join(QByteArray::number(i));
        QVERIFY(!load(first).isTruncated);
        m_node->join("one more");
        QVERIFY(load(first).isTruncated);
        QCOMPARE(m_node->ask({ "LLEN", "gatehouse:runs" }).integer, RedisHistory::kMaxRuns);
    }

    void hostileHistories_data()
    {
        QTest::addColumn<QByteArrayList>("command");
        QTest::addColumn<bool>("isMended");
        QTest::newRow("a sequence that is none") << QByteArrayList{ "SET", "gatehouse:seq", "abc" } << true;
        QTest::newRow("a far too large one") << QByteArrayList{ "SET", "gatehouse:seq", "1e300" } << false;
        QTest::newRow("a negative one") << QByteArrayList{ "SET", "gatehouse:seq", "-5" } << false;
        QTest::newRow("a run that is none") << QByteArrayList{ "RPUSH", "gatehouse:runs", "x:y" } << true;
        QTest::newRow("another type") << QByteArrayList{ "RPUSH", "gatehouse:other", "1" } << true;
        QTest::newRow("no list") << QByteArrayList{ "RENAME", "gatehouse:seq", "gatehouse:runs" } << false;
    }
    void hostileHistories()
    {
        QFETCH(const QByteArrayList, command);
        QFETCH(const bool, isMended);
        (void)m_node->ask(command);
        const auto outcome = awaitCallback<Result<std::vector<StoredNotification>>>(
            [this](auto done) { m_node->store().append({ requestToUser(u"1"_s, u"a"_s) }, done); });
        QCOMPARE(outcome.isOk(), isMended);
        if (!isMended) {
            QVERIFY(!outcome.error().message.isEmpty());
            QVERIFY(!m_node->log().lines().empty());
        }
    }

private:
    qint64 append(RedisNode &node, const QString &title)
    {
        return awaitCallback<Result<std::vector<StoredNotification>>>(
            [&](auto done) { node.store().append({ requestToUser(u"1"_s, title) }, done); })
            .value()
            .at(0)
            .sequence;
    }
    Inbox load(std::optional<Cursor> after = {})
    {
        return awaitCallback<Result<Inbox>>([&](auto done) {
            m_node->store().loadInbox({ u"1"_s, {}, after }, done);
        }).value();
    }

    FakeClock m_clock;
    std::unique_ptr<RedisServerProcess> m_server;
    std::unique_ptr<RedisNode> m_node;
};

QTEST_GUILESS_MAIN(TestRedisHistory)
#include "tst_redishistory.moc"
