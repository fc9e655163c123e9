// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/net/proxyheader.h"

using namespace gatehouse;

namespace {

using State = ProxyHeaderReader::State;

const QByteArray kSignature("\r\n\r\n\0\r\nQUIT\n", 12);

/// A header of version 2 whose length is what follows.
QByteArray binary(char command, char family, const QByteArray &rest)
{
    return kSignature + command + family + char(rest.size() >> 8) + char(rest.size()) + rest;
}

const QByteArray kIpv4("\xcb\0\x71\x07\x7f\0\0\x01\x12\x67\x01\xbb", 12); // 203.0.113.7:4711 to 127.0.0.1:443
const QByteArray kIpv6 = QByteArray("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16)
    + QByteArray("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02", 16) + QByteArray("\x12\x67\x01\xbb", 4);

} // namespace

class TestProxyHeader : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsHeaders_data()
    {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<QByteArray>("address");
        QTest::addColumn<quint16>("port");
        const auto row = [](const char *name, const QByteArray &header, const char *address, int port) {
            QTest::newRow(name) << header << QByteArray(address) << quint16(port);
        };
        row("1, IPv4", "PROXY TCP4 203.0.113.7 127.0.0.1 4711 443\r\n", "203.0.113.7", 4711);
        row("1, IPv6", "PROXY TCP6 2001:db8::1 2001:db8::2 65535 443\r\n", "2001:db8::1", 65535);
        row("1, IPv4 as IPv6", "PROXY TCP6 ::ffff:203.0.113.7 ::ffff:127.0.0.1 4711 443\r\n", "203.0.113.7", 4711);
        row("1, port 0", "PROXY TCP4 203.0.113.7 127.0.0.1 0 0\r\n", "203.0.113.7", 0);
        row("1, longest",
            "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 "
            "65535\r\n",
            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", 65535);
        row("1, unknown", "PROXY UNKNOWN\r\n", "", 0);
        row("1, unknown with more", "PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n", "", 0);
        row("2, IPv4", binary(0x21, 0x11, kIpv4), "203.0.113.7", 4711);
        row("2, IPv6", binary(0x21, 0x21, kIpv6), "2001:db8::1", 4711);
        row("2, IPv4 with more behind",
            binary(0x21, 0x11,
                kIpv4
                    + QByteArray("\x04\0\x03"
                                 "abc",
                        6)),
            "203.0.113.7", 4711);
        row("2, IPv6 with much behind", binary(0x21, 0x21, kIpv6 + QByteArray(4000, '\r')), "2001:db8::1", 4711);
        row("2, IPv4 with much behind", binary(0x21, 0x11, kIpv4 + QByteArray(4000, '\n')), "203.0.113.7", 4711);
        row("2, local", binary(0x20, 0x00, {}), "", 0);
        row("2, local with addresses", binary(0x20, 0x11, kIpv4), "", 0);
        row("2, local of any family", binary(0x20, 0x7f, "abc"), "", 0);
        row("2, unspecified", binary(0x21, 0x00, {}), "", 0);
        row("2, unspecified with more", binary(0x21, 0x00, QByteArray(100, 'x')), "", 0);
        row("2, Unix-domain", binary(0x21, 0x31, QByteArray(216, 'x')), "", 0);
    }
    void readsHeaders()
    {
        QFETCH(const QByteArray, header);
        QFETCH(const QByteArray, address);
        QFETCH(quint16, port);
        ProxyHeaderReader whole;
        QCOMPARE(whole.take(QByteArray(header + "GET / HTTP/1.1\r\n")), header.size());
        ProxyHeaderReader byByte;
        for (const char &byte : header) {
            QCOMPARE(byByte.state(), State::Incomplete);
            QCOMPARE(byByte.take(QByteArrayView(&byte, 1)), 1);
        }
        for (const ProxyHeaderReader *reader : { &whole, &byByte }) {
            QCOMPARE(reader->state(), State::Complete);
            QCOMPARE(reader->client().has_value(), !address.isEmpty());
            if (!address.isEmpty())
                QCOMPARE(*reader->client(), (ProxyHeaderReader::Client{ *IpAddress::parse(address), port }));
        }
        QCOMPARE(whole.take("more"), 0);
    }

    void seesThatThereIsNone_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("HTTP") << QByteArray("GET / HTTP/1.1\r\n");
        QTest::newRow("HTTP that begins like it") << QByteArray("PUT / HTTP/1.1\r\n");
        QTest::newRow("a method of that name") << QByteArray("PROXY/ HTTP/1.1\r\n");
        QTest::newRow("in lower case") << QByteArray("proxy TCP4 1.1.1.1 2.2.2.2 1 2\r\n");
        QTest::newRow("TLS") << QByteArray("\x16\x03\x01");
        QTest::newRow("empty lines") << QByteArray("\r\n\r\nGET / HTTP/1.1\r\n");
        QTest::newRow("almost the signature") << QByteArray("\r\n\r\n\0\r\nQUIT\r", 12);
    }
    void seesThatThereIsNone()
    {
        QFETCH(const QByteArray, bytes);
        ProxyHeaderReader whole;
        QCOMPARE(whole.take(bytes), 0);
        QCOMPARE(whole.state(), State::Missing);
        ProxyHeaderReader byByte;
        for (const char &byte : bytes)
            byByte.take(QByteArrayView(&byte, 1));
        QCOMPARE(byByte.state(), State::Missing);
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("header");
        const auto row = [](const char *name, const QByteArray &header) { QTest::newRow(name) << header; };
        row("no addresses", "PROXY TCP4\r\n");
        row("no family", "PROXY \r\n");
        row("another family", "PROXY UDP4 203.0.113.7 127.0.0.1 4711 443\r\n");
        row("almost unknown", "PROXY UNKNOWNS\r\n");
        row("one port", "PROXY TCP4 203.0.113.7 127.0.0.1 4711\r\n");
        row("three ports", "PROXY TCP4 203.0.113.7 127.0.0.1 1 2 3\r\n");
        row("two blanks", "PROXY TCP4  203.0.113.7 127.0.0.1 4711 443\r\n");
        row("blank at the end", "PROXY TCP4 203.0.113.7 127.0.0.1 4711 443 \r\n");
        row("IPv6 as IPv4", "PROXY TCP4 2001:db8::1 2001:db8::2 4711 443\r\n");
        row("IPv4 as IPv6", "PROXY TCP6 203.0.113.7 127.0.0.1 4711 443\r\n");
        row("no address", "PROXY TCP4 203.0.113.999 127.0.0.1 4711 443\r\n");
        row("no address of its own", "PROXY TCP4 203.0.113.7 localhost 4711 443\r\n");
        row("no port", "PROXY TCP4 203.0.113.7 127.0.0.1 http 443\r\n");
        row("port too high", "PROXY TCP4 203.0.113.7 127.0.0.1 65536 443\r\n");
        row("port with a sign", "PROXY TCP4 203.0.113.7 127.0.0.1 +1 443\r\n");
        row("port with zeros", "PROXY TCP4 203.0.113.7 127.0.0.1 0080 443\r\n");
        row("line without end", "PROXY TCP4 " + QByteArray(96, 'x'));
        row("bare LF", "PROXY TCP4 203.0.113.7 127.0.0.1 4711 443\n");
        row("version 1 in binary", binary(0x11, 0x11, kIpv4));
        row("another command", binary(0x22, 0x11, kIpv4));
        row("UDP", binary(0x21, 0x12, kIpv4));
        row("another family in binary", binary(0x21, 0x41, kIpv4));
        row("IPv4 too short", binary(0x21, 0x11, kIpv4.chopped(1)));
        row("IPv6 too short", binary(0x21, 0x21, kIpv4));
        row("nothing of IPv4", binary(0x21, 0x11, {}));
        row("too much behind", binary(0x21, 0x11, QByteArray(4097, 'x')));
    }
    void refuses()
    {
        QFETCH(const QByteArray, header);
        ProxyHeaderReader whole;
        const qsizetype taken = whole.take(header);
        QCOMPARE(whole.state(), State::Malformed);
        QVERIFY(!whole.problem().isEmpty());
        QVERIFY(!whole.client());
        ProxyHeaderReader byByte;
        qsizetype count = 0;
        for (const char &byte : header)
            count += byByte.take(QByteArrayView(&byte, 1));
        QCOMPARE(byByte.state(), State::Malformed);
        QCOMPARE(count, taken);
    }
};

QTEST_APPLESS_MAIN(TestProxyHeader)
#include "tst_proxyheader.moc"
