// SPDX-License-Identifier: GPL-3.0-or-later
// The channel on real sockets, with Qt's WebSocket client as the peer.
#include <numeric>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtNetwork/QNetworkRequest>
#include <QtNetwork/QTcpSocket>
#include <QtTest/QTest>
#include <QtWebSockets/QWebSocket>

#include "server/channel/channelmessages.h"
#include "tests/support/channelclient.h"
#include "tests/support/channelfixture.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

using Client = ChannelClient;

namespace {

/// Sends raw bytes and returns everything up to the end of the connection, or, of one that stays open, what came with
/// `last`.
QByteArray exchange(quint16 port, const QByteArray &bytes, const QByteArray &last = {})
{
    QTcpSocket socket;
    QByteArray answer;
    bool hasEnded = false;
    QObject::connect(&socket, &QTcpSocket::readyRead, &socket, [&] { answer += socket.readAll(); });
    QObject::connect(&socket, &QTcpSocket::disconnected, &socket, [&hasEnded] { hasEnded = true; });
    socket.connectToHost(u"127.0.0.1"_s, port);
    socket.write(bytes);
    (void)QTest::qWaitFor([&] { return hasEnded || (!last.isEmpty() && answer.contains(last)); }, 10'000);
    return answer;
}

/// A connection that has had one request answered, and goes on.
struct KeptConnection
{
    explicit KeptConnection(quint16 port)
    {
        QObject::connect(&socket, &QTcpSocket::readyRead, &socket, [this] { answers += socket.readAll(); });
        socket.connectToHost(u"127.0.0.1"_s, port);
        socket.write("GET /open HTTP/1.1\r\nHost: a\r\n\r\n");
    }

    QByteArray answers;
    QTcpSocket socket;
};

QByteArray handshake(const QByteArray &extra = {}, const QByteArray &key = "dGhlIHNhbXBsZSBub25jZQ==")
{
    return "GET /ws/notifications/?token=42 HTTP/1.1\r\nHost: a\r\nOrigin: https://app.example\r\nUpgrade: "
           "websocket\r\n"
           "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
        + key + "\r\n" + extra + "\r\n";
}

} // namespace

class TestChannel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void greetsWithTheUnreadNotifications()
    {
        ChannelFixture fixture;
        fixture.store.put(u"42"_s, inboxOf({ u"a"_s, u"b"_s }, 7));
        Client client(fixture.port);
        QTRY_COMPARE(client.messages.size(), 1);
        QCOMPARE(client.type(0), u"notifications_list"_s);
        QCOMPARE(client.messages[0].value("notifications"_L1).toArray().size(), 2);
        QCOMPARE(client.messages[0].value("unread"_L1).toInteger(), 2);
        QCOMPARE(fixture.sum(&WorkerCounters::activeConnections), 1);
        client.socket.close();
        QTRY_COMPARE(fixture.sum(&WorkerCounters::activeConnections), 0);
        QTRY_COMPARE(fixture.sum(&WorkerCounters::closed), 1);
        QTRY_COMPARE(fixture.users.openInAll(), 0);
    }

    void answersCommands()
    {
        ChannelFixture fixture;
        fixture.store.put(u"42"_s, inboxOf({ u"a"_s }, 1));
        Client client(fixture.port);
        QTRY_COMPARE(client.messages.size(), 1);
        client.say(R"({"type":"ping","id":5})");
        client.say(R"({"type":"nonsense"})");
        client.say("{");
        client.say(R"({"type":"mark_read","ids":["a"],"id":"m"})");
        QTRY_COMPARE(client.messages.size(), 5);
        QCOMPARE(client.messages[1], (QJsonObject{ { "type"_L1, "pong"_L1 }, { "id"_L1, 5 } }));
        QCOMPARE(client.messages[2].value("code"_L1).toString(), u"unknown_type"_s);
        QCOMPARE(client.messages[3].value("code"_L1).toString(), u"bad_request"_s);
        QCOMPARE(client.messages[4], (QJsonObject{ { "type"_L1, "ack"_L1 }, { "id"_L1, "m"_L1 }, { "unread"_L1, 0 } }));
        QVERIFY(fixture.store.inbox(u"42"_s).notifications.empty());
        QCOMPARE(client.socket.state(), QAbstractSocket::ConnectedState);
    }

    void tellsTheUsersOtherConnectionsWhatWasRead()
    {
        ChannelFixture fixture(2);
        fixture.store.put(u"42"_s, inboxOf({ u"a"_s }, 1));
        Client first(fixture.port);
        Client second(fixture.port);
        QTRY_VERIFY(first.messages.size() == 1 && second.messages.size() == 1);
        first.say(R"({"type":"mark_read","ids":["a"]})");
        QTRY_COMPARE(second.messages.size(), 2);
        QCOMPARE(second.type(1), u"read"_s);
        QCOMPARE(second.messages[1].value("unread"_L1).toInteger(-1), 0);
        QCOMPARE(first.messages.size(), 1);
    }

    void deliversToUsersGroupsAndAll()
    {
        ChannelFixture fixture(2);
        Client ann(fixture.port, u"ann/staff"_s);
        Client ben(fixture.port, u"ben/staff/night"_s);
        Client cay(fixture.port, u"cay"_s);
        QTRY_VERIFY(ann.messages.size() == 1 && ben.messages.size() == 1 && cay.messages.size() == 1);
        QList<qint64> reached;
        const auto done = [&reached](const std::vector<qint64> &counts) { reached.append(counts.at(0)); };
        fixture.pool->deliver(delivery(ToUsers{ { u"ann"_s, u"nobody"_s } }, 1, R"({"n":1})"), done);
        fixture.pool->deliver(delivery(ToGroups{ { u"staff"_s, u"night"_s } }, 2, R"({"n":2})"), done);
        fixture.pool->deliver(delivery(ToAll{}, 0, R"({"n":3})"), done);
        QTRY_COMPARE(reached, (QList<qint64>{ 1, 2, 3 }));
        QTRY_VERIFY(ann.messages.size() == 4 && ben.messages.size() == 3 && cay.messages.size() == 2);
        for (int n = 1; n <= 3; ++n)
            QCOMPARE(ann.messages[n].value("n"_L1).toInt(), n);
    }

    /// Long before their time, if the server needs the memory of what waits for them: no more of them than need be.
    void cutsSlowConsumersForTheirMemory()
    {
        ChannelFixture fixture(2);
        std::vector<std::unique_ptr<QTcpSocket>> deaf;
        for (int i = 0; i < 4; ++i) {
            deaf.push_back(std::make_unique<QTcpSocket>());
            deaf.back()->setReadBufferSize(64); // so much it reads, and no more
            deaf.back()->connectToHost(u"127.0.0.1"_s, fixture.port);
            deaf.back()->write(handshake());
        }
        Client good(fixture.port, u"good"_s);
        QTRY_COMPARE(fixture.sum(&WorkerCounters::activeConnections), 5);
        const auto queued = [&fixture] { return fixture.pool->heldBytes(MemoryHolder::Queues); };
        const QByteArray large(100'000, ' ');
        std::optional<qint64> waiting = 0;
        for (qint64 sequence = 1; *waiting < 2'000'000; ++sequence) { // of at most four megabytes
            fixture.pool->deliver(delivery(ToUsers{ { u"42"_s } }, sequence, '{' + large + '}'), {});
            waiting.reset();
            fixture.pool->listConnections([&waiting](const std::vector<ConnectionInfo> &all) {
                waiting = std::accumulate(all.begin(), all.end(), qint64(0),
                    [](qint64 sum, const ConnectionInfo &one) { return sum + one.queuedBytes; });
            });
            QTRY_VERIFY(waiting);
            QVERIFY(sequence < 1000);
        }
        QTRY_VERIFY(queued() >= 2'000'000);
        QCOMPARE(fixture.sum(&WorkerCounters::activeConnections), 5);
        fixture.pool->cutSlowConsumers(1); // each worker one of those that it has
        QTRY_VERIFY(fixture.sum(&WorkerCounters::activeConnections) < 5);
        QVERIFY(fixture.sum(&WorkerCounters::activeConnections) >= 3);
        fixture.pool->cutSlowConsumers(1'000'000'000);
        QTRY_COMPARE(fixture.sum(&WorkerCounters::activeConnections), 1);
        QTRY_COMPARE(queued(), 0);
        QCOMPARE(fixture.sink.decisions().size(), size_t(4));
        good.say(R"({"type":"ping"})");
        QTRY_COMPARE(good.messages.size(), 2);
    }

    void doesNotRepeatWhatTheInboxTookIntoAccount()
    {
        ChannelFixture fixture;
        fixture.store.put(u"42"_s, inboxOf({ u"a"_s }, 7));
        Client client(fixture.port);
        QTRY_COMPARE(client.messages.size(), 1);
        // A delivery that the list has overtaken, then a new one, then one that is not stored.
        fixture.pool->deliver(delivery(ToAll{}, 7, R"({"n":7})"), {});
        fixture.pool->deliver(delivery(ToAll{}, 8, R"({"n":8})"), {});
        fixture.pool->deliver(delivery(ToAll{}, 0, R"({"n":0})"), {});
        QTRY_COMPARE(client.messages.size(), 3);
        QCOMPARE(client.messages[1].value("n"_L1).toInt(), 8);
        QCOMPARE(client.messages[2].value("n"_L1).toInt(-1), 0);
    }

    void closesWhenTheStoreFails()
    {
        ChannelFixture fixture;
        fixture.store.failFromNowOn();
        const QByteArray answer = exchange(fixture.port, handshake(), "store_unavailable");
        // The close frame itself: Qt's client does not know 1013 and would say 1002.
        QVERIFY2(answer.contains("\x03\xf5{"), answer.constData());
        QVERIFY(answer.contains("store_unavailable"));
    }

    void refusesTheSixthConnectionUntilTheLimitIsRaised()
    {
        ChannelFixture fixture;
        std::vector<std::unique_ptr<Client>> clients;
        for (int i = 0; i < 5; ++i)
            clients.push_back(std::make_unique<Client>(fixture.port, QString::number(i)));
        QTRY_COMPARE(fixture.sum(&WorkerCounters::activeConnections), 5);
        const QByteArray answer = exchange(fixture.port, handshake());
        QVERIFY2(answer.startsWith("HTTP/1.1 429 Too Many Requests\r\n"), answer.constData());
        QVERIFY(answer.contains("application/problem+json"));
        QVERIFY(answer.contains("Retry-After: "));
        const QJsonObject problem = QJsonDocument::fromJson(answer.mid(answer.indexOf("\r\n\r\n") + 4)).object();
        QCOMPARE(problem.value("code"_L1).toString(), u"too_many_connections"_s);
        QCOMPARE(problem.value("limit"_L1).toInteger(), 5);
        QCOMPARE(problem.value("observed"_L1).toInteger(), 6);
        QCOMPARE(problem.value("instance"_L1).toString(), fixture.sink.decisions().at(0).id);

        LimitSet raised;
        raised[LimitKey::MaxConnectionsPerIp].value = 10;
        bool isApplied = false;
        fixture.pool->applyLimits(ChannelFixture::snapshotOf(raised), [&isApplied] { isApplied = true; });
        QTRY_VERIFY(isApplied);
        Client sixth(fixture.port);
        QTRY_COMPARE(sixth.messages.size(), 1);
    }

    void refusesForeignOriginsAndBadTokens()
    {
        ChannelFixture fixture;
        const auto status = [&fixture](QByteArray request, const QByteArray &from, const QByteArray &to) {
            return exchange(fixture.port, request.replace(from, to)).left(12);
        };
        QCOMPARE(status(handshake(), "https://app.example", "https://evil.example"), "HTTP/1.1 403");
        QCOMPARE(status(handshake(), "?token=42", ""), "HTTP/1.1 401");
        QCOMPARE(status(handshake(), "?token=42", "?token=bad"), "HTTP/1.1 401");
        QCOMPARE(fixture.sink.decisions().size(), 3U);
        // A refused attempt uses up nothing: ten more are admitted, one after the other.
        const IpAddress here = IpAddress::fromIpv4(0x7f000001);
        for (int i = 0; i < 10; ++i) {
            QVERIFY(exchange(fixture.port, handshake(), "notifications_list").startsWith("HTTP/1.1 101"));
            QTRY_COMPARE(fixture.addresses.openOf(here), 0); // the next would be one too many
        }
        QVERIFY(exchange(fixture.port, handshake()).startsWith("HTTP/1.1 429"));
    }

    void refusesInCloseModeWithACode_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("reason");
        QTest::newRow("origin") << QByteArray("app.example") << QByteArray("evil.example") << 4503
                                << u"origin_not_allowed"_s;
        QTest::newRow("no token") << QByteArray("token=42") << QByteArray() << 4501 << u"token_missing"_s;
        QTest::newRow("bad token") << QByteArray("=42") << QByteArray("=bad") << 4501 << u"token_invalid"_s;
    }
    void refusesInCloseModeWithACode()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(int, code);
        QFETCH(QString, reason);
        ChannelFixture fixture;
        const QByteArray request = handshake("Sec-WebSocket-Protocol: gatehouse.v1\r\n").replace(from, to);
        QByteArray answer = exchange(fixture.port, QByteArray(request).replace("/?", "/?refusal=close&") + "early");
        const qsizetype headEnd = answer.indexOf("\r\n\r\n") + 4;
        QVERIFY2(answer.startsWith("HTTP/1.1 101 Switching Protocols\r\n"), answer.constData());
        QVERIFY(answer.contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")); // of RFC 6455's example
        QVERIFY(answer.contains("\r\nSec-WebSocket-Protocol: gatehouse.v1\r\n"));
        const Decision decision = fixture.sink.decisions().at(0);
        const QString detail = reason == "token_invalid"_L1 ? decision.detail : QString();
        QCOMPARE(detail.isEmpty(), reason != "token_invalid"_L1);
        const QByteArray text = closeReason(reasonDescriptor(decision.reason).code, std::nullopt, decision.id, detail);
        QVERIFY(text.startsWith(u"{\"r\":\"%1\",\"id\":\"%2\""_s.arg(reason, decision.id).toUtf8()));
        QCOMPARE(answer.mid(headEnd), encodeServerClose(CloseCode(code), text));
        // Counted as refused and as nothing else.
        QCOMPARE(fixture.sum(&WorkerCounters::activeConnections), 0);
        QCOMPARE(fixture.sum(&WorkerCounters::accepted), 0);
        QCOMPARE(fixture.users.openInAll(), 0);
        QCOMPARE(fixture.addresses.size(), 0);
        // Another word, and the same without one, is an HTTP answer.
        QVERIFY(exchange(fixture.port, QByteArray(request).replace("/?", "/?refusal=http&")).startsWith("HTTP/1.1 40"));
        QVERIFY(exchange(fixture.port, request).startsWith("HTTP/1.1 40"));
        QCOMPARE(fixture.sink.decisions().size(), 3U);
    }

    void saysInCloseModeHowLongToWait()
    {
        ChannelFixture fixture;
        fixture.isDraining = true;
        const QByteArray answer = exchange(fixture.port, handshake().replace("/?", "/?refusal=close&"));
        const QByteArray text
            = u"{\"r\":\"draining\",\"ra\":10,\"id\":\"%1\"}"_s.arg(fixture.sink.decisions().at(0).id).toUtf8();
        QVERIFY2(answer.endsWith(encodeServerClose(CloseCode::ServiceRestart, text)), answer.constData());
    }

    void closeModeIsOfNoUseToAMalformedHandshake()
    {
        ChannelFixture fixture;
        const QByteArray request = handshake({}, "x").replace("/?", "/?refusal=close&");
        QVERIFY(exchange(fixture.port, request).startsWith("HTTP/1.1 400"));
        QVERIFY(exchange(fixture.port, handshake().replace("/?", "/?refusal=close&").replace("n: 13", "n: 8"))
                    .startsWith("HTTP/1.1 426"));
        // Who is admitted notices nothing of it.
        QVERIFY(exchange(fixture.port, handshake().replace("/?", "/?refusal=close&"), "notifications_list")
                    .contains("notifications_list"));
    }

    void doesNotProcessTheMessageOverTheLimit()
    {
        LimitSet limits;
        limits[LimitKey::MaxMessagesPerMinute].value = 3;
        limits[LimitKey::MessageLimitStrikes].value = 2;
        ChannelFixture fixture(1, limits);
        Client client(fixture.port);
        QTRY_COMPARE(client.messages.size(), 1);
        for (int i = 0; i < 4; ++i)
            client.say(R"({"type":"ping"})");
        QTRY_COMPARE(client.messages.size(), 5);
        QCOMPARE(client.messages[4].value("code"_L1).toString(), u"rate_limited"_s);
        QVERIFY(client.messages[4].value("retry_after"_L1).toInteger() > 50);
        client.say(R"({"type":"ping"})");
        client.say(R"({"type":"ping"})");
        QTRY_COMPARE(int(client.socket.closeCode()), 4131); // Qt's enum does not name it
        const QJsonObject reason = QJsonDocument::fromJson(client.socket.closeReason().toUtf8()).object();
        QCOMPARE(reason.value("r"_L1).toString(), u"rate_limited"_s);
        QCOMPARE(reason.value("id"_L1).toString(), fixture.sink.decisions().back().id);
    }

    void appliesAChangedMessageLimitToOpenConnections()
    {
        LimitSet limits;
        limits[LimitKey::MaxMessagesPerMinute].value = 1;
        ChannelFixture fixture(1, limits);
        Client client(fixture.port);
        QTRY_COMPARE(client.messages.size(), 1);
        client.say(R"({"type":"ping"})");
        client.say(R"({"type":"ping"})");
        QTRY_COMPARE(client.messages.size(), 3);
        QCOMPARE(client.type(2), u"error"_s);
        limits[LimitKey::MaxMessagesPerMinute].value = 2;
        bool isApplied = false;
        fixture.pool->applyLimits(ChannelFixture::snapshotOf(limits), [&isApplied] { isApplied = true; });
        QTRY_VERIFY(isApplied);
        client.say(R"({"type":"ping"})");
        QTRY_COMPARE(client.messages.size(), 4);
        QCOMPARE(client.type(3), u"pong"_s);
    }

    void bansCloseWhatIsOpen_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("closed"); // by user
        QTest::addColumn<QString>("reason");
        QTest::newRow("user") << int(AccessKind::User) << u"ann"_s << u"ann ann"_s << u"banned"_s;
        QTest::newRow("token") << int(AccessKind::TokenId) << u"ann/one"_s << u"ann"_s << u"token_revoked"_s;
        QTest::newRow("address") << int(AccessKind::Address) << u"127.0.0.1"_s << u"ann ann ben"_s << u"banned"_s;
        QTest::newRow("network") << int(AccessKind::Cidr) << u"127.0.0.0/8"_s << u"ann ann ben"_s << u"banned"_s;
        QTest::newRow("nobody's") << int(AccessKind::Cidr) << u"128.0.0.0/8"_s << QString() << QString();
    }
    void bansCloseWhatIsOpen()
    {
        QFETCH(int, kind);
        QFETCH(QString, value);
        QFETCH(QString, closed);
        QFETCH(QString, reason);
        ChannelFixture fixture(2);
        std::vector<std::unique_ptr<Client>> clients;
        for (const char *token : { "ann/one", "ann/two", "ben/one" })
            clients.push_back(std::make_unique<Client>(fixture.port, QString::fromLatin1(token)));
        for (const auto &client : clients)
            QTRY_COMPARE(client->messages.size(), 1);
        AccessRule ban;
        ban.kind = AccessKind(kind);
        ban.value = value;
        const auto rules = std::make_shared<const AccessRules>(std::vector{ ban }, std::vector<AccessRule>{});
        bool isApplied = false;
        fixture.pool->applyAccess(rules, rules, [&isApplied] { isApplied = true; });
        QTRY_VERIFY(isApplied);
        const QStringList users = closed.split(u' ', Qt::SkipEmptyParts);
        const auto left = [&fixture] { return fixture.sum(&WorkerCounters::activeConnections); };
        QTRY_COMPARE(left(), 3 - users.size());
        QCOMPARE(fixture.sink.decisions().size(), size_t(users.size()));
        for (qsizetype i = 0; i < users.size(); ++i) { // the banned ones are the first of the clients
            QTRY_COMPARE(int(clients[size_t(i)]->socket.closeCode()), 4504);
            const QJsonObject said
                = QJsonDocument::fromJson(clients[size_t(i)]->socket.closeReason().toUtf8()).object();
            QCOMPARE(said.value("r"_L1).toString(), reason);
            const std::vector<Decision> decisions = fixture.sink.decisions();
            QVERIFY(std::any_of(decisions.begin(), decisions.end(), [&](const Decision &decision) {
                return decision.id == said.value("id"_L1).toString() && decision.user == users[i]
                    && decision.address == "127.0.0.1"_L1;
            }));
        }
        // Lifted: nothing is closed for what holds no more, and who was refused is let in.
        fixture.pool->applyAccess(std::make_shared<const AccessRules>(), nullptr, {});
        Client again(fixture.port, u"ann/one"_s);
        QTRY_COMPARE(again.messages.size(), 1);
        QCOMPARE(left(), 4 - users.size());
    }

    void aRevokedTokenDoesNotRefresh()
    {
        ChannelFixture fixture;
        Client client(fixture.port, u"ann/one"_s);
        QTRY_COMPARE(client.messages.size(), 1);
        const auto revoke = [&fixture](const QString &tokenId) {
            AccessRule ban;
            ban.kind = AccessKind::TokenId;
            ban.value = tokenId;
            const auto rules = std::make_shared<const AccessRules>(std::vector{ ban }, std::vector<AccessRule>{});
            bool isApplied = false;
            fixture.pool->applyAccess(rules, rules, [&isApplied] { isApplied = true; });
            QTRY_VERIFY(isApplied);
        };
        revoke(u"ann/stolen"_s);
        client.say(R"({"type":"refresh","token":"ann/stolen","id":1})");
        QTRY_COMPARE(client.messages.size(), 2);
        QCOMPARE(client.messages[1].value("code"_L1).toString(), u"token_revoked"_s);
        client.say(R"({"type":"refresh","token":"ann/two","id":2})");
        QTRY_COMPARE(client.messages.size(), 3);
        QCOMPARE(client.type(2), u"ack"_s);
        // From then on it is the new token that the connection stands on.
        revoke(u"ann/one"_s);
        client.say(R"({"type":"ping"})");
        QTRY_COMPARE(client.messages.size(), 4);
        QCOMPARE(client.type(3), u"pong"_s);
        revoke(u"ann/two"_s);
        QTRY_COMPARE(int(client.socket.closeCode()), 4504);
    }

    void tellsWhatWasTakenAway_data()
    {
        QTest::addColumn<Role>("held");
        QTest::addColumn<Role>("now");
        QTest::addColumn<int>("code"); // 0: goes on
        QTest::newRow("an admin still") << Role::Admin << Role::Admin << 0;
        QTest::newRow("a viewer still") << Role::Viewer << Role::Viewer << 0;
        QTest::newRow("has risen") << Role::Viewer << Role::Admin << 0;
        QTest::newRow("is nobody now") << Role::Admin << Role::None << 4504;
        QTest::newRow("only publishes now") << Role::Operator << Role::Publisher << 4504;
        QTest::newRow("fell to viewer") << Role::Admin << Role::Viewer << 4133;
        QTest::newRow("fell to operator") << Role::Admin << Role::Operator << 4133;
    }
    void tellsWhatWasTakenAway()
    {
        QFETCH(Role, held);
        QFETCH(Role, now);
        QFETCH(int, code);
        const std::optional<ConsoleEnd> end = consoleEnd(held, now);
        QCOMPARE(end ? int(end->code) : 0, code);
        if (end)
            QCOMPARE(end->reason, code == 4504 ? "role_too_weak"_L1 : "role_changed"_L1);
    }

    void kicksAConnection()
    {
        ChannelFixture fixture(2);
        Client client(fixture.port);
        QTRY_COMPARE(client.messages.size(), 1);
        std::vector<ConnectionInfo> list;
        fixture.pool->listConnections([&list](std::vector<ConnectionInfo> all) { list = std::move(all); });
        QTRY_COMPARE(list.size(), 1U);
        QCOMPARE(list[0].user, u"42"_s);
        QCOMPARE(list[0].address, u"127.0.0.1"_s);
        std::optional<bool> wasThere;
        fixture.pool->kick(list[0].id, [&wasThere](bool there) { wasThere = there; });
        QTRY_COMPARE(wasThere, std::optional(true));
        QTRY_COMPARE(int(client.socket.closeCode()), 4133); // Qt's enum does not name it
        for (const QString &id : { list[0].id, u"nonsense"_s, u"9-1"_s, u"-"_s }) {
            wasThere.reset();
            fixture.pool->kick(id, [&wasThere](bool there) { wasThere = there; });
            QTRY_COMPARE(wasThere, std::optional(false));
        }
    }

    void echoesOnlyItsOwnSubprotocol()
    {
        ChannelFixture fixture;
        QByteArray request = handshake("Sec-WebSocket-Protocol: gatehouse.v1, bearer.42\r\n");
        request.replace("?token=42", "");
        const QByteArray answer = exchange(fixture.port, request, "notifications_list");
        QVERIFY2(answer.startsWith("HTTP/1.1 101"), answer.constData());
        QVERIFY(answer.toLower().contains("sec-websocket-protocol: gatehouse.v1\r\n"));
        QVERIFY(!answer.contains("bearer"));
    }

    void handlesFramesSentBehindTheHandshake()
    {
        ChannelFixture fixture;
        const QByteArray ping = encodeClientFrame(Opcode::Text, R"({"type":"ping","id":77})");
        const QByteArray answer = exchange(fixture.port, handshake() + ping, R"("id":77)");
        QVERIFY(answer.startsWith("HTTP/1.1 101"));
        QVERIFY2(answer.contains(R"("id":77)"), answer.constData());
    }

    void refusesBadHandshakes_data()
    {
        QTest::addColumn<QByteArray>("request");
        QTest::addColumn<QByteArray>("status");
        QTest::newRow("short key") << handshake({}, "dGhlIHNhbXBsZQ==") << QByteArray("400");
        QTest::newRow("key is no base64") << handshake({}, "x") << QByteArray("400");
        QTest::newRow("version 8") << handshake().replace("Version: 13", "Version: 8") << QByteArray("426");
        QTest::newRow("post") << handshake().replace("GET", "POST") << QByteArray("405");
        QTest::newRow("body") << handshake("Content-Length: 2\r\n") + "ab" << QByteArray("400");
        QTest::newRow("no upgrade") << QByteArray("GET /ws/notifications/ HTTP/1.1\r\nHost: a\r\n\r\n")
                                    << QByteArray("426");
        QTest::newRow("http/1.0") << handshake().replace("HTTP/1.1", "HTTP/1.0") << QByteArray("505");
    }
    void refusesBadHandshakes()
    {
        QFETCH(QByteArray, request);
        QFETCH(QByteArray, status);
        ChannelFixture fixture;
        const QByteArray line = "HTTP/1.1 " + status;
        const QByteArray answer = exchange(fixture.port, request, line); // one that is no handshake stays open
        QVERIFY2(answer.startsWith(line), answer.constData());
    }

    void opensNothingAfterTheEnd()
    {
        ChannelFixture fixture;
        KeptConnection kept(fixture.port);
        QTRY_VERIFY(kept.answers.contains("GET /open"));
        Client client(fixture.port);
        QTRY_COMPARE(client.messages.size(), 1);
        fixture.pool->endSessions();
        QTRY_COMPARE(client.socket.closeCode(), QWebSocketProtocol::CloseCodeGoingAway);
        kept.socket.write(handshake());
        QTRY_VERIFY2(kept.answers.contains("HTTP/1.1 503 "), kept.answers.constData());
        QVERIFY(kept.answers.contains("draining"));
        QVERIFY(!kept.answers.contains(" 101 "));
        QCOMPARE(fixture.users.openInAll(), 0);
    }

    void opensNoLiveStreamAfterTheEnd()
    {
        ChannelFixture fixture;
        KeptConnection kept(fixture.port);
        QTRY_VERIFY(kept.answers.contains("GET /open"));
        fixture.pool->endSessions();
        kept.socket.write(
            handshake("Authorization: Bearer admin\r\n").replace("/ws/notifications/?token=42", "/ws/admin/"));
        QTRY_VERIFY2(kept.answers.contains("HTTP/1.1 503 "), kept.answers.constData());
        QVERIFY(!kept.answers.contains(" 101 "));
    }

    void servesPlainRequestsInOrder()
    {
        ChannelFixture fixture;
        const QByteArray answer = exchange(fixture.port,
            "GET /one HTTP/1.1\r\nHost: a\r\n\r\nPOST /two HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: "
            "close\r\n\r\nabc");
        const qsizetype one = answer.indexOf("GET /one");
        const qsizetype two = answer.indexOf("POST /two abc");
        QVERIFY2(one > 0 && two > one, answer.constData());
    }

    void countsNothingWithTheSwitchOff()
    {
        ChannelFixture fixture;
        bool isApplied = false;
        fixture.pool->applyLimits(ChannelFixture::snapshotOf({}, false), [&isApplied] { isApplied = true; });
        QTRY_VERIFY(isApplied);
        std::vector<std::unique_ptr<Client>> clients;
        for (int i = 0; i < 12; ++i)
            clients.push_back(std::make_unique<Client>(fixture.port, QString::number(i)));
        QTRY_COMPARE(fixture.sum(&WorkerCounters::activeConnections), 12);
        QCOMPARE(fixture.sum(&WorkerCounters::accepted), 0);
        QVERIFY(exchange(fixture.port, handshake().replace("app.example", "evil.example")).startsWith("HTTP/1.1 403"));
    }
};

QTEST_GUILESS_MAIN(TestChannel)
#include "tst_channel.moc"
