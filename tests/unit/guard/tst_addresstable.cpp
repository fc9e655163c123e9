// SPDX-License-Identifier: GPL-3.0-or-later
#include <thread>

#include <QtCore/QRandomGenerator>
#include <QtTest/QTest>

#include "server/guard/addresstable.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

LimitSnapshot snapshot(qint64 connections = 5, qint64 attempts = 10)
{
    LimitSnapshot result;
    result.limits[LimitKey::MaxConnectionsPerIp].value = connections;
    result.limits[LimitKey::MaxReconnectAttempts].value = attempts;
    return result;
}

constexpr size_t kMostBytes = 64 * 1024 * 1024;

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
            AddressTable::Admission admission = table.admit(address(1), snapshot(), {});
            QVERIFY(admission.isAdmitted());
            slots.push_back(std::move(admission.slot));
        }
        const AddressTable::Admission sixth = table.admit(address(1), snapshot(), {});
        QVERIFY(!sixth.isAdmitted());
        QCOMPARE(sixth.findings.size(), 1U);
        QCOMPARE(sixth.findings[0].reason, Reason::TooManyConnections);
        QCOMPARE(*sixth.findings[0].observed, 6);
        QVERIFY(table.admit(address(2), snapshot(), {}).isAdmitted());
        slots.pop_back();
        QVERIFY(table.admit(address(1), snapshot(), {}).isAdmitted());
    }

    void refusesTheEleventhAttemptWithTheExactWait()
    {
        AddressTable table;
        const MonoTime start{};
        for (int i = 0; i < 10; ++i)
            QVERIFY(table.admit(address(1), snapshot(), start + i * 1min).isAdmitted()); // closes at once
        const AddressTable::Admission eleventh = table.admit(address(1), snapshot(), start + 20min);
        QVERIFY(!eleventh.isAdmitted());
        QCOMPARE(eleventh.findings[0].reason, Reason::TooManyReconnects);
        QCOMPARE(eleventh.findings[0].exactWait, 40min);
        QVERIFY(!table.admit(address(1), snapshot(), start + 60min - 1ms).isAdmitted());
        QVERIFY(table.admit(address(1), snapshot(), start + 60min).isAdmitted());
    }

    void peekKnowsWhatAdmitJudgesByAndChangesNothing()
    {
        AddressTable table;
        QRandomGenerator random(7);
        MonoTime now{};
        std::vector<AddressSlot> slots;
        for (int i = 0; i < 3000; ++i) { // few attempts, many, and those that have expired
            now += std::chrono::milliseconds(random.bounded(120'000));
            const IpAddress bucket = address(quint32(random.bounded(3)));
            const qint64 limit = 1 + random.bounded(60);
            const size_t bytes = table.memoryBytes();
            const qint64 known = table.size();
            const AddressTable::Usage usage = table.peek(bucket, limit, now);
            QCOMPARE(table.memoryBytes(), bytes);
            QCOMPARE(table.size(), known);
            AddressTable::Admission admission = table.admit(bucket, snapshot(1000, limit), now);
            QCOMPARE(admission.isAdmitted(), usage.attempts < limit);
            if (admission.isAdmitted()) {
                QCOMPARE(usage.attemptWait, 0ms);
                slots.push_back(std::move(admission.slot));
            } else {
                QCOMPARE(*admission.findings[0].observed, usage.attempts + 1);
                QCOMPARE(admission.findings[0].exactWait, usage.attemptWait);
            }
            if (slots.size() > 20)
                slots.erase(slots.begin(), slots.begin() + random.bounded(20));
            const AddressTable::Usage after = table.peek(bucket, limit, now);
            const auto isOfIt = [&bucket](const AddressSlot &slot) { return slot.bucket() == AddressKey::of(bucket); };
            QCOMPARE(after.open, std::count_if(slots.begin(), slots.end(), isOfIt));
        }
        QCOMPARE(table.peek(address(99), 1, now).open, 0);
    }

    void aRefundGivesTheAttemptBack()
    {
        AddressTable table;
        for (int i = 0; i < 100; ++i) {
            AddressTable::Admission admission = table.admit(address(1), snapshot(), {});
            QVERIFY(admission.isAdmitted());
            admission.slot.refund();
        }
    }

    void refusedAttemptsUseNoBudget()
    {
        AddressTable table;
        AddressTable::Admission first = table.admit(address(1), snapshot(1, 2), {});
        for (int i = 0; i < 50; ++i)
            QVERIFY(!table.admit(address(1), snapshot(1, 2), {}).isAdmitted());
        first.slot = {};
        QVERIFY(table.admit(address(1), snapshot(1, 2), {}).isAdmitted());
    }

    void observingLimitsReportAndPass()
    {
        AddressTable table;
        LimitSnapshot rules = snapshot(1, 1);
        rules.limits[LimitKey::MaxConnectionsPerIp].mode = LimitMode::Observe;
        rules.limits[LimitKey::MaxReconnectAttempts].mode = LimitMode::Observe;
        const AddressTable::Admission first = table.admit(address(1), rules, {});
        const AddressTable::Admission second = table.admit(address(1), rules, {});
        QVERIFY(second.isAdmitted());
        QCOMPARE(second.findings.size(), 2U);
        QVERIFY(!second.findings[0].isEnforced);
    }

    void theSwitchTurnsTheLimitsOffButNotTheCount()
    {
        AddressTable table;
        LimitSnapshot off = snapshot(1, 1);
        off.isGuarding = false;
        std::vector<AddressTable::Admission> open;
        for (int i = 0; i < 20; ++i)
            open.push_back(table.admit(address(1), off, {}));
        QVERIFY(open.back().isAdmitted());
        QVERIFY(!table.admit(address(1), snapshot(20), {}).isAdmitted());
        QVERIFY(table.admit(address(1), snapshot(21), {}).isAdmitted());
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

    void countsAddressesNearTheLimit()
    {
        AddressTable table;
        std::vector<AddressTable::Admission> open;
        for (int i = 0; i < 4; ++i)
            open.push_back(table.admit(address(1), snapshot(), {}));
        for (int i = 0; i < 3; ++i)
            open.push_back(table.admit(address(2), snapshot(), {}));
        QCOMPARE(table.nearLimit(5), 1);
        QCOMPARE(table.nearLimit(3), 2);
        QCOMPARE(table.nearLimit(100), 0);
        open.clear();
        QCOMPARE(table.nearLimit(1), 0);
    }

    void sweepsWhatCarriesNoInformation()
    {
        AddressTable table;
        const MonoTime start{};
        for (quint32 i = 0; i < 4000; ++i) // so many that every shard grows, whatever the hash's key is
            (void)table.admit(address(i), snapshot(), start);
        const AddressTable::Admission kept = table.admit(address(5000), snapshot(), start);
        QCOMPARE(table.size(), 4001);
        for (size_t i = 0; i < AddressTable::kShards; ++i)
            table.sweep(start + 59min);
        QCOMPARE(table.size(), 4001);
        const size_t before = table.memoryBytes();
        for (size_t i = 0; i < AddressTable::kShards; ++i)
            table.sweep(start + 61min);
        QCOMPARE(table.size(), 1);
        QVERIFY(table.memoryBytes() < before);
    }

    void staysBoundedUnderAMillionAddresses()
    {
        AddressTable table;
        AddressTable::Admission held = table.admit(IpAddress::fromIpv4(0x7f000001), snapshot(1), {});
        for (quint32 i = 0; i < 1'200'000; ++i)
            (void)table.admit(address(i), snapshot(), {});
        QVERIFY(table.size() <= qint64(AddressTable::kMaxAddresses));
        QVERIFY(table.size() >= qint64(AddressTable::kMaxAddresses) * 99 / 100);
        QVERIFY2(table.memoryBytes() <= kMostBytes, qPrintable(QString::number(table.memoryBytes())));
        // An open connection is never forgotten, whoever floods the table.
        QVERIFY(!table.admit(IpAddress::fromIpv4(0x7f000001), snapshot(1), {}).isAdmitted());
    }

    void staysBoundedWhenAllAddressesReconnectOften()
    {
        AddressTable table;
        const LimitSnapshot rules = snapshot(1, 40);
        MonoTime now{};
        for (int round = 0; round < 7; ++round, now += 5min) { // too far apart to be counted as one
            for (quint32 i = 0; i < 250'000; ++i)
                (void)table.admit(address(i), rules, now);
        }
        QVERIFY2(table.memoryBytes() <= kMostBytes, qPrintable(QString::number(table.memoryBytes())));
        for (quint32 i = 0; i < 250'000; i += 1000) // joined more coarsely or not, none is forgotten
            QVERIFY(!table.admit(address(i), snapshot(1, 7), now).isAdmitted());
        for (size_t i = 0; i < AddressTable::kShards; ++i)
            table.sweep(now + 61min);
        QCOMPARE(table.size(), 0);
        QVERIFY(table.memoryBytes() < 1024 * 1024);
    }

    void aFloodOfFreshAddressesFlushesNobodyOverBudget()
    {
        AddressTable table;
        for (quint32 i = 0; i < 1000; ++i) {
            for (int attempt = 0; attempt < 3; ++attempt)
                (void)table.admit(address(0x01000000 + i), snapshot(5, 3), {});
        }
        for (quint32 i = 0; i < 1'300'000; ++i)
            (void)table.admit(address(i), snapshot(5, 3), {});
        for (quint32 i = 0; i < 1000; ++i)
            QVERIFY(!table.admit(address(0x01000000 + i), snapshot(5, 3), {}).isAdmitted());
    }

    void aRefundTakesBackItsOwnAttempt()
    {
        AddressTable table;
        const MonoTime start{};
        AddressTable::Admission first = table.admit(address(1), snapshot(5, 1'000), start);
        (void)table.admit(address(1), snapshot(5, 1'000), start + 10s);
        first.slot.refund(); // of start, not of the other's
        QVERIFY(!table.admit(address(1), snapshot(5, 1), start + 1h).isAdmitted());
        QVERIFY(table.admit(address(1), snapshot(5, 1), start + 1h + 10s).isAdmitted());
    }

    void forgetsAtOnceWhatWasRefunded()
    {
        AddressTable table;
        for (quint32 i = 0; i < 1000; ++i)
            table.admit(address(i), snapshot(), {}).slot.refund();
        QCOMPARE(table.size(), 0);
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
                    AddressTable::Admission admission = table.admit(address(1), snapshot(500, 1'000'000), {});
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
        QVERIFY(table.admit(address(1), snapshot(1, 1'000'000), {}).isAdmitted());
    }

    void knowsTheBusiestAddress()
    {
        AddressTable table;
        QVERIFY(!table.busiest(1));
        std::vector<AddressSlot> slots;
        for (quint32 of = 1; of <= 300; ++of) { // as many as there are shards, and more
            for (quint32 i = 0; i < (of == 77 ? 9U : of % 5 + 1); ++i)
                slots.push_back(table.admit(address(of), snapshot(100, 1'000'000), {}).slot);
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
                        slot.refund();
                    else
                        slot = table.admit(address(random.bounded(300U)), snapshot(3, 100), MonoTime(1ms * i)).slot;
                }
            });
        }
        std::thread sweeper([&] {
            while (!isDone) {
                table.sweep({});
                (void)table.nearLimit(1);
                (void)table.memoryBytes();
            }
        });
        for (std::thread &thread : threads)
            thread.join();
        isDone = true;
        sweeper.join();
        QCOMPARE(table.nearLimit(1), 0);
        for (size_t i = 0; i < AddressTable::kShards; ++i)
            table.sweep(MonoTime(2h));
        QCOMPARE(table.size(), 0);
    }
};

QTEST_APPLESS_MAIN(TestAddressTable)
#include "tst_addresstable.moc"
