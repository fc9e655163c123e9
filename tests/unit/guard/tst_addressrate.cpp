// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/guard/addressrate.h"

using namespace gatehouse;
using namespace std::chrono_literals;

class TestAddressRate : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void letsSoManyThroughAMinute()
    {
        AddressRate rate(3);
        const MonoTime start{ 100h };
        const IpAddress one = IpAddress::fromIpv4(1);
        for (int i = 0; i < 3; ++i)
            QVERIFY(!rate.take(one, start + i * 10s));
        QCOMPARE(rate.take(one, start + 50s), 10s);
        QCOMPARE(rate.take(one, start + 60s - 1ms), 1ms);
        QVERIFY(!rate.take(IpAddress::fromIpv4(2), start + 50s)); // a neighbour notices nothing
        QVERIFY(!rate.take(one, start + 60s));
    }

    void countsInAnyMinute()
    {
        AddressRate rate(2);
        const MonoTime start{ 100h };
        const IpAddress one = IpAddress::fromIpv4(1);
        QVERIFY(!rate.take(one, start));
        QVERIFY(!rate.take(one, start + 40s));
        QCOMPARE(rate.take(one, start + 50s), 10s);
        QVERIFY(!rate.take(one, start + 60s)); // what was refused has not been counted
        QCOMPARE(rate.take(one, start + 60s), 40s);
    }

    void countsABucketAsOne()
    {
        AddressRate rate(1);
        QVERIFY(!rate.take(*IpAddress::parse("2001:db8::1"), MonoTime{ 1h }));
        QVERIFY(rate.take(*IpAddress::parse("2001:db8::ffff:2"), MonoTime{ 1h }));
        QVERIFY(!rate.take(*IpAddress::parse("2001:db8:0:1::1"), MonoTime{ 1h }));
    }

    void staysBounded()
    {
        AddressRate rate(1);
        const MonoTime start{ 1h };
        for (quint32 i = 0; i < AddressRate::kMaxAddresses; ++i)
            QVERIFY(!rate.take(IpAddress::fromIpv4(i), start));
        QCOMPARE(rate.take(IpAddress::fromIpv4(0xffffffff), start + 20s), 40s);
        QVERIFY(rate.take(IpAddress::fromIpv4(5), start + 20s)); // and nobody's count was dropped for it
        QVERIFY(!rate.take(IpAddress::fromIpv4(0xffffffff), start + 60s));
        QCOMPARE(rate.rememberedAddresses(), 1U);
    }

    void forgetsWhoDidNothingForLongest()
    {
        AddressRate rate(1, AddressRate::WhenFull::Forget);
        const MonoTime start{ 1h };
        for (quint32 i = 0; i < AddressRate::kMaxAddresses; ++i)
            QVERIFY(!rate.take(IpAddress::fromIpv4(i), start + i * 1ms));
        QVERIFY(rate.take(IpAddress::fromIpv4(0), start + 20s)); // is known: nobody makes way
        QVERIFY(!rate.take(IpAddress::fromIpv4(0xffffffff), start + 20s));
        QCOMPARE(rate.rememberedAddresses(), AddressRate::kMaxAddresses);
        QVERIFY(rate.take(IpAddress::fromIpv4(1), start + 20s));
        QVERIFY(!rate.take(IpAddress::fromIpv4(0), start + 20s)); // it had made way
    }
};

QTEST_GUILESS_MAIN(TestAddressRate)
#include "tst_addressrate.moc"
