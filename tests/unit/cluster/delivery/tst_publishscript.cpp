// SPDX-License-Identifier: GPL-3.0-or-later
// What one publish leaves in a real Redis, and that it leaves all of it or nothing.
#include <QtTest/QTest>

#include "server/cluster/delivery/notificationcodec.h"
#include "tests/support/anystore.h"
#include "tests/support/publishrequests.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using Kind = RedisPublished::Kind;

namespace {

PublishKey key(const QByteArray &text, const QByteArray &digest = "body", const QString &user = u"backend"_s)
{
    return { user, text, digest };
}

} // namespace

class TestPublishScript final : public QObject
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

    void writesContentInboxesAndStream()
    {
        PublishRequest brief = requestTo(ToUsers{ { u"1"_s, u"ก"_s, u"1"_s } });
        brief.ttl = 60s;
        const RedisPublished published = publish({ { brief, requestTo(ToAll{}) } });
        QCOMPARE(published.kind, Kind::Stored);
        QCOMPARE(published.run, m_node->history().mark());
        QCOMPARE(published.notifications.size(), size_t(2));
        const qint64 first = published.notifications[0].sequence;
        QCOMPARE(first, RedisHistory::kRunStep + 1);
        QCOMPARE(published.notifications[1].sequence, first + 1);
        const QByteArray number = QByteArray::number(first);
        const QByteArray json = notificationcodec::encode(published.notifications[0].notification);
        QCOMPARE(text({ "GET", "gatehouse:notification:" + number }), json);
        QVERIFY(m_node->ask({ "PTTL", "gatehouse:notification:" + number }).integer <= 60'000);
        QVERIFY(m_node->ask({ "TTL", "gatehouse:notification:" + QByteArray::number(first + 1) }).integer > 29 * 86400);
        for (const char *inbox : { "gatehouse:inbox:u:1", "gatehouse:inbox:u:ก" }) {
            const RedisReply members = m_node->ask({ "ZRANGE", inbox, "0", "-1", "WITHSCORES" });
            QCOMPARE(members.elements.size(), size_t(2)); // once, though one is named twice
            QVERIFY(members.elements[0].text.startsWith(published.notifications[0].notification.id.toLatin1()));
            QCOMPARE(members.elements[1].toInteger(), first);
            QVERIFY(m_node->ask({ "TTL", inbox }).integer > 29 * 86400);
        }
        const QByteArray stream = "gatehouse:stream:" + QByteArray::number(notificationcodec::streamShardOf("u:1"));
        const RedisReply entries = m_node->ask({ "XRANGE", stream, "-", "+" });
        QCOMPARE(entries.elements.size(), size_t(1));
        const QByteArrayList expected{ "s", number, "n", json, "t", R"({"users":["1","ก","1"]})", "r",
            QByteArray::number(published.run), "e",
            QByteArray::number(m_clock.utc().time_since_epoch().count() + 60'000) };
        QByteArrayList fields;
        for (const RedisReply &field : entries.elements[0].elements[1].elements)
            fields << field.text;
        QCOMPARE(fields, expected);
        QCOMPARE(
            m_node->ask({ "XLEN", "gatehouse:stream:" + QByteArray::number(notificationcodec::streamShardOf("all")) })
                .integer,
            1);
    }

    void aKeyPublishesOnce()
    {
        const RedisPublished first = publish(
            { { requestToUser(u"1"_s), requestToUser(u"1"_s) }, key("k"), { QString(), u"ephemeral"_s, QString() } });
        QCOMPARE(first.kind, Kind::Stored);
        QCOMPARE(first.ids,
            (QStringList{
                first.notifications[0].notification.id, u"ephemeral"_s, first.notifications[1].notification.id }));
        const RedisPublished again = publish(
            { { requestToUser(u"1"_s), requestToUser(u"1"_s) }, key("k"), { QString(), u"another"_s, QString() } });
        QCOMPARE(again.kind, Kind::Replayed);
        QCOMPARE(again.ids, first.ids);
        QCOMPARE(publish({ { requestToUser(u"1"_s) }, key("k", "another"), { QString() } }).kind, Kind::Refused);
        QCOMPARE(text({ "GET", "gatehouse:seq" }).toLongLong(), first.notifications[1].sequence);
    }

    void keysOfUsersWithColonsAreTheirOwn()
    {
        QCOMPARE(publish({ { requestToUser(u"1"_s) }, key("b:c", "body", u"a"_s), { QString() } }).kind, Kind::Stored);
        QCOMPARE(
            publish({ { requestToUser(u"1"_s) }, key("c", "another", u"a:b"_s), { QString() } }).kind, Kind::Stored);
    }

    void takesItsEntryOnce()
    {
        (void)m_node->ask({ "XGROUP", "CREATE", "gatehouse:publish", "nodes", "0", "MKSTREAM" });
        const QByteArray entry = text({ "XADD", "gatehouse:publish", "*", "n", "{}" });
        (void)m_node->ask({ "XREADGROUP", "GROUP", "nodes", "a", "STREAMS", "gatehouse:publish", ">" });
        QCOMPARE(publish({ { requestToUser(u"1"_s) }, key("k"), { QString() }, entry, "nodes" }).kind, Kind::Stored);
        QCOMPARE(publish({ { requestToUser(u"1"_s) }, key("k"), { QString() }, entry, "nodes" }).kind, Kind::Taken);
        QCOMPARE(publish({ {}, {}, {}, entry, "nodes" }).kind, Kind::Taken);
        QCOMPARE(m_node->ask({ "XLEN", "gatehouse:publish" }).integer, 0);
        QCOMPARE(m_node->ask({ "XPENDING", "gatehouse:publish", "nodes" }).elements[0].integer, 0);
        // A key that was used by somebody else's entry: the retry is done with, the mistake is left for its refusal.
        const QByteArray retry = text({ "XADD", "gatehouse:publish", "*", "n", "{}" });
        QCOMPARE(publish({ { requestToUser(u"1"_s) }, key("k", "another"), { QString() }, retry, "nodes" }).kind,
            Kind::Refused);
        QCOMPARE(m_node->ask({ "XLEN", "gatehouse:publish" }).integer, 1);
        QCOMPARE(publish({ { requestToUser(u"1"_s) }, key("k"), { QString() }, retry, "nodes" }).kind, Kind::Replayed);
        QCOMPARE(m_node->ask({ "XLEN", "gatehouse:publish" }).integer, 0);
        QCOMPARE(m_node->ask({ "ZCARD", "gatehouse:inbox:u:1" }).integer, 1);
    }

    void anEntryOfEphemeralOnesAloneIsTakenToo()
    {
        const QByteArray entry = text({ "XADD", "gatehouse:publish", "*", "n", "{}" });
        const QByteArray before = text({ "GET", "gatehouse:seq" });
        QCOMPARE(publish({ {}, {}, {}, entry, "nodes" }).kind, Kind::Stored);
        QCOMPARE(publish({ {}, {}, {}, entry, "nodes" }).kind, Kind::Taken);
        QCOMPARE(text({ "GET", "gatehouse:seq" }), before);
    }

    void allOrNothing_data()
    {
        QTest::addColumn<QByteArray>("key");
        QTest::newRow("an inbox") << QByteArray("gatehouse:inbox:u:2");
        QTest::newRow("a stream") << QByteArray("gatehouse:stream:")
                + QByteArray::number(notificationcodec::streamShardOf("u:2"));
        QTest::newRow("the key") << QByteArray("gatehouse:key:backend:k");
    }
    void allOrNothing()
    {
        QFETCH(const QByteArray, key);
        (void)m_node->ask({ "HSET", key, "hostile", "1" });
        const qint64 keys = m_node->ask({ "DBSIZE" }).integer;
        const QByteArray before = text({ "GET", "gatehouse:seq" });
        const auto failed = tryToPublish(
            { { requestToUser(u"1"_s), requestTo(ToUsers{ { u"2"_s } }) }, ::key("k"), { QString(), QString() } });
        QVERIFY(!failed);
        QCOMPARE(failed.error().field, rediserrors::kRefused);
        QVERIFY2(failed.error().message.startsWith("WRONGTYPE"_L1), qPrintable(failed.error().message));
        QCOMPARE(m_node->ask({ "DBSIZE" }).integer, keys);
        QCOMPARE(text({ "GET", "gatehouse:seq" }), before);
        (void)m_node->ask({ "DEL", key });
        QCOMPARE(
            publish({ { requestToUser(u"1"_s), requestToUser(u"1"_s) }, ::key("k"), { QString(), QString() } }).kind,
            Kind::Stored);
    }

    void anInboxKeepsTheNewest()
    {
        std::vector<PublishRequest> many(1000, requestTo(ToUsers{ { u"1"_s, u"2"_s } }));
        publish({ many });
        for (int i = 0; i < 3; ++i)
            publish({ std::vector<PublishRequest>(500, requestToUser(u"1"_s)) });
        QVERIFY(m_node->ask({ "ZCARD", "gatehouse:inbox:u:1" }).integer <= 1201);
        QCOMPARE(m_node->ask({ "ZCARD", "gatehouse:inbox:u:2" }).integer, 1000);
        const QByteArray oldest = QByteArray::number(RedisHistory::kRunStep + 1);
        QVERIFY(text({ "GET", "gatehouse:cut:u:1" }).toLongLong() >= RedisHistory::kRunStep + 1000);
        QCOMPARE(m_node->ask({ "EXISTS", "gatehouse:cut:u:2" }).integer, 0);
        QCOMPARE(m_node->ask({ "EXISTS", "gatehouse:notification:" + oldest }).integer, 1); // the other still has it
        for (int i = 0; i < 3; ++i)
            publish({ std::vector<PublishRequest>(500, requestTo(ToUsers{ { u"2"_s } })) });
        QCOMPARE(m_node->ask({ "EXISTS", "gatehouse:notification:" + oldest }).integer, 0); // nobody has
        QCOMPARE(m_node->ask({ "EXISTS", "gatehouse:notification:" + oldest + ":inboxes" }).integer, 0);
    }

    void whatHasExpiredPushesNothingOut()
    {
        publish({ { requestTo({ ToUsers{ { u"1"_s } } }, u"lasting"_s) } });
        std::vector<PublishRequest> brief(1000, requestToUser(u"1"_s));
        for (PublishRequest &one : brief)
            one.ttl = 1s;
        for (int i = 0; i < 3; ++i) {
            publish({ brief });
            m_clock.advance(2s);
        }
        const Inbox inbox = awaitCallback<Result<Inbox>>([this](auto done) {
            m_node->store().loadInbox({ u"1"_s, {} }, done);
        }).value();
        QCOMPARE(inbox.notifications.size(), size_t(1));
        QCOMPARE(inbox.notifications[0].notification.title, u"lasting"_s);
    }

    void manyInboxesAtOnce()
    {
        QStringList users;
        for (int i = 0; i < 1000; ++i)
            users << QString::number(i);
        QCOMPARE(publish({ std::vector<PublishRequest>(100, requestTo(ToUsers{ users })) }).kind, Kind::Stored);
        QCOMPARE(m_node->ask({ "ZCARD", "gatehouse:inbox:u:999" }).integer, 100);
    }

    void saysThatRedisIsAway()
    {
        m_node->setUp(false);
        const auto failed = tryToPublish({ { requestToUser(u"1"_s) } });
        QVERIFY(!failed);
        QCOMPARE(failed.error().field, rediserrors::kDown);
    }

private:
    Result<RedisPublished> tryToPublish(const RedisPublish &what)
    {
        return awaitCallback<Result<RedisPublished>>(
            [&](auto done) { m_node->inThread([&] { m_node->publish().publish(what, done); }); });
    }
    RedisPublished publish(const RedisPublish &what) { return tryToPublish(what).value(); }
    QByteArray text(const QByteArrayList &command) { return m_node->ask(command).text; }

    FakeClock m_clock;
    std::unique_ptr<RedisServerProcess> m_server;
    std::unique_ptr<RedisNode> m_node;
};

QTEST_GUILESS_MAIN(TestPublishScript)
#include "tst_publishscript.moc"
