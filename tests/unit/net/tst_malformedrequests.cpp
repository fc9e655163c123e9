// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/net/httphead.h"
#include "server/net/malformedrequests.h"

using namespace gatehouse;
using namespace std::chrono_literals;

class TestMalformedRequests : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void knowsTheKind_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<MalformedKind>("kind");
        const auto row = [](const char *name, const QByteArray &bytes, MalformedKind kind) {
            QTest::newRow(name) << bytes << kind;
        };
        row("nonsense", "hello\r\n\r\n", MalformedKind::Syntax);
        row("no host", "GET / HTTP/1.1\r\n\r\n", MalformedKind::Syntax);
        row("TLS", "\x16\x03\x01\x02", MalformedKind::Tls);
        row("PROXY protocol", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            MalformedKind::Proxy);
        row("PROXY protocol, unknown", "PROXY UNKNOWN\r\n", MalformedKind::Proxy);
        row("PROXY protocol 2", QByteArray("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\0", 16), MalformedKind::Proxy);
        row("a method of that name", "PROXY / HTTP/1.1\r\n\r\n", MalformedKind::Syntax);
        row("version", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", MalformedKind::Version);
        row("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", MalformedKind::Version);
        row("head", "GET / HTTP/1.1\r\nHost: a\r\nX: " + QByteArray(9000, 'x') + "\r\n\r\n", MalformedKind::HeadSize);
        row("large body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n", MalformedKind::Body);
        row("coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", MalformedKind::Body);
        row("expectation", "GET / HTTP/1.1\r\nHost: a\r\nExpect: cake\r\n\r\n", MalformedKind::Expectation);
    }
    void knowsTheKind()
    {
        QFETCH(const QByteArray, bytes);
        QFETCH(MalformedKind, kind);
        const HeadVerdict verdict = parseHttpHead(bytes);
        QVERIFY(std::holds_alternative<Problem>(verdict));
        QCOMPARE(malformedKind(std::get<Problem>(verdict), bytes), kind);
    }

    void countsAllAndTellsOfFew()
    {
        MalformedRequests requests;
        const MonoTime start{ 1h };
        QCOMPARE(requests.count(MalformedKind::Tls, start), std::optional<qint64>(1));
        for (int i = 0; i < 5; ++i)
            QVERIFY(!requests.count(MalformedKind::Tls, start + 9s));
        QCOMPARE(requests.count(MalformedKind::Syntax, start + 9s), std::optional<qint64>(1)); // another kind
        QCOMPARE(requests.count(MalformedKind::Tls, start + 10s), std::optional<qint64>(6));
        QVERIFY(!requests.count(MalformedKind::Tls, start + 10s));
        QCOMPARE(requests.counts()[size_t(MalformedKind::Tls)], 8);
        QCOMPARE(requests.counts()[size_t(MalformedKind::Syntax)], 1);
        QCOMPARE(requests.counts()[size_t(MalformedKind::Body)], 0);
    }
};

QTEST_APPLESS_MAIN(TestMalformedRequests)
#include "tst_malformedrequests.moc"
