// SPDX-License-Identifier: GPL-3.0-or-later
#include <thread>

#include <QtCore/QRandomGenerator>
#include <QtTest/QTest>

#include "server/guard/addresstable.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

LimitRule rule(qint64 connections = 5)
{
    return { connections };
}

IpAddress address(quint32 number)
{
    return IpAddress::fromIpv4(0x0a000000 + number);
}

} // namespace

class TestAddressTable : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void refusesTheSixthUntilOneCloses()
    {
        AddressTable table;
        std::vector<AddressSlot> slots;
        for (int i = 0; i < 5; ++i) {
            AddressTable::Admission admission = table.admit(address(1), rule());
            QVERIFY(admission.isAdmitted());
            slots.push_back(std::move(admission.slot));
        }
        const AddressTable::Admission sixth = table.admit(address(1), rule());
        QVERIFY(!sixth.isAdmitted());
        QCOMPARE(sixth.findings.size(), 1U);
        QCOMPARE(sixth.findings[0].reason, Reason::TooManyConnections);
        QCOMPARE(*sixth.findings[0].observed, 6);
        QVERIFY(table.admit(address(2), rule()).isAdmitted());
        slots.pop_back();
        QVERIFY(table.admit(address(1), rule()).isAdmitted());
    }

    void observingLimitsReportAndPass()
    {
        AddressTable table;
        const LimitRule observing{ 1, LimitMode::Observe };
        const AddressTable::Admission first = table.admit(address(1), observing);
        const AddressTable::Admission second = table.admit(address(1), observing);
        QVERIFY(second.isAdmitted());
        QCOMPARE(second.findings.size(), 1U);
        QVERIFY(!second.findings[0].isEnforced);
    }

    void theSwitchTurnsTheLimitsOffButNotTheCount()
    {
        AddressTable table;
        const LimitRule off{ 1, LimitMode::Enforce, false };
        std::vector<AddressTable::Admission> open;
        for (int i = 0; i < 20; ++i)
            open.push_back(table.admit(address(1), off));
        QVERIFY(open.back().isAdmitted());
        QVERIFY(!table.admit(address(1), rule(20)).isAdmitted());
        QVERIFY(table.admit(address(1), rule(21)).isAdmitted());
    }

    void buckets_data()
    {
        QTest::addColumn<QByteArray>("one");
        QTest::addColumn<QByteArray>("other");
        QTest::addColumn<bool>("isSame");
        QTest::newRow("one /64") << QByteArray("2001:db8:5::1") << QByteArray("2001:db8:5:0:ffff::9") << true;
        QTest::newRow("two /64") << QByteArray("2001:db8:5::1") << QByteArray("2001:db8:5:1::1") << false;
        QTest::newRow("mapped") << QByteArray("::ffff:10.1.2.3") << QByteArray("10.1.2.3") << true;
        QTest::newRow("two IPv4") << QByteArray("10.1.2.3") << QByteArray("10.1.2.4") << false;
    }
    void buckets()
    {
        QFETCH(QByteArray, one);
        QFETCH(QByteArray, other);
        QFETCH(bool, isSame);
        QCOMPARE(IpAddress::parse(one)->bucket() == IpAddress::parse(other)->bucket(), isSame);
    }

    void knowsOnlyWhoHasConnectionsOpen()
    {
        AddressTable table;
        std::vector<AddressTable::Admission> open;
        for (quint32 i = 0; i < 20'000; ++i)
            open.push_back(table.admit(address(i), rule()));
        QCOMPARE(table.size(), 20'000);
        QCOMPARE(table.openOf(address(7)), 1);
        const size_t before = table.memoryBytes();
        open.clear();
        QCOMPARE(table.size(), 0);
        QCOMPARE(table.openOf(address(7)), 0);
        for (size_t i = 0; i < AddressTable::kShards; ++i)
            table.sweep();
        QVERIFY(table.memoryBytes() < before);
    }

    void countsAddressesNearTheLimit()
    {
        AddressTable table;
        std::vector<AddressTable::Admission> open;
        for (int i = 0; i < 4; ++i)
            open.push_back(table.admit(address(1), rule()));
        for (int i = 0; i < 3; ++i)
            open.push_back(table.admit(address(2), rule()));
        QCOMPARE(table.nearLimit(5), 1);
        QCOMPARE(table.nearLimit(3), 2);
        QCOMPARE(table.nearLimit(100), 0);
        open.clear();
        QCOMPARE(table.nearLimit(1), 0);
    }

    void isExactAcrossThreads()
    {
        AddressTable table;
        std::atomic<int> admitted{ 0 };
        std::vector<std::vector<AddressSlot>> slots(4);
        std::vector<std::thread> threads;
        for (std::vector<AddressSlot> &mine : slots) {
            threads.emplace_back([&] {
                for (int i = 0; i < 1000; ++i) {
                    AddressTable::Admission admission = table.admit(address(1), rule(500));
                    if (!admission.isAdmitted())
                        continue;
                    ++admitted;
                    mine.push_back(std::move(admission.slot));
                }
            });
        }
        for (std::thread &thread : threads)
            thread.join();
        QCOMPARE(admitted.load(), 500);
        slots.clear();
        QVERIFY(table.admit(address(1), rule(1)).isAdmitted());
    }

    void knowsTheBusiestAddress()
    {
        AddressTable table;
        QVERIFY(!table.busiest(1));
        std::vector<AddressSlot> slots;
        for (quint32 of = 1; of <= 300; ++of) { // as many as there are shards, and more
            for (quint32 i = 0; i < (of == 77 ? 9U : of % 5 + 1); ++i)
                slots.push_back(table.admit(address(of), rule(100)).slot);
        }
        const auto found = table.busiest(1);
        QVERIFY(found.has_value());
        QCOMPARE(found->open, 9);
        QCOMPARE(found->bucket.toAddress().bucketText(), address(77).bucketText());
        QVERIFY(table.busiest(9).has_value());
        QVERIFY(!table.busiest(10));
        slots.clear();
        QVERIFY(!table.busiest(0));
    }

    void countsToZeroAcrossThreads()
    {
        AddressTable table;
        std::atomic<bool> isDone{ false };
        std::vector<std::thread> threads;
        for (quint32 seed = 0; seed < 4; ++seed) {
            threads.emplace_back([&table, seed] {
                QRandomGenerator random(seed);
                std::vector<AddressSlot> held(50);
                for (int i = 0; i < 20'000; ++i) {
                    AddressSlot &slot = held[size_t(random.bounded(50))];
                    if (random.bounded(3) == 0)
                        slot = {};
                    else
                        slot = table.admit(address(random.bounded(300U)), rule(3)).slot;
                }
            });
        }
        std::thread sweeper([&] {
            while (!isDone) {
                table.sweep();
                (void)table.nearLimit(1);
                (void)table.memoryBytes();
            }
        });
        for (std::thread &thread : threads)
            thread.join();
        isDone = true;
        sweeper.join();
        QCOMPARE(table.nearLimit(1), 0);
        QCOMPARE(table.size(), 0);
    }
};

QTEST_APPLESS_MAIN(TestAddressTable)
#include "tst_addresstable.moc"
