// SPDX-License-Identifier: GPL-3.0-or-later
// HttpConnection behind a proxy that speaks the PROXY protocol.
#include <QtTest/QTest>

#include "tests/support/httpclient.h"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

constexpr char kGet[] = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr char kHeader[] = "PROXY TCP4 203.0.113.7 127.0.0.1 4712 443\r\n";
using Begin = HttpConnection::Begin;

} // namespace

class TestHttpProxied : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isTheClientsThatIsNamed_data()
    {
        QTest::addColumn<bool>("byByte");
        QTest::newRow("at once") << false;
        QTest::newRow("byte by byte") << true;
    }
    void isTheClientsThatIsNamed()
    {
        QFETCH(bool, byByte);
        HttpClient client(Begin::ProxyHeader);
        const QByteArray all = QByteArray(kHeader) + kGet + kGet;
        for (qsizetype i = 0; i < all.size(); i += byByte ? 1 : all.size()) {
            client.say(byByte ? all.mid(i, 1) : all);
            QCoreApplication::processEvents();
        }
        QTRY_COMPARE(client.requests.size(), 1U);
        QCOMPARE(client.clients.size(), 1U);
        QCOMPARE(client.clients[0].address, IpAddress::fromIpv4(0xcb007107));
        QCOMPARE(client.requests[0].clientPort, quint16(4712));
        QCOMPARE(client.connection->stream().peer(), client.clients[0].address);
        client.connection->respond(HttpResponse::text("hi"));
        QTRY_COMPARE((client.hear(), client.requests.size()), 2U); // which has no header any more
        QCOMPARE(client.clients.size(), 1U);
    }

    void staysTheProxysIfItNamesNobody()
    {
        HttpClient client(Begin::ProxyHeader);
        client.say("PROXY UNKNOWN\r\n" + QByteArray(kGet));
        QTRY_COMPARE(client.requests.size(), 1U);
        QVERIFY(client.clients.empty());
        QCOMPARE(client.requests[0].clientPort, quint16(4711));
    }

    void refuses_data()
    {
        QTest::addColumn<int>("begin");
        QTest::addColumn<QByteArray>("said");
        QTest::addColumn<QByteArray>("why");
        QTest::newRow("no header") << int(Begin::ProxyHeader) << QByteArray(kGet)
                                   << QByteArray("does not begin with a PROXY header");
        QTest::newRow("a malformed one") << int(Begin::ProxyHeader) << QByteArray("PROXY TCP4\r\n") + kGet
                                         << QByteArray("malformed");
        QTest::newRow("a stranger") << int(Begin::Refused) << QByteArray(kGet) << QByteArray("TRUSTED_PROXIES");
        QTest::newRow("a stranger with a header")
            << int(Begin::Refused) << QByteArray(kHeader) + kGet << QByteArray("TRUSTED_PROXIES");
        QTest::newRow("one that is not expected")
            << int(Begin::Request) << QByteArray(kHeader) + kGet << QByteArray("PROXY_PROTOCOL");
        QTest::newRow("a second one") << int(Begin::ProxyHeader) << QByteArray(kHeader) + kHeader + kGet
                                      << QByteArray("PROXY_PROTOCOL");
    }
    void refuses()
    {
        QFETCH(int, begin);
        QFETCH(const QByteArray, said);
        QFETCH(const QByteArray, why);
        HttpClient client{ Begin(begin) };
        client.say(said);
        QTRY_VERIFY(client.hear().startsWith("HTTP/1.1 400 "));
        QVERIFY(client.hear().contains(why));
        QTRY_VERIFY((client.hear(), client.sawEnd));
        QVERIFY(client.requests.empty());
        QCOMPARE(client.refusals, std::vector{ MalformedKind::Proxy });
    }

    void endsAProxyThatSaysNoMore_data()
    {
        QTest::addColumn<QByteArray>("said");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("half a header") << QByteArray("PROXY TC");
        QTest::newRow("a header alone") << QByteArray(kHeader);
    }
    void endsAProxyThatSaysNoMore()
    {
        QFETCH(const QByteArray, said);
        HttpClient client(Begin::ProxyHeader);
        if (!said.isEmpty())
            client.say(said);
        for (int i = 0; i < 10; ++i)
            QCoreApplication::processEvents();
        client.pass(kHeadDeadline - 200ms);
        QCOMPARE(client.ends, 0);
        client.pass(400ms);
        QCOMPARE(client.ends, 1);
    }

    void aHealthCheckThatOnlyConnectsIsNothing()
    {
        HttpClient client(Begin::ProxyHeader);
        client.say(QByteArray("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16));
        client.sayNoMore();
        QTRY_COMPARE(client.ends, 1);
        QVERIFY(client.refusals.empty());
    }
};

QTEST_GUILESS_MAIN(TestHttpProxied)
#include "tst_httpproxied.moc"
