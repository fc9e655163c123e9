// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QRandomGenerator>
#include <QtTest/QTest>

#include "server/access/accessrules.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

AddressNetwork network(const QString &text)
{
    AccessRule rule;
    rule.kind = AccessKind::Cidr;
    rule.value = text;
    return networkOf(rule).value();
}

AddressKey bucket(const char *text)
{
    return AddressKey::of(IpAddress::parse(text)->bucket());
}

/// Bit for bit, as nobody would do it for each connection.
bool holds(const AddressNetwork &network, const AddressKey &key)
{
    const auto bytes = reinterpret_cast<const uchar *>(&key.bits); // in the order of the network
    const auto first = reinterpret_cast<const uchar *>(&network.first.bits);
    for (int bit = 0; bit < network.prefixBits; ++bit) {
        if (((bytes[bit / 8] ^ first[bit / 8]) & (0x80 >> bit % 8)) != 0)
            return false;
    }
    return key.isIpv4 == network.first.isIpv4;
}

} // namespace

class TestNetworkSet : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void findsWhatIsInside_data()
    {
        QTest::addColumn<QString>("networks");
        QTest::addColumn<QByteArray>("address");
        QTest::addColumn<bool>("isInside");
        const auto row = [](const char *networks, const char *address, bool isInside) {
            QTest::addRow("%s in %s", address, networks)
                << QString::fromLatin1(networks) << QByteArray(address) << isInside;
        };
        row("10.0.0.0/8", "10.0.0.0", true);
        row("10.0.0.0/8", "10.255.255.255", true);
        row("10.0.0.0/8", "11.0.0.0", false);
        row("10.0.0.0/8", "9.255.255.255", false);
        row("10.0.0.0/8", "::ffff:10.1.2.3", true);
        row("10.1.2.3/32", "10.1.2.3", true);
        row("10.1.2.3/32", "10.1.2.2", false);
        row("0.0.0.0/0", "255.1.2.3", true);
        row("0.0.0.0/0", "2001:db8::1", false);
        row("::/0", "2001:db8::1", true);
        row("::/0", "10.1.2.3", false);
        row("2001:db8::/32", "2001:db8:ffff:ffff::1", true);
        row("2001:db8::/32", "2001:db9::1", false);
        row("2001:db8:0:5::/64", "2001:db8:0:5:1:2:3:4", true);
        row("2001:db8:0:5::/64", "2001:db8:0:6::", false);
        row("2001:db8:0:4::/63", "2001:db8:0:5::9", true);
        row("10.1.0.0/17 10.2.0.0/16 10.1.128.0/18", "10.1.191.255", true);
        row("10.1.0.0/17 10.2.0.0/16 10.1.128.0/18", "10.1.192.0", false);
        row("::/64", "0.0.0.1", false); // the bits are the same, the family is not
    }
    void findsWhatIsInside()
    {
        QFETCH(QString, networks);
        QFETCH(QByteArray, address);
        QFETCH(bool, isInside);
        std::vector<AddressNetwork> all;
        for (const QString &text : networks.split(u' '))
            all.push_back(network(text));
        const NetworkSet set(all);
        QVERIFY(!set.isEmpty());
        QCOMPARE(set.contains(bucket(address.constData())), isInside);
    }

    void anEmptySetHoldsNothing()
    {
        const NetworkSet set;
        QVERIFY(set.isEmpty());
        QVERIFY(!set.contains(bucket("10.0.0.1")));
        QVERIFY(!set.contains(bucket("::1")));
    }

    void agreesWithALookAtEachNetwork()
    {
        QRandomGenerator random(7); // a fixed seed: the same networks each time
        std::vector<AddressNetwork> networks;
        for (int i = 0; i < 3000; ++i) {
            const bool isIpv4 = i % 2 == 0;
            // Few different bits, so that many networks are near each other and many addresses are inside.
            const quint32 high = random.bounded(64U) << 26 | random.bounded(1024U) << 8;
            const IpAddress address = isIpv4 ? IpAddress::fromIpv4(high) : IpAddress::fromNetworkHalf(high);
            const int bits = isIpv4 ? 12 + int(random.bounded(21)) : 20 + int(random.bounded(45));
            AddressNetwork one = network(u"%1/%2"_s.arg(address.toString()).arg(bits));
            const auto known = std::find_if(networks.begin(), networks.end(), [&one](const AddressNetwork &other) {
                return other.first == one.first && other.prefixBits == one.prefixBits;
            });
            if (known != networks.end())
                continue; // one network has one value
            one.value = quint32(i);
            networks.push_back(one);
        }
        const NetworkSet set(networks);
        int inside = 0;
        int inSeveral = 0;
        for (int i = 0; i < 3000; ++i) {
            const quint32 high = random.bounded(64U) << 26 | random.bounded(1U << 20);
            const AddressKey key
                = AddressKey::of(i % 2 == 0 ? IpAddress::fromIpv4(high) : IpAddress::fromNetworkHalf(high));
            const AddressNetwork *narrowest = nullptr;
            int holding = 0;
            for (const AddressNetwork &candidate : networks) {
                if (!holds(candidate, key))
                    continue;
                ++holding;
                if (!narrowest || candidate.prefixBits > narrowest->prefixBits)
                    narrowest = &candidate;
            }
            QCOMPARE(set.contains(key), narrowest != nullptr);
            QCOMPARE(set.find(key), narrowest ? std::optional(narrowest->value) : std::nullopt);
            inside += narrowest ? 1 : 0;
            inSeveral += holding > 1 ? 1 : 0;
        }
        QVERIFY2(inside > 100 && inside < 2900, QByteArray::number(inside).constData());
        QVERIFY2(inSeveral > 100, QByteArray::number(inSeveral).constData());
    }

    void givesBackTheBucketOfAKey()
    {
        for (const char *text : { "203.0.113.7", "2001:db8:5:6:7:8:9:a", "::1", "255.255.255.255" }) {
            const IpAddress address = IpAddress::parse(text)->bucket();
            QCOMPARE(AddressKey::of(address).toAddress().toString(), address.toString());
        }
    }
};

QTEST_APPLESS_MAIN(TestNetworkSet)
#include "tst_networkset.moc"
