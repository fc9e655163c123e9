// SPDX-License-Identifier: GPL-3.0-or-later
// What a client is greeted with when it comes back, what waits for the greeting, and what it asks for later.
#include <QtNetwork/QTcpSocket>
#include <QtTest/QTest>

#include "tests/support/channelclient.h"
#include "tests/support/channelfixture.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;
using Client = ChannelClient;

namespace {

constexpr int kAskedAgainMillis = 15'000; // a session asks a store that is away again after 1 to 3 s

} // namespace

class TestChannelRecovery : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void asksForWhatCameAfterTheCursor_data()
    {
        QTest::addColumn<QString>("query");
        QTest::addColumn<bool>("asks");
        QTest::addColumn<int>("sequence");
        QTest::newRow("none") << QString() << false << 0;
        QTest::newRow("empty") << u"&cursor="_s << false << 0;
        QTest::newRow("good") << u"&cursor="_s + encodeCursor({ 7, 5 }) << true << 5;
        QTest::newRow("nonsense") << u"&cursor=abc"_s << true << 0; // belongs to no history
        QTest::newRow("long") << u"&cursor="_s + QString(4000, u'A') << true << 0;
    }
    void asksForWhatCameAfterTheCursor()
    {
        QFETCH(QString, query);
        QFETCH(bool, asks);
        QFETCH(int, sequence);
        ChannelFixture fixture;
        Client client(fixture.port, u"42/staff"_s, "https://app.example", query);
        QTRY_COMPARE(client.messages.size(), 1);
        const InboxQuery asked = fixture.store.queries().at(0);
        QCOMPARE(asked.user, u"42"_s);
        QCOMPARE(asked.groups, QStringList{ u"staff"_s });
        QCOMPARE(asked.after.has_value(), asks);
        if (asks)
            QCOMPARE(*asked.after, (Cursor{ sequence == 0 ? 0U : 7U, sequence }));
    }

    void listsInPartsWhatOneListDoesNotTake()
    {
        ChannelFixture fixture;
        fixture.store.hold();
        Client client(fixture.port, u"42"_s, "https://app.example", u"&cursor="_s + encodeCursor({ 7, 1 }));
        QTRY_COMPARE(fixture.store.queries().size(), size_t(1));
        Inbox part = inboxOf({ u"a"_s }, 4);
        part.run = 7;
        part.hasMore = true;
        fixture.pool->deliver(delivery(ToAll{}, 3, R"({"n":3})"), {}); // in this part
        fixture.pool->deliver(delivery(ToAll{}, 6, R"({"n":6})"), {}); // in the next one
        fixture.pool->deliver(delivery(ToAll{}, 9, R"({"n":9})"), {}); // in none
        fixture.store.answerNext(part);
        QTRY_COMPARE(fixture.store.queries().size(), size_t(2));
        QCOMPARE(fixture.store.queries()[1].after, std::optional(Cursor{ 7, 4 }));
        QTRY_COMPARE(client.messages.size(), 1);
        client.say(R"({"type":"ping"})"); // is heard meanwhile
        QTRY_COMPARE(client.messages.size(), 2);
        part = inboxOf({ u"b"_s, u"c"_s }, 8);
        fixture.store.answerNext(part);
        QTRY_COMPARE(client.messages.size(), 4);
        QCOMPARE(client.type(1), u"pong"_s);
        QCOMPARE(client.type(2), u"notifications_list"_s);
        QCOMPARE(client.messages[3].value("n"_L1).toInt(), 9);
        QCOMPARE(fixture.store.queries().size(), size_t(2));
    }

    void waitsForItsListInBounds()
    {
        ChannelFixture fixture;
        fixture.store.hold();
        Client client(fixture.port);
        QTRY_COMPARE(fixture.store.queries().size(), size_t(1));
        std::vector<Delivery> many;
        for (int n = 1; n <= 1500; ++n)
            many.push_back({ ToAll{}, "{\"n\":" + QByteArray::number(n) + '}', n, false });
        many.push_back({ ToAll{}, R"({"n":0})", 0, true });
        bool isDelivered = false;
        fixture.pool->deliver(std::move(many), [&isDelivered](const std::vector<qint64> &) { isDelivered = true; });
        QTRY_VERIFY(isDelivered);
        Inbox inbox = inboxOf({}, 200);
        inbox.run = 7;
        fixture.store.answerNext(inbox);
        // What there was no room to keep is asked for, as if it had been missed.
        QTRY_COMPARE(fixture.store.queries().size(), size_t(2));
        QCOMPARE(fixture.store.queries()[1].after, std::optional(Cursor{ 7, 200 }));
        fixture.store.answerNext(inboxOf({ u"a"_s }, 1500));
        QTRY_COMPARE(client.messages.size(), 3);
        QCOMPARE(client.type(1), u"notifications_list"_s);
        QCOMPARE(client.messages[2].value("n"_L1).toInt(-1), 0);
        fixture.pool->deliver(delivery(ToAll{}, 1501, R"({"n":1501})"), {});
        QTRY_COMPARE(client.messages.size(), 4);
    }

    void servesWithoutAStoreThatIsAway()
    {
        ChannelFixture fixture;
        fixture.store.setAway(true);
        const QString cursor = encodeCursor({ 7, 3 });
        Client client(fixture.port, u"42"_s, "https://app.example", u"&cursor="_s + cursor);
        QTRY_COMPARE(client.messages.size(), 1);
        QCOMPARE(client.type(0), u"notifications_list"_s);
        QCOMPARE(client.messages[0].value("notifications"_L1).toArray().size(), 0);
        QCOMPARE(client.messages[0].value("truncated"_L1).toBool(), true);
        QCOMPARE(client.messages[0].value("cursor"_L1).toString(), cursor); // whoever goes now skips nothing
        fixture.pool->deliver(delivery(ToAll{}, 5, R"({"n":5})"), {});      // is in the list that will come
        fixture.pool->deliver(delivery(ToAll{}, 9, R"({"n":9})"), {});      // is not
        fixture.pool->deliver(delivery(ToAll{}, 0, R"({"n":0})"), {});
        QTRY_COMPARE(client.messages.size(), 2);
        QCOMPARE(client.messages[1].value("n"_L1).toInt(-1), 0);
        client.say(R"({"type":"ping"})");
        QTRY_COMPARE(client.messages.size(), 3);
        client.say(R"({"type":"get_notifications"})");
        QTRY_COMPARE(client.messages.size(), 4);
        QCOMPARE(client.messages[3].value("code"_L1).toString(), u"store_unavailable"_s);
        QTRY_VERIFY_WITH_TIMEOUT(fixture.store.queries().size() >= 3, kAskedAgainMillis);
        fixture.store.put(u"42"_s, inboxOf({ u"a"_s }, 6));
        fixture.store.setAway(false);
        QTRY_COMPARE_WITH_TIMEOUT(client.messages.size(), 6, kAskedAgainMillis);
        QCOMPARE(client.type(4), u"notifications_list"_s);
        QCOMPARE(client.messages[4].value("notifications"_L1).toArray().size(), 1);
        QCOMPARE(client.messages[4].value("truncated"_L1).toBool(), false);
        QCOMPARE(client.messages[5].value("n"_L1).toInt(), 9);
        for (const InboxQuery &query : fixture.store.queries())
            QVERIFY(query.after == std::optional(Cursor{ 7, 3 }) || !query.after);
        QCOMPARE(client.socket.state(), QAbstractSocket::ConnectedState);
    }

    void aStoreWithTooMuchToDoIsAskedAgain()
    {
        ChannelFixture fixture;
        fixture.store.setBusy(true);
        Client client(fixture.port, u"42"_s, "https://app.example", u"&cursor="_s + encodeCursor({ 7, 3 }));
        QTRY_COMPARE(client.messages.size(), 1); // an empty list stands for what will come
        QCOMPARE(client.messages[0].value("truncated"_L1).toBool(), true);
        client.say(R"({"type":"get_notifications","id":1})");
        QTRY_COMPARE(client.messages.size(), 2);
        client.say(R"({"type":"mark_read","ids":["01ARZ3NDEKTSV4RRFFQ69G5FAV"],"id":2})");
        QTRY_COMPARE(client.messages.size(), 3);
        for (int i = 1; i <= 2; ++i) {
            QCOMPARE(client.messages[i].value("code"_L1).toString(), u"busy"_s);
            QCOMPARE(client.messages[i].value("id"_L1).toInt(), i);
            QVERIFY(client.messages[i].contains("retry_after"_L1));
        }
        fixture.store.put(u"42"_s, inboxOf({ u"a"_s }, 6));
        fixture.store.setBusy(false);
        QTRY_COMPARE_WITH_TIMEOUT(client.messages.size(), 4, kAskedAgainMillis);
        QCOMPARE(client.messages[3].value("notifications"_L1).toArray().size(), 1);
        QCOMPARE(client.socket.state(), QAbstractSocket::ConnectedState);
    }

    void whoComesWithoutACursorGetsNone()
    {
        ChannelFixture fixture;
        fixture.store.setAway(true);
        Client client(fixture.port);
        QTRY_COMPARE(client.messages.size(), 1);
        QCOMPARE(client.messages[0].value("cursor"_L1).toString(), encodeCursor({})); // stands for what is unread
        fixture.store.put(u"42"_s, inboxOf({ u"a"_s }, 6));
        fixture.store.setAway(false);
        QTRY_COMPARE_WITH_TIMEOUT(client.messages.size(), 2, kAskedAgainMillis);
        QVERIFY(!fixture.store.queries().back().after);
        fixture.pool->deliver(delivery(ToAll{}, 7, R"({"n":7})"), {});
        QTRY_COMPARE(client.messages.size(), 3);
    }

    void aStoreThatGoesAwayBetweenTwoListsGoesOnWhereItWas()
    {
        ChannelFixture fixture;
        fixture.store.hold();
        Client client(fixture.port, u"42"_s, "https://app.example", u"&cursor="_s + encodeCursor({ 7, 1 }));
        QTRY_COMPARE(fixture.store.queries().size(), size_t(1));
        Inbox part = inboxOf({ u"a"_s }, 4);
        part.run = 7;
        part.hasMore = true;
        fixture.store.setAway(true);
        fixture.store.answerNext(part);
        QTRY_VERIFY_WITH_TIMEOUT(fixture.store.queries().size() >= 3, kAskedAgainMillis);
        QTRY_COMPARE(client.messages.size(), 1); // no other list stands for the one that is missing
        fixture.store.setAway(false);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.store.held(), 1U, kAskedAgainMillis);
        QCOMPARE(fixture.store.queries().back().after, std::optional(Cursor{ 7, 4 }));
        fixture.store.answerNext(inboxOf({ u"b"_s }, 8));
        QTRY_COMPARE(client.messages.size(), 2);
        QCOMPARE(client.type(1), u"notifications_list"_s);
    }

    void doesNotDeliverWhatHasExpired()
    {
        ChannelFixture fixture;
        fixture.store.hold();
        Client client(fixture.port);
        QTRY_COMPARE(fixture.store.queries().size(), size_t(1));
        const UtcTime now = fixture.clock.utc();
        std::vector<Delivery> some;
        some.push_back({ ToAll{}, R"({"n":1})", 1, false, now - std::chrono::seconds(1) });
        some.push_back({ ToAll{}, R"({"n":2})", 2, false, now + std::chrono::milliseconds(50) });
        some.push_back({ ToAll{}, R"({"n":3})", 3, false, now + std::chrono::hours(1) });
        std::vector<qint64> reached;
        fixture.pool->deliver(std::move(some), [&reached](const std::vector<qint64> &counts) { reached = counts; });
        QTRY_COMPARE(reached.size(), size_t(3));
        QCOMPARE(reached[0], 0);
        QCOMPARE(reached[2], 1); // the second too, unless this machine took its time
        QTRY_VERIFY(fixture.clock.utc() > now + std::chrono::milliseconds(60));
        fixture.store.answerNext({});
        QTRY_COMPARE(client.messages.size(), 2);
        QCOMPARE(client.messages[1].value("n"_L1).toInt(), 3);
    }

    void listsWhatWasNotDelivered()
    {
        ChannelFixture fixture;
        fixture.store.put(u"42"_s, inboxOf({ u"a"_s }, 9));
        Client client(fixture.port);
        QTRY_COMPARE(client.messages.size(), 1);
        fixture.store.hold();
        fixture.pool->deliver(delivery(ToAll{}, 10, R"({"n":10})"), {});
        fixture.pool->catchUp({ 7, 10 }, std::chrono::milliseconds(0));
        QTRY_COMPARE(fixture.store.queries().size(), size_t(2));
        QCOMPARE(fixture.store.queries()[1].after, std::optional(Cursor{ 7, 10 }));
        fixture.pool->deliver(delivery(ToAll{}, 20, R"({"n":20})"), {}); // in the list
        fixture.pool->deliver(delivery(ToAll{}, 21, R"({"n":21})"), {}); // not in it
        fixture.pool->announceRead(u"42"_s, R"({"n":-1})", {});          // need not wait
        QTRY_COMPARE(client.messages.size(), 3);
        QCOMPARE(client.messages[1].value("n"_L1).toInt(), 10);
        QCOMPARE(client.messages[2].value("n"_L1).toInt(), -1);
        fixture.store.answerNext(inboxOf({ u"b"_s }, 20));
        QTRY_COMPARE(client.messages.size(), 5);
        QCOMPARE(client.type(3), u"notifications_list"_s);
        QCOMPARE(client.messages[4].value("n"_L1).toInt(), 21);
        fixture.pool->deliver(delivery(ToAll{}, 22, R"({"n":22})"), {});
        QTRY_COMPARE(client.messages.size(), 6);
        QCOMPARE(fixture.store.queries().size(), size_t(2));
    }

    void whatItWasListedIsNotListedAgain()
    {
        ChannelFixture fixture;
        fixture.store.put(u"42"_s, inboxOf({ u"a"_s }, 15));
        Client client(fixture.port);
        QTRY_COMPARE(client.messages.size(), 1);
        fixture.pool->catchUp({ 7, 10 }, std::chrono::milliseconds(0));
        QTRY_COMPARE(fixture.store.queries().size(), size_t(2));
        QCOMPARE(fixture.store.queries()[1].after, std::optional(Cursor{ 7, 15 }));
        // Numbers of a history that is gone say nothing.
        fixture.pool->catchUp({}, std::chrono::milliseconds(0));
        QTRY_COMPARE(fixture.store.queries().size(), size_t(3));
        QCOMPARE(fixture.store.queries()[2].after, std::optional(Cursor{}));
    }

    void saysNothingWhenNothingWasMissed()
    {
        ChannelFixture fixture;
        Client client(fixture.port);
        QTRY_COMPARE(client.messages.size(), 1);
        fixture.store.hold();
        fixture.pool->catchUp({ 7, 3 }, std::chrono::milliseconds(0));
        QTRY_COMPARE(fixture.store.queries().size(), size_t(2));
        fixture.pool->catchUp({ 7, 4 }, std::chrono::milliseconds(0)); // once more, while the list is being read
        fixture.pool->deliver(delivery(ToAll{}, 5, R"({"n":5})"), {}); // is left to a list too
        bool isThrough = false;
        fixture.pool->ping([&isThrough] { isThrough = true; });
        QTRY_VERIFY(isThrough);
        fixture.store.answerNext(inboxOf({}, 4));
        QTRY_COMPARE(fixture.store.queries().size(), size_t(3));
        fixture.store.answerNext(inboxOf({}, 4));
        fixture.pool->deliver(delivery(ToAll{}, 6, R"({"n":6})"), {});
        QTRY_COMPARE(client.messages.size(), 2);
        QCOMPARE(client.messages[1].value("n"_L1).toInt(), 6);
    }

    void aFirstListThatIsOnItsWayIsFollowedByAnother()
    {
        ChannelFixture fixture;
        fixture.store.hold();
        Client client(fixture.port);
        QTRY_COMPARE(fixture.store.queries().size(), size_t(1));
        fixture.pool->deliver(delivery(ToAll{}, 3, R"({"n":3})"), {});
        fixture.pool->catchUp({ 7, 3 }, std::chrono::milliseconds(0));
        bool isThrough = false;
        fixture.pool->ping([&isThrough] { isThrough = true; });
        QTRY_VERIFY(isThrough);
        Inbox inbox = inboxOf({ u"a"_s }, 2);
        inbox.run = 7;
        fixture.store.answerNext(inbox);
        QTRY_COMPARE(fixture.store.queries().size(), size_t(2));
        QCOMPARE(fixture.store.queries()[1].after, std::optional(Cursor{ 7, 2 }));
        fixture.store.answerNext(inboxOf({ u"b"_s, u"c"_s }, 5));
        QTRY_COMPARE(client.messages.size(), 2);
    }

    void catchesUpOneAfterTheOther()
    {
        ChannelFixture fixture;
        std::vector<std::unique_ptr<Client>> clients;
        for (int i = 0; i < 4; ++i) {
            clients.push_back(std::make_unique<Client>(fixture.port, QString::number(i)));
            QTRY_COMPARE(clients.back()->messages.size(), 1);
        }
        fixture.store.hold();
        fixture.pool->catchUp({ 7, 3 }, std::chrono::milliseconds(800));
        QTRY_VERIFY(fixture.store.queries().size() > 4);
        const size_t asked = fixture.store.queries().size() - 4;
        QVERIFY(asked <= 4);
        fixture.pool->catchUp({ 7, 4 }, std::chrono::milliseconds(300)); // those that have not asked yet go on first
        QTRY_COMPARE(fixture.store.queries().size(), size_t(8));
        for (size_t i = 0; i < asked; ++i)
            QCOMPARE(fixture.store.queries()[4 + i].after, std::optional(Cursor{ 7, 3 }));
    }

    void readsNoMoreCommandsThanTheStoreAnswers()
    {
        LimitSet limits;
        limits[LimitKey::MaxMessagesPerMinute].mode = LimitMode::Off;
        ChannelFixture fixture(1, limits);
        Client client(fixture.port);
        Client other(fixture.port, u"43"_s);
        QTRY_VERIFY(client.messages.size() == 1 && other.messages.size() == 1);
        fixture.store.hold();
        for (int i = 1; i <= 8; ++i) {
            client.say(R"({"type":"get_notifications"})");
            QTRY_COMPARE(fixture.store.queries().size(), size_t(2 + i));
        }
        client.say(R"({"type":"ping"})");
        // Time enough for it to be heard, if it were.
        for (int i = 1; i <= 3; ++i) {
            other.say(R"({"type":"ping"})");
            QTRY_COMPARE(other.messages.size(), 1 + i);
        }
        fixture.store.answerNext({});
        QTRY_COMPARE(client.messages.size(), 3);
        QCOMPARE(client.type(1), u"notifications_list"_s);
        QCOMPARE(client.type(2), u"pong"_s);
    }

    void refusesWhatItHadReadBeyondThat()
    {
        LimitSet limits;
        limits[LimitKey::MaxMessagesPerMinute].mode = LimitMode::Off;
        ChannelFixture fixture(1, limits);
        QTcpSocket socket;
        socket.connectToHost(u"127.0.0.1"_s, fixture.port);
        socket.write(
            "GET /ws/notifications/?token=42 HTTP/1.1\r\nHost: a\r\nOrigin: https://app.example\r\nUpgrade: "
            "websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        QByteArray answers;
        QObject::connect(&socket, &QTcpSocket::readyRead, &socket, [&] { answers += socket.readAll(); });
        QTRY_VERIFY(answers.contains("notifications_list"));
        fixture.store.hold();
        const QByteArray command = R"({"type":"get_notifications","id":1})";
        // In one piece, so that they are read together; a mask of zeros leaves the text as it is.
        const QByteArray frame = QByteArray("\x81") + char(0x80 | command.size()) + QByteArray(4, '\0') + command;
        socket.write(frame.repeated(100));
        QTRY_COMPARE(answers.count(R"("code":"busy")"), 36);
        QCOMPARE(fixture.store.queries().size(), size_t(1 + 64));
        for (int i = 0; i < 64; ++i)
            fixture.store.answerNext({});
        QTRY_COMPARE(answers.count(R"("type":"ack")"), 64);
        QCOMPARE(socket.state(), QAbstractSocket::ConnectedState);
    }

    void holdsBackOnlyWhatTheListHas()
    {
        ChannelFixture fixture;
        Client client(fixture.port);
        QTRY_COMPARE(client.messages.size(), 1);
        Inbox inbox = inboxOf({ u"h"_s }, 9);
        inbox.isTruncated = true; // the one of sequence 8 did not fit, and is on its way
        fixture.store.put(u"42"_s, inbox);
        client.say(R"({"type":"get_notifications","limit":1})");
        QTRY_COMPARE(client.messages.size(), 2);
        fixture.pool->deliver(delivery(ToAll{}, 8, R"({"n":8})"), {});
        QTRY_COMPARE(client.messages.size(), 3);
        QCOMPARE(client.messages[2].value("n"_L1).toInt(), 8);
        fixture.store.put(u"42"_s, inboxOf({ u"i"_s }, 12));
        client.say(R"({"type":"get_notifications"})");
        QTRY_COMPARE(client.messages.size(), 4);
        fixture.pool->deliver(delivery(ToAll{}, 11, R"({"n":11})"), {}); // has been listed
        fixture.pool->deliver(delivery(ToAll{}, 13, R"({"n":13})"), {});
        QTRY_COMPARE(client.messages.size(), 5);
        QCOMPARE(client.messages[4].value("n"_L1).toInt(), 13);
    }

    void listsOnceMoreWhenAsked()
    {
        ChannelFixture fixture;
        fixture.store.put(u"42"_s, inboxOf({ u"a"_s }, 7));
        Client client(fixture.port);
        QTRY_COMPARE(client.messages.size(), 1);
        client.say(R"({"type":"get_notifications","since":")" + encodeCursor({ 7, 3 }).toLatin1()
            + R"(","limit":10,"id":"g"})");
        QTRY_COMPARE(client.messages.size(), 3);
        QCOMPARE(client.type(1), u"notifications_list"_s);
        QCOMPARE(client.messages[2], (QJsonObject{ { "type"_L1, "ack"_L1 }, { "id"_L1, "g"_L1 } }));
        QCOMPARE(fixture.store.queries().at(1).after, std::optional(Cursor{ 7, 3 }));
        QCOMPARE(fixture.store.queries().at(1).limit, 10);
        fixture.store.failFromNowOn();
        client.say(R"({"type":"get_notifications","id":"h"})");
        QTRY_COMPARE(client.messages.size(), 4);
        QCOMPARE(client.messages[3].value("code"_L1).toString(), u"store_unavailable"_s);
        QCOMPARE(client.messages[3].value("id"_L1).toString(), u"h"_s);
        QCOMPARE(client.socket.state(), QAbstractSocket::ConnectedState);
    }
};

QTEST_GUILESS_MAIN(TestChannelRecovery)
#include "tst_channelrecovery.moc"
