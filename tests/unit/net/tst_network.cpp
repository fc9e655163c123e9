// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/net/network.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

class TestNetwork final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void contains_data();
    void contains();
    void clearsHostBits();
    void refusesNetworks_data();
    void refusesNetworks();
};

void TestNetwork::contains_data()
{
    QTest::addColumn<QString>("network");
    QTest::addColumn<QByteArray>("address");
    QTest::addColumn<bool>("isInside");

    QTest::newRow("inside /8") << u"10.0.0.0/8"_s << QByteArray("10.255.1.2") << true;
    QTest::newRow("outside /8") << u"10.0.0.0/8"_s << QByteArray("11.0.0.1") << false;
    QTest::newRow("odd prefix, last inside") << u"192.168.4.0/22"_s << QByteArray("192.168.7.255") << true;
    QTest::newRow("odd prefix, first outside") << u"192.168.4.0/22"_s << QByteArray("192.168.8.0") << false;
    QTest::newRow("mapped form") << u"10.0.0.0/8"_s << QByteArray("::ffff:10.1.2.3") << true;
    QTest::newRow("through NAT64") << u"10.0.0.0/8"_s << QByteArray("64:ff9b::10.1.2.3") << true;
    QTest::newRow("a network through NAT64") << u"64:ff9b::10.1.0.0/112"_s << QByteArray("10.1.2.3") << true;
    QTest::newRow("a neighbour of NAT64") << u"64:ff9c::/32"_s << QByteArray("10.1.2.3") << false;
    QTest::newRow("bare address, itself") << u"127.0.0.1"_s << QByteArray("127.0.0.1") << true;
    QTest::newRow("bare address, neighbour") << u"127.0.0.1"_s << QByteArray("127.0.0.2") << false;
    QTest::newRow("/32") << u"127.0.0.1/32"_s << QByteArray("127.0.0.2") << false;
    QTest::newRow("all IPv4") << u"0.0.0.0/0"_s << QByteArray("203.0.113.7") << true;
    QTest::newRow("all IPv4, not IPv6") << u"0.0.0.0/0"_s << QByteArray("2001:db8::1") << false;
    QTest::newRow("everything") << u"::/0"_s << QByteArray("2001:db8::1") << true;
    QTest::newRow("IPv6 inside") << u"2001:db8::/33"_s << QByteArray("2001:db8:7fff::1") << true;
    QTest::newRow("IPv6 outside") << u"2001:db8::/33"_s << QByteArray("2001:db8:8000::1") << false;
    QTest::newRow("IPv6 host") << u"::1/128"_s << QByteArray("::1") << true;
    QTest::newRow("unix peers") << u"unix"_s << QByteArray("::") << true;
    QTest::newRow("unix, not loopback") << u"unix"_s << QByteArray("::1") << false;
}

void TestNetwork::contains()
{
    QFETCH(QString, network);
    QFETCH(QByteArray, address);
    QFETCH(bool, isInside);
    const auto parsed = parseNetwork(network);
    QVERIFY2(parsed.isOk(), parsed ? "" : qPrintable(parsed.error().message));
    QCOMPARE(parsed->contains(IpAddress::parse(address).value()), isInside);
}

void TestNetwork::clearsHostBits()
{
    QCOMPARE(parseNetwork(u"10.1.2.3/9")->address.toString(), u"10.0.0.0"_s);
    QCOMPARE(parseNetwork(u"10.1.2.3/9")->prefixBits, 105);
    QCOMPARE(parseNetwork(u"2001:db8:ffff::1/36")->address.toString(), u"2001:db8:f000::"_s);
}

void TestNetwork::refusesNetworks_data()
{
    QTest::addColumn<QString>("text");
    for (const char *text : { "", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0/8", "10.0.0.0/8/8", "10.0.0.0/ 8",
             "::/129", "64:ff9b::/96", "64:ff9b::/64", "64:ff9b::/32", "example.com", "10.0.0.0/+8", "[::1]/128", "/8",
             "10.0.0.0/0x8", "10.0.0.0/99999999999" })
        QTest::newRow(text) << QString::fromLatin1(text);
}

void TestNetwork::refusesNetworks()
{
    QFETCH(QString, text);
    const auto network = parseNetwork(text);
    QVERIFY(!network.isOk());
    QVERIFY(network.error().message.contains(u'"' + text + u'"'));
}

QTEST_APPLESS_MAIN(TestNetwork)
#include "tst_network.moc"
