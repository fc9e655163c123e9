// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/net/listenaddress.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;

class TestListenAddress final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void reads_data();
    void reads();
    void refuses_data();
    void refuses();
    void readsUnixPaths();
};

void TestListenAddress::reads_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("address");
    QTest::addColumn<int>("port");

    QTest::newRow("default") << u"127.0.0.1:8080"_s << u"127.0.0.1"_s << 8080;
    QTest::newRow("port 0") << u"127.0.0.1:0"_s << u"127.0.0.1"_s << 0;
    QTest::newRow("localhost") << u"localhost:1"_s << u"127.0.0.1"_s << 1;
    QTest::newRow("IPv6") << u"[::1]:65535"_s << u"::1"_s << 65535;
    QTest::newRow("any IPv4") << u"0.0.0.0:80"_s << u"0.0.0.0"_s << 80;
    QTest::newRow("any") << u":8080"_s << u"::"_s << 8080;
}

void TestListenAddress::reads()
{
    QFETCH(QString, text);
    QFETCH(QString, address);
    QFETCH(int, port);
    const auto listen = parseListenAddress(text);
    QVERIFY2(listen.isOk(), listen ? "" : qPrintable(listen.error().message));
    QCOMPARE(listen->address.toString(), address);
    QCOMPARE(int(listen->port), port);
    QVERIFY(listen->unixPath.isEmpty());
}

void TestListenAddress::refuses_data()
{
    QTest::addColumn<QString>("text");
    for (const char *text : { "", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
             "127.0.0.1:http", "::1:8080", "[::1]", "[127.0.0.1]:80", "example.com:80", "[::1:80", "127.0.0.1:80 ",
             "http://127.0.0.1:80", "[]:80", "unix:", "unix:relative" })
        QTest::newRow(text) << QString::fromLatin1(text);
    QTest::newRow("long path") << QString(u"unix:/"_s + QString(120, u'x'));
}

void TestListenAddress::refuses()
{
    QFETCH(QString, text);
    const auto listen = parseListenAddress(text);
    QVERIFY(!listen.isOk());
    QVERIFY(!listen.error().message.isEmpty());
}

void TestListenAddress::readsUnixPaths()
{
    const auto listen = parseListenAddress(u"unix:/run/gatehouse/gatehouse.sock");
    QVERIFY(listen.isOk());
    QCOMPARE(listen->unixPath, u"/run/gatehouse/gatehouse.sock"_s);
}

QTEST_APPLESS_MAIN(TestListenAddress)
#include "tst_listenaddress.moc"
