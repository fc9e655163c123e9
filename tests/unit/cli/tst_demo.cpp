// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QSet>
#include <QtTest/QtTest>

#include "server/cli/demorunner.h"
#include "tests/support/tinyserver.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;
using namespace std::chrono_literals;

class TestDemo final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void planHasEveryBehaviour();
    void planKeepsAddressesApart();
    void planStaysInBounds();
    void nextAddressesAreFresh();
    void onlyThisMachine_data();
    void onlyThisMachine();
    void clientsConnectAndLeave();
    void clientsPlayTheirParts();
    void endsByItself();
    void endsThoughTheServerHangs();

private:
    static DemoOptions options(const TinyServer &server, int clients)
    {
        DemoOptions demo;
        demo.url = QUrl(u"http://127.0.0.1:%1"_s.arg(server.port()));
        demo.clients = clients;
        demo.origin = "https://example.com";
        demo.tokenFor = [](int number) -> QByteArray { return "token-" + QByteArray::number(number); };
        demo.publisherToken = "publisher";
        return demo;
    }
};

void TestDemo::planHasEveryBehaviour()
{
    const auto plan = planDemo(24);
    QCOMPARE(plan.size(), size_t(24));
    QSet<int> behaviours;
    int crowd = 0;
    for (const DemoClientPlan &client : plan) {
        behaviours.insert(int(client.behaviour));
        crowd += client.behaviour == DemoBehaviour::Crowd;
    }
    QCOMPARE(behaviours.size(), kDemoBehaviourCount);
    QVERIFY(crowd > 5); // more than MAX_CONNECTIONS_PER_IP by default
}

void TestDemo::planKeepsAddressesApart()
{
    QSet<quint32> addresses;
    int expected = 1; // the crowd's
    for (const DemoClientPlan &client : planDemo(kMostDemoClients)) {
        QCOMPARE(client.address >> 16, 0x7f01u);
        addresses.insert(client.address);
        expected += client.behaviour != DemoBehaviour::Crowd;
    }
    QCOMPARE(addresses.size(), expected);
}

void TestDemo::planStaysInBounds()
{
    QCOMPARE(planDemo(0).size(), size_t(1));
    QCOMPARE(planDemo(1'000'000).size(), size_t(kMostDemoClients));
    QCOMPARE(planDemo(3)[2].number, 3);
}

void TestDemo::nextAddressesAreFresh()
{
    QSet<quint32> beginnings;
    for (const DemoClientPlan &client : planDemo(kMostDemoClients))
        beginnings.insert(client.address);
    for (const DemoClientPlan &client : planDemo(kMostDemoClients)) {
        quint32 address = client.address;
        for (int i = 0; i < 3; ++i) {
            if (client.behaviour == DemoBehaviour::Crowd)
                continue;
            address = nextDemoAddress(address);
            QVERIFY(!beginnings.contains(address));
            QCOMPARE(address >> 16, 0x7f01u);
        }
    }
}

void TestDemo::onlyThisMachine_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<bool>("isAllowed");
    QTest::newRow("loopback") << u"http://127.0.0.1:8080"_s << true;
    QTest::newRow("other loopback") << u"http://127.9.9.9:8080"_s << true;
    QTest::newRow("localhost") << u"http://localhost:8080"_s << true;
    QTest::newRow("IPv6 loopback") << u"http://[::1]:8080"_s << false;
    QTest::newRow("private") << u"http://192.168.1.1:8080"_s << false;
    QTest::newRow("any") << u"http://0.0.0.0:8080"_s << false;
    QTest::newRow("name") << u"http://example.com:8080"_s << false;
    QTest::newRow("looks like loopback") << u"http://127.0.0.1.example.com"_s << false;
    QTest::newRow("localhost as a domain") << u"http://localhost.example.com"_s << false;
    QTest::newRow("TLS") << u"https://127.0.0.1:8080"_s << false;
}

void TestDemo::onlyThisMachine()
{
    QFETCH(QString, url);
    QFETCH(bool, isAllowed);
    QCOMPARE(isDemoTarget(QUrl(url)), isAllowed);
}

void TestDemo::clientsConnectAndLeave()
{
    TinyServer server;
    DemoRunner runner(options(server, 4));
    QSignalSpy finished(&runner, &DemoRunner::finished);
    runner.start();
    QTRY_COMPARE(runner.openClients(), 4);
    QCOMPARE(runner.counts().opened, 4);
    runner.stop();
    QTRY_COMPARE(finished.size(), 1);
    QCOMPARE(runner.openClients(), 0);
    QCOMPARE(runner.counts().ended, 4);
}

void TestDemo::clientsPlayTheirParts()
{
    TinyServer server;
    server.answers.insert("/api/notifications/", [] { return TinyServer::response("202 Accepted", "{}"); });
    QSet<QString> addresses;
    connect(&server, &TinyServer::connected, this,
        [&addresses](const QWebSocket *socket) { addresses.insert(socket->peerAddress().toString()); });
    DemoRunner runner(options(server, 15));
    runner.start();
    // Each client once, by its token: who comes and goes may be back before the last has come.
    QHash<QByteArray, QByteArray> heads;
    const auto clients = [&] {
        for (const QByteArray &head : std::as_const(server.heads)) {
            if (head.startsWith("GET "))
                heads.insert(head.mid(head.indexOf("Bearer ")).split('\r').first(), head);
        }
        return heads.size();
    };
    QTRY_COMPARE(clients(), 15);
    int crowd = 0;
    for (const DemoClientPlan &client : planDemo(15))
        crowd += client.behaviour == DemoBehaviour::Crowd;
    QTRY_COMPARE(addresses.size(), 15 - crowd + 1);
    const auto countOf = [&heads](const QByteArray &text) {
        return std::count_if(
            heads.cbegin(), heads.cend(), [&text](const QByteArray &head) { return head.contains(text); });
    };
    QCOMPARE(countOf("Origin: https://elsewhere.invalid"), 1);
    QCOMPARE(countOf("Bearer not-a-token"), 1);
    QCOMPARE(countOf("Bearer token-1"), 1 + 5); // 1, and those from 10 to 14
    QTRY_VERIFY_WITH_TIMEOUT(runner.published() > 0, 20'000);
    runner.stop();
}

void TestDemo::endsByItself()
{
    TinyServer server;
    DemoOptions demo = options(server, 2);
    demo.duration = 1s;
    DemoRunner runner(demo);
    QSignalSpy finished(&runner, &DemoRunner::finished);
    runner.start();
    QTRY_COMPARE(finished.size(), 1);
}

void TestDemo::endsThoughTheServerHangs()
{
    TinyServer server;
    server.answers.insert("/ws/notifications/", [] { return QByteArray(); });
    DemoRunner runner(options(server, 3));
    QSignalSpy finished(&runner, &DemoRunner::finished);
    runner.start();
    QTRY_COMPARE(server.heads.size(), 3);
    runner.stop();
    QTRY_COMPARE(finished.size(), 1);
}

QTEST_GUILESS_MAIN(TestDemo)
#include "tst_demo.moc"
