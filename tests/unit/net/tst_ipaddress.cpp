// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/net/forwardedfor.h"
#include "server/net/ipaddress.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

class TestIpAddress : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void parses_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("normal");
        const auto row = [](const char *text, const char *normal) {
            QTest::newRow(text[0] ? text : "empty") << QByteArray(text) << QString::fromLatin1(normal);
        };
        row("203.0.113.7", "203.0.113.7");
        row("::ffff:203.0.113.7", "203.0.113.7");
        row("64:ff9b::203.0.113.7", "203.0.113.7"); // through NAT64
        row("0064:FF9B:0:0:0:0:cb00:7107", "203.0.113.7");
        row("64:ff9b:1::203.0.113.7", "64:ff9b:1::cb00:7107"); // a prefix of somebody's own
        row("64:ff9b::1:203.0.113.7", "64:ff9b::1:cb00:7107");
        row("64:ff9a::203.0.113.7", "64:ff9a::cb00:7107");
        row("2001:DB8:0:0:0:0:0:1", "2001:db8::1");
        row("::1", "::1");
        row("", "");
        row("203.0.113", "");
        row("203.0.113.256", "");
        row("203.0.113.07", "");
        row("[::1]", "");
        row("::1%lo", "");
        row("localhost", "");
        row(" 1.2.3.4", "");
        row("1.2.3.4:80", "");
    }
    void parses()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, normal);
        const std::optional<IpAddress> address = IpAddress::parse(text);
        QCOMPARE(address.has_value(), !normal.isEmpty());
        if (address)
            QCOMPARE(address->toString(), normal);
    }

    void refusesOverlongAndEmbeddedNul()
    {
        QVERIFY(!IpAddress::parse(QByteArray(1000, '1')));
        QVERIFY(!IpAddress::parse(QByteArray("1.2.3.4\0x", 9)));
    }

    void namesBuckets()
    {
        QCOMPARE(IpAddress::parse("203.0.113.7")->bucket().bucketText(), u"203.0.113.7"_s);
        QCOMPARE(IpAddress::parse("2001:db8:5::42")->bucket().bucketText(), u"2001:db8:5::/64"_s);
        const IpAddress address = *IpAddress::parse("2001:db8:5:abcd:ef01::42");
        QCOMPARE(address.bucket(64).bucketText(64), u"2001:db8:5:abcd::/64"_s);
        QCOMPARE(address.bucket(60).bucketText(60), u"2001:db8:5:abc0::/60"_s);
        QCOMPARE(address.bucket(57).bucketText(57), u"2001:db8:5:ab80::/57"_s);
        QCOMPARE(address.bucket(56).bucketText(56), u"2001:db8:5:ab00::/56"_s);
        QCOMPARE(address.bucket(48).bucketText(48), u"2001:db8:5::/48"_s);
        QCOMPARE(IpAddress::parse("203.0.113.7")->bucket(48).bucketText(48), u"203.0.113.7"_s);
        QCOMPARE(IpAddress::parse("2001:db8:5:6::42")->site().toString(), u"2001:db8:5::"_s);
        QCOMPARE(IpAddress::parse("203.0.113.7")->site().toString(), u"203.0.113.7"_s);
    }

    void findsTheClientBehindProxies_data()
    {
        QTest::addColumn<QByteArray>("peer");
        QTest::addColumn<QByteArray>("forwarded");
        QTest::addColumn<QString>("client");
        const auto row = [](const char *name, const char *peer, const char *forwarded, const char *client) {
            QTest::newRow(name) << QByteArray(peer) << QByteArray(forwarded) << QString::fromLatin1(client);
        };
        row("untrusted peer", "198.51.100.1", "1.2.3.4", "198.51.100.1");
        row("trusted peer", "10.0.0.1", "1.2.3.4", "1.2.3.4");
        row("no header", "10.0.0.1", "", "10.0.0.1");
        row("rightmost untrusted hop", "10.0.0.1", "9.9.9.9, 1.2.3.4, 10.0.0.2", "1.2.3.4");
        row("all trusted", "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3");
        row("with port", "10.0.0.1", "1.2.3.4:5678", "1.2.3.4");
        row("IPv6", "10.0.0.1", "2001:db8::1", "2001:db8::1");
        row("IPv6 in brackets", "10.0.0.1", "[2001:db8::1]", "2001:db8::1");
        row("IPv6 with port", "10.0.0.1", "[2001:db8::1]:443", "2001:db8::1");
        row("through NAT64", "10.0.0.1", "64:ff9b::1.2.3.4", "1.2.3.4");
        row("a proxy through NAT64", "64:ff9b::a00:1", "1.2.3.4", "1.2.3.4");
        row("garbage", "10.0.0.1", "unknown", "10.0.0.1");
        row("garbage behind a good hop", "10.0.0.1", "1.2.3.4, garbage, 10.0.0.2", "10.0.0.2");
        row("spoofed behind a real one", "10.0.0.1", "127.0.0.1, 6.6.6.6", "6.6.6.6");
        row("empty hops", "10.0.0.1", "1.2.3.4,,", "10.0.0.1");
        row("open bracket", "10.0.0.1", "[::1", "10.0.0.1");
    }
    void findsTheClientBehindProxies()
    {
        QFETCH(QByteArray, peer);
        QFETCH(QByteArray, forwarded);
        QFETCH(QString, client);
        const std::vector<Network> proxies{ { *IpAddress::parse("10.0.0.0"), 96 + 8 } };
        QCOMPARE(clientAddress(*IpAddress::parse(peer), forwarded, proxies).address.toString(), client);
    }
};

QTEST_APPLESS_MAIN(TestIpAddress)
#include "tst_ipaddress.moc"
