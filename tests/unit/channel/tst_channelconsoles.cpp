// SPDX-License-Identifier: GPL-3.0-or-later
// The live stream of consoles on real sockets, with Qt's WebSocket client as the peer.
#include <array>

#include <QtNetwork/QNetworkRequest>
#include <QtTest/QTest>
#include <QtWebSockets/QWebSocket>

#include "tests/support/channelfixture.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

class TestChannelConsoles : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void streamsToConsoles()
    {
        ChannelFixture fixture;
        QWebSocket console;
        QStringList messages;
        connect(
            &console, &QWebSocket::textMessageReceived, this, [&messages](const QString &text) { messages += text; });
        QNetworkRequest request(QUrl(u"ws://127.0.0.1:%1/ws/admin/"_s.arg(fixture.port)));
        request.setRawHeader("Authorization", "Bearer admin");
        console.open(request);
        QTRY_COMPARE(messages, QStringList{ uR"({"type":"hello"})"_s });
        console.sendTextMessage(uR"({"type":"subscribe","topics":["metrics","nonsense"]})"_s);
        QTRY_COMPARE(messages.size(), 2);
        QVERIFY(messages[1].contains("unknown_topic"_L1));
        console.sendTextMessage(uR"({"type":"subscribe","topics":["metrics"]})"_s);
        QTRY_COMPARE(messages.size(), 3);
        fixture.pool->sendToConsoles(ConsoleTopic::Decisions, R"({"n":1})");
        fixture.pool->sendToConsoles(ConsoleTopic::Metrics, R"({"n":2})");
        QTRY_COMPARE(messages.size(), 4);
        QCOMPARE(messages[3], uR"({"n":2})"_s);
        QCOMPARE(fixture.sum(&WorkerCounters::activeConnections), 0); // consoles never count
    }

    void aConsoleIsClosedForItsTokenButNotForItsAddress()
    {
        ChannelFixture fixture;
        QWebSocket console;
        QNetworkRequest request(QUrl(u"ws://127.0.0.1:%1/ws/admin/"_s.arg(fixture.port)));
        request.setRawHeader("Authorization", "Bearer admin");
        int messages = 0;
        QObject::connect(&console, &QWebSocket::textMessageReceived, &console, [&messages] { ++messages; });
        console.open(request);
        QTRY_COMPARE(messages, 1);
        const auto ban = [&fixture](AccessKind kind, const QString &value) {
            AccessRule rule;
            rule.kind = kind;
            rule.value = value;
            const auto rules = std::make_shared<const AccessRules>(std::vector{ rule }, std::vector<AccessRule>{});
            bool isApplied = false;
            fixture.pool->applyAccess(rules, rules, [&isApplied] { isApplied = true; });
            QTRY_VERIFY(isApplied);
        };
        ban(AccessKind::Address, u"127.0.0.1"_s);
        console.sendTextMessage(uR"({"type":"subscribe","topics":[]})"_s);
        QTRY_COMPARE(messages, 2);
        ban(AccessKind::TokenId, u"admin token"_s);
        QTRY_COMPARE(int(console.closeCode()), 4504);
    }

    void aConsoleThatLosesItsRightsIsClosedAlone()
    {
        ChannelFixture fixture(2);
        struct Console
        {
            QWebSocket socket;
            int messages = 0;
        };
        std::array<Console, 4> consoles; // of "admin", and of admins by their own tokens: "admin1" …
        for (size_t i = 0; i < consoles.size(); ++i) {
            Console &console = consoles.at(i);
            QNetworkRequest request(QUrl(u"ws://127.0.0.1:%1/ws/admin/"_s.arg(fixture.port)));
            request.setRawHeader("Authorization",
                i == 0 ? QByteArray("Bearer admin") : QByteArray("Bearer admin" + QByteArray::number(int(i))));
            QObject::connect(
                &console.socket, &QWebSocket::textMessageReceived, &console.socket, [&console] { ++console.messages; });
            console.socket.open(request);
            QTRY_COMPARE(console.messages, 1);
        }
        fixture.pool->applyAdminUsers({ u"admin"_s, u"somebody"_s }); // nothing is taken from anybody
        fixture.pool->applyAdminUsers({ u"somebody"_s });
        QTRY_COMPARE(int(consoles[0].socket.closeCode()), 4504);
        QVERIFY(consoles[0].socket.closeReason().contains(u"role_too_weak"));
        for (const size_t stays : { 1, 2, 3 }) {
            consoles.at(stays).socket.sendTextMessage(uR"({"type":"subscribe","topics":[]})"_s);
            QTRY_COMPARE(consoles.at(stays).messages, 2);
        }
    }
};

QTEST_GUILESS_MAIN(TestChannelConsoles)
#include "tst_channelconsoles.moc"
