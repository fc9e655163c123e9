// SPDX-License-Identifier: GPL-3.0-or-later
#include <set>

#include <QtTest/QtTest>

#include "server/bench/benchtarget.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;
using namespace gatehouse::bench;

class TestBenchTarget final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void resolves_data();
    void resolves();
    void refuses_data();
    void refuses();
    void sourceAddresses();
};

void TestBenchTarget::resolves_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<QByteArray>("host");
    QTest::addColumn<bool>("isLoopback");
    QTest::addColumn<bool>("isIpv4");
    QTest::newRow("loopback") << u"http://127.0.0.1:8080"_s << QByteArray("127.0.0.1:8080") << true << true;
    QTest::newRow("anywhere in 127/8") << u"ws://127.9.8.7:1"_s << QByteArray("127.9.8.7:1") << true << true;
    QTest::newRow("default port") << u"http://127.0.0.1"_s << QByteArray("127.0.0.1:80") << true << true;
    QTest::newRow("localhost") << u"http://LOCALHOST:8080"_s << QByteArray("localhost:8080") << true << true;
    QTest::newRow("IPv6 loopback") << u"http://[::1]:8080"_s << QByteArray("[::1]:8080") << true << false;
    QTest::newRow("mapped loopback") << u"http://[::ffff:127.0.0.1]:80"_s << QByteArray() << true << false;
    QTest::newRow("mapped other") << u"http://[::ffff:10.0.0.1]:80"_s << QByteArray() << false << false;
    QTest::newRow("private") << u"http://192.168.0.1:8080"_s << QByteArray("192.168.0.1:8080") << false << true;
    QTest::newRow("almost loopback") << u"http://128.0.0.1:80"_s << QByteArray("128.0.0.1:80") << false << true;
    QTest::newRow("any") << u"http://0.0.0.0:80"_s << QByteArray("0.0.0.0:80") << false << true;
    QTest::newRow("IPv6") << u"http://[2001:db8::1]:80"_s << QByteArray("[2001:db8::1]:80") << false << false;
}

void TestBenchTarget::resolves()
{
    QFETCH(QString, url);
    QFETCH(QByteArray, host);
    QFETCH(bool, isLoopback);
    QFETCH(bool, isIpv4);
    const Result<Target> target = resolveTarget(QUrl(url));
    QVERIFY2(target.isOk(), target ? "" : qPrintable(target.error().message));
    if (!host.isEmpty())
        QCOMPARE(target->host, host);
    QCOMPARE(target->isLoopback, isLoopback);
    QCOMPARE(target->isIpv4, isIpv4);
    QVERIFY(target->addressBytes > 0);
}

void TestBenchTarget::refuses_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("words");
    QTest::newRow("TLS") << u"https://127.0.0.1"_s << u"without TLS"_s;
    QTest::newRow("wss") << u"wss://127.0.0.1"_s << u"without TLS"_s;
    QTest::newRow("unknown name") << u"http://no-such-host.invalid"_s << u"no-such-host.invalid"_s;
}

void TestBenchTarget::refuses()
{
    QFETCH(QString, url);
    QFETCH(QString, words);
    const Result<Target> target = resolveTarget(QUrl(url));
    QVERIFY(!target.isOk());
    QVERIFY2(target.error().message.contains(words), qPrintable(target.error().message));
}

void TestBenchTarget::sourceAddresses()
{
    QCOMPARE(sourceAddress(0, 1), 0x7f010001U);
    QCOMPARE(sourceAddress(5, 1), 0x7f010001U);
    QCOMPARE(sourceAddress(249, 1000), 0x7f0100faU);
    QCOMPARE(sourceAddress(250, 1000), 0x7f010101U);
    QCOMPARE(sourceAddress(1001, 1000), sourceAddress(1, 1000));
    std::set<quint32> all;
    for (int number = 0; number < kMostSourceAddresses; ++number) {
        const quint32 address = sourceAddress(number, kMostSourceAddresses);
        QVERIFY((address >> 16) == 0x7f01U && (address & 0xff) != 0 && (address & 0xff) != 0xff);
        all.insert(address);
    }
    QCOMPARE(all.size(), size_t(kMostSourceAddresses));
}

QTEST_GUILESS_MAIN(TestBenchTarget)
#include "tst_benchtarget.moc"
