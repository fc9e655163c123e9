// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/net/forwardedfor.h"
#include "server/net/network.h"

using namespace gatehouse;

namespace {

IpAddress address(const char *text)
{
    return IpAddress::parse(text).value();
}

} // namespace

class TestForwardedFor : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsTheClient_data()
    {
        QTest::addColumn<QByteArray>("peer");
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<QByteArray>("client");
        const auto row = [](const char *name, const char *peer, const char *header, const char *client) {
            QTest::newRow(name) << QByteArray(peer) << QByteArray(header) << QByteArray(client);
        };
        // 10.0.0.0/8 and 2001:db8:1::/48 are proxies.
        row("no header", "10.0.0.1", "", "10.0.0.1");
        row("untrusted peer", "203.0.113.9", "198.51.100.1", "203.0.113.9");
        row("one hop", "10.0.0.1", "198.51.100.1", "198.51.100.1");
        row("rightmost untrusted", "10.0.0.1", "192.0.2.66, 198.51.100.1", "198.51.100.1");
        row("through a second proxy", "10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1");
        row("forged proxies on the left", "10.0.0.1", "10.0.0.9, 198.51.100.1, 10.0.0.2", "198.51.100.1");
        row("only proxies", "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3");
        row("spaces and none", "10.0.0.1", "  198.51.100.1  ,10.0.0.2", "198.51.100.1");
        row("port", "10.0.0.1", "198.51.100.1:4711", "198.51.100.1");
        row("IPv6", "10.0.0.1", "2001:db8:9::1", "2001:db8:9::1");
        row("IPv6 in brackets", "10.0.0.1", "[2001:db8:9::1]", "2001:db8:9::1");
        row("IPv6 with port", "10.0.0.1", "[2001:db8:9::1]:4711", "2001:db8:9::1");
        row("IPv6 proxy", "2001:db8:1::5", "198.51.100.1", "198.51.100.1");
        row("mapped is IPv4", "10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1");
        row("mapped proxy", "::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1");
        row("garbage", "10.0.0.1", "unknown", "10.0.0.1");
        row("garbage behind a proxy", "10.0.0.1", "198.51.100.1, _hidden, 10.0.0.2", "10.0.0.2");
        row("empty hop", "10.0.0.1", "198.51.100.1,", "10.0.0.1");
        row("open bracket", "10.0.0.1", "[2001:db8:9::1", "10.0.0.1");
        row("nothing but commas", "10.0.0.1", ",,,", "10.0.0.1");
        row("number", "10.0.0.1", "3325256705", "10.0.0.1");
    }
    void findsTheClient()
    {
        QFETCH(QByteArray, peer);
        QFETCH(QByteArray, header);
        QFETCH(QByteArray, client);
        std::vector<Network> proxies;
        for (const char *text : { "10.0.0.0/8", "2001:db8:1::/48" })
            proxies.push_back(parseNetwork(QString::fromLatin1(text)).value());
        QCOMPARE(clientAddress(address(peer.constData()), header, proxies).address.toString(),
            address(client.constData()).toString());
        // Without proxies nobody is believed.
        QCOMPARE(clientAddress(address(peer.constData()), header, {}).address, address(peer.constData()));
    }

    void saysWhatBecameOfTheHeader_data()
    {
        QTest::addColumn<QByteArray>("peer");
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<Forwarded>("forwarded");
        const auto row = [](const char *name, const char *peer, const char *header, Forwarded forwarded) {
            QTest::newRow(name) << QByteArray(peer) << QByteArray(header) << forwarded;
        };
        row("a stranger's", "203.0.113.9", "198.51.100.1", Forwarded::NotAsked);
        row("a stranger without", "203.0.113.9", "", Forwarded::NotAsked);
        row("used", "10.0.0.1", "198.51.100.1", Forwarded::Used);
        row("used past garbage of the client", "10.0.0.1", "garbage, 198.51.100.1", Forwarded::Used);
        row("only proxies", "10.0.0.1", "10.0.0.3", Forwarded::Used);
        row("missing", "10.0.0.1", "", Forwarded::Missing);
        row("blank", "10.0.0.1", "  ", Forwarded::Missing);
        row("garbage", "10.0.0.1", "unknown", Forwarded::Unusable);
        row("garbage behind a proxy", "10.0.0.1", "198.51.100.1, _hidden, 10.0.0.2", Forwarded::Unusable);
        row("commas", "10.0.0.1", ",", Forwarded::Unusable);
    }
    void saysWhatBecameOfTheHeader()
    {
        QFETCH(QByteArray, peer);
        QFETCH(QByteArray, header);
        QFETCH(Forwarded, forwarded);
        const std::vector<Network> proxies{ parseNetwork(u"10.0.0.0/8").value() };
        QCOMPARE(clientAddress(address(peer.constData()), header, proxies).forwarded, forwarded);
    }
};

QTEST_APPLESS_MAIN(TestForwardedFor)
#include "tst_forwardedfor.moc"
