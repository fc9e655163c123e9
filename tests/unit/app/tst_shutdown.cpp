// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtNetwork/QTcpSocket>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "server/app/shutdown.h"
#include "tests/support/channelclient.h"
#include "tests/support/channelfixture.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// The end of a server with a real channel: that the addresses are remembered before it ends, however short it is cut.
class ShutdownTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void rememberBeforeTheEnd_data();
    void rememberBeforeTheEnd();
    void cutShortLater();
    void listensUntilTheClientsHaveGone();
    void endsConnectionsThatWaitForAnotherRequest();
};

void ShutdownTest::rememberBeforeTheEnd_data()
{
    QTest::addColumn<int>("workers");
    QTest::addColumn<int>("cuts");
    QTest::newRow("not cut short") << 1 << 0;
    QTest::newRow("cut short at once") << 1 << 1;
    QTest::newRow("cut short at once, two workers") << 2 << 1;
    QTest::newRow("cut short twice") << 1 << 2;
}

void ShutdownTest::rememberBeforeTheEnd()
{
    QFETCH(int, workers);
    QFETCH(int, cuts);
    ChannelFixture fixture(workers);
    ChannelClient ann(fixture.port, u"ann"_s);
    ChannelClient bob(fixture.port, u"bob"_s);
    QTRY_COMPARE(fixture.pool->activeConnections(), 2);
    quint32 remembered = 0;
    int lists = 0;
    Shutdown shutdown(
        *fixture.pool, cuts > 0 ? 600s : 0s,
        [&](const ClientCounts &counts) {
            ++lists;
            for (const auto &[client, count] : counts)
                remembered += count;
        },
        [] {});
    quint32 rememberedAtTheEnd = 0;
    connect(&shutdown, &Shutdown::finished, this, [&] { rememberedAtTheEnd = remembered; });
    QSignalSpy finished(&shutdown, &Shutdown::finished);
    shutdown.begin();
    for (int cut = 0; cut < cuts; ++cut)
        shutdown.cutShort();
    QTRY_VERIFY(!finished.isEmpty());
    QCOMPARE(rememberedAtTheEnd, 2u);
    QCOMPARE(lists, 1);
}

void ShutdownTest::cutShortLater()
{
    ChannelFixture fixture;
    ChannelClient ann(fixture.port, u"ann"_s);
    ChannelClient bob(fixture.port, u"bob"_s);
    QTRY_COMPARE(fixture.pool->activeConnections(), 2);
    bool isRemembered = false;
    Shutdown shutdown(
        *fixture.pool, 600s, [&](const ClientCounts &) { isRemembered = true; }, [] {});
    QSignalSpy finished(&shutdown, &Shutdown::finished);
    shutdown.begin();
    QTRY_VERIFY(isRemembered);
    shutdown.cutShort();
    QCOMPARE(finished.size(), 1);
    shutdown.cutShort(); // and what goes on of the drain ends nothing more
    QTRY_COMPARE(fixture.pool->activeConnections(), 0);
    QCOMPARE(finished.size(), 1);
}

void ShutdownTest::listensUntilTheClientsHaveGone()
{
    ChannelFixture fixture;
    ChannelClient ann(fixture.port, u"ann"_s);
    QTRY_COMPARE(fixture.pool->activeConnections(), 1);
    QStringList order;
    Shutdown shutdown(
        *fixture.pool, 600s, [](const ClientCounts &) {},
        [&] { order.append(fixture.pool->activeConnections() == 0 ? u"closed alone"_s : u"closed among clients"_s); });
    connect(&shutdown, &Shutdown::finished, this, [&] { order.append(u"finished"_s); });
    shutdown.begin();
    QTRY_COMPARE(order, QStringList({ u"closed alone"_s, u"finished"_s }));
}

void ShutdownTest::endsConnectionsThatWaitForAnotherRequest()
{
    ChannelFixture fixture;
    QTcpSocket kept;
    kept.connectToHost(QHostAddress::LocalHost, fixture.port);
    kept.write("GET /open HTTP/1.1\r\nHost: app.example.com\r\n\r\n");
    QTRY_VERIFY(kept.bytesAvailable() > 0);
    QVERIFY(kept.readAll().startsWith("HTTP/1.1 200"));
    Shutdown shutdown(
        *fixture.pool, 600s, [](const ClientCounts &) {}, [&fixture] { fixture.pool->stopListening(); });
    QSignalSpy finished(&shutdown, &Shutdown::finished);
    QCOMPARE(kept.state(), QAbstractSocket::ConnectedState);
    shutdown.begin();
    QTRY_COMPARE(finished.size(), 1);
    QTRY_COMPARE(kept.state(), QAbstractSocket::UnconnectedState);
}

QTEST_GUILESS_MAIN(ShutdownTest)
#include "tst_shutdown.moc"
