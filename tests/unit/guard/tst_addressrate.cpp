// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QRandomGenerator>
#include <QtTest/QTest>

#include "server/guard/addressrate.h"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

/// One of the networks of a site.
IpAddress inSite(quint32 site, quint32 network)
{
    return *IpAddress::parse(QByteArray("2001:" + QByteArray::number(site >> 16, 16) + ':'
        + QByteArray::number(site & 0xffff, 16) + ':' + QByteArray::number(network & 0xffff, 16) + "::1"));
}

} // namespace

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

    void asksWithoutCounting()
    {
        AddressRate rate(1);
        const MonoTime start{ 1h };
        const IpAddress one = IpAddress::fromIpv4(1);
        for (int i = 0; i < 3; ++i)
            QVERIFY(!rate.wait(one, start));
        QCOMPARE(rate.rememberedAddresses(), 0U);
        QVERIFY(!rate.take(one, start));
        QCOMPARE(rate.wait(one, start + 20s), 40s);
        QVERIFY(!rate.wait(IpAddress::fromIpv4(2), start));
        QVERIFY(!rate.wait(one, start + 60s));
    }

    void aSiteMayTenTimesAsOften()
    {
        AddressRate rate(2);
        const MonoTime start{ 1h };
        for (quint32 i = 0; i < 20; ++i)
            QVERIFY(!rate.take(inSite(1, i), start + i * 1s));
        QCOMPARE(rate.take(inSite(1, 77), start + 20s), 40s); // has never been seen
        QCOMPARE(rate.wait(inSite(1, 78), start + 20s), 40s);
        QVERIFY(!rate.take(inSite(2, 77), start + 20s));
        for (quint32 i = 0; i < 100; ++i) // addresses of IPv4 are of nobody in common
            QVERIFY(!rate.take(IpAddress::fromIpv4(0x0a000000 + i), start + 20s));
        QVERIFY(!rate.take(inSite(1, 77), start + 60s));
    }

    void isFilledByNobody()
    {
        AddressRate rate(1);
        const MonoTime start{ 1h };
        for (quint32 i = 0; i < AddressRate::kMaxAddresses; ++i)
            QVERIFY(!rate.take(IpAddress::fromIpv4(i), start + i * 1ms));
        QVERIFY(rate.take(IpAddress::fromIpv4(0), start + 20s)); // is known: nobody makes way
        QVERIFY(!rate.take(IpAddress::fromIpv4(0xffffffff), start + 20s));
        QCOMPARE(rate.rememberedAddresses(), AddressRate::kMaxAddresses);
        QVERIFY(rate.take(IpAddress::fromIpv4(1), start + 20s));
        QVERIFY(!rate.take(IpAddress::fromIpv4(0), start + 20s)); // it had made way
    }

    void aSiteForgetsItsOwn()
    {
        AddressRate rate(1000);
        const MonoTime start{ 1h };
        QVERIFY(!rate.take(IpAddress::fromIpv4(1), start)); // did nothing for longer than any of the site
        for (quint32 i = 0; i < 2 * AddressRate::kMaxOfSite; ++i)
            QVERIFY(!rate.take(inSite(1, i), start + 1s));
        QCOMPARE(rate.rememberedAddresses(), AddressRate::kMaxOfSite + 1);
    }

    void forgetsWhoIsOver()
    {
        AddressRate rate(1);
        const MonoTime start{ 1h };
        for (quint32 i = 0; i < 1000; ++i)
            QVERIFY(!rate.take(inSite(i / 5, i), start));
        QVERIFY(!rate.take(inSite(0, 5000), start + 30s));
        QVERIFY(!rate.wait(IpAddress::fromIpv4(1), start + 60s));
        QCOMPARE(rate.rememberedAddresses(), 1U);
    }

    /// Whatever comes, in whatever order: the bounds hold, and nobody is refused who did nothing.
    void staysBoundedWhateverComes()
    {
        AddressRate rate(1);
        QRandomGenerator random(7);
        MonoTime now{ 1h };
        quint32 fresh = 0;
        for (int i = 0; i < 60'000; ++i) {
            now += std::chrono::milliseconds(random.bounded(4));
            (void)rate.take(inSite(random.bounded(8000), random.bounded(10)), now);
            (void)rate.take(inSite(1'000'000, quint32(i)), now);
            QVERIFY(!rate.take(IpAddress::fromIpv4(++fresh), now));
            QVERIFY(rate.rememberedAddresses() <= AddressRate::kMaxAddresses);
        }
        QCOMPARE(rate.rememberedAddresses(), AddressRate::kMaxAddresses);
    }
};

QTEST_GUILESS_MAIN(TestAddressRate)
#include "tst_addressrate.moc"
