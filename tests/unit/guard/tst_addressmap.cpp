// SPDX-License-Identifier: GPL-3.0-or-later
#include <map>

#include <QtCore/QRandomGenerator>
#include <QtTest/QTest>

#include "server/guard/openshard.h"

using namespace gatehouse;

namespace {

using Model = std::map<quint64, quint32>; // what is known of a key: its number of open connections

/// Whether the map holds exactly what the model does, each entry once.
bool holdsTheSame(AddressMap<OpenEntry> &map, const KeyedHash &hash, const Model &model)
{
    size_t used = 0;
    for (size_t place = 0; place < map.capacity(); ++place)
        used += map.at(place) ? 1 : 0;
    return used == model.size() && map.size() == model.size()
        && std::all_of(model.begin(), model.end(), [&](const auto &row) {
               const AddressKey key{ row.first, true };
               const OpenEntry *entry = map.find(key, key.hash(hash));
               return entry && entry->key() == key && entry->open == row.second;
           });
}

/// Keys that have the same home in a map of so many places.
std::vector<quint64> keysOfOneHome(const KeyedHash &hash, size_t places, quint64 home, size_t count)
{
    std::vector<quint64> keys;
    for (quint64 bits = 0; keys.size() < count; ++bits) {
        if ((((hash(bits, 1) >> 32) * places) >> 32) == home)
            keys.push_back(bits);
    }
    return keys;
}

} // namespace

class TestAddressMap : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// CPython hashes bytes by SipHash-1-3, under an all-zero key with PYTHONHASHSEED=0: hash(bytes(9)),
    /// hash(bytes(range(9))) and so on.
    void hashesAsSipHash13()
    {
        const KeyedHash hash(KeyedHash::Key{ 0, 0 });
        QCOMPARE(hash(0, 0), 0x66b1b52b4f6ef1c4U);
        QCOMPARE(hash(0x0706050403020100U, 8), 0x75927f9d95124362U);
        QCOMPARE(hash(0x000000000100000aU, 1), 0xdeb3018fcbb7f124U);
    }

    void hashesByItsOwnKey() { QVERIFY(KeyedHash()(1, 1) != KeyedHash()(1, 1)); }

    void tellsFamiliesApart()
    {
        const KeyedHash hash;
        AddressMap<OpenEntry> map(100);
        // An IPv4 address and a network whose first eight bytes are the same.
        const AddressKey ipv4 = AddressKey::of(*IpAddress::parse("10.0.0.1"));
        const AddressKey ipv6 = AddressKey::of(*IpAddress::parse("0a00:0001::"));
        QCOMPARE(ipv4.bits, ipv6.bits);
        map.insert(ipv4, ipv4.hash(hash), hash).open = 4;
        QVERIFY(!map.find(ipv6, ipv6.hash(hash)));
        map.insert(ipv6, ipv6.hash(hash), hash).open = 6;
        QCOMPARE(quint32(map.find(ipv4, ipv4.hash(hash))->open), 4U);
        QCOMPARE(quint32(map.find(ipv6, ipv6.hash(hash))->open), 6U);
    }

    void keepsKeysOfOneHomeApart_data()
    {
        QTest::addColumn<int>("home");
        QTest::newRow("at the beginning") << 0;
        QTest::newRow("in the middle") << 500;
        QTest::newRow("around the end") << 1364;
    }
    void keepsKeysOfOneHomeApart()
    {
        QFETCH(int, home);
        const KeyedHash hash(KeyedHash::Key{ 1, 2 });
        AddressMap<OpenEntry> map(1000);
        Model model;
        for (quint64 bits = 0; map.size() < 900; ++bits)
            map.insert({ bits + 1'000'000'000, true }, hash(bits + 1'000'000'000, 1), hash);
        while (map.size() > 0) { // grown, and empty
            for (size_t place = 0; place < map.capacity(); ++place) {
                if (OpenEntry *entry = map.at(place))
                    map.erase(*entry);
            }
        }
        std::vector<quint64> keys = keysOfOneHome(hash, map.capacity(), quint64(home) % map.capacity(), 60);
        quint32 number = 0;
        for (const quint64 bits : keys) {
            map.insert({ bits, true }, hash(bits, 1), hash).open = ++number & 0xff;
            model[bits] = number;
            QVERIFY(holdsTheSame(map, hash, model));
        }
        QRandomGenerator random(7);
        std::shuffle(keys.begin(), keys.end(), random);
        for (const quint64 bits : keys) {
            map.erase(*map.find({ bits, true }, hash(bits, 1)));
            model.erase(bits);
            QVERIFY(holdsTheSame(map, hash, model));
        }
    }

    void growsRatherThanLoseAKey()
    {
        const KeyedHash hash(KeyedHash::Key{ 3, 4 });
        AddressMap<OpenEntry> map(1000);
        Model model;
        for (quint64 bits = 0; bits < 3000; ++bits) { // three times what was expected
            map.insert({ bits, true }, hash(bits, 1), hash).open = quint32(bits % 100);
            model[bits] = quint32(bits % 100);
        }
        QVERIFY(holdsTheSame(map, hash, model));
        QVERIFY(map.bytes() <= 3000 * sizeof(OpenEntry) * 5 / 3 + 64);
    }

    void behavesAsAMap()
    {
        const KeyedHash hash;
        AddressMap<OpenEntry> map(2000);
        Model model;
        QRandomGenerator random(42);
        for (int i = 0; i < 200'000; ++i) {
            const quint64 bits = random.bounded(2500U);
            const AddressKey key{ bits, true };
            OpenEntry *found = map.find(key, key.hash(hash));
            QCOMPARE(found != nullptr, model.count(bits) == 1);
            // Grows for a while, then shrinks, and again.
            if (!found && random.bounded(10) < (i / 20'000 % 2 == 0 ? 7 : 2)) {
                map.insert(key, key.hash(hash), hash).open = quint32(i % 1000);
                model[bits] = quint32(i % 1000);
            } else if (found) {
                QCOMPARE(quint32(found->open), model[bits]);
                map.erase(*found);
                model.erase(bits);
            }
            if (i % 5000 == 0) {
                map.shrink(hash);
                QVERIFY(holdsTheSame(map, hash, model));
            }
        }
    }
};

QTEST_APPLESS_MAIN(TestAddressMap)
#include "tst_addressmap.moc"
