// SPDX-License-Identifier: GPL-3.0-or-later
#include <thread>

#include <QtCore/QRandomGenerator>
#include <QtTest/QTest>

#include "server/guard/attempttable.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr size_t kMostBytes = 64 * 1024 * 1024;

LimitSnapshot snapshot(qint64 attempts = 10, std::chrono::seconds window = 60s)
{
    LimitSnapshot result;
    result.limits[LimitKey::MaxReconnectAttempts].value = attempts;
    result.limits[LimitKey::ReconnectWindow].value = window.count();
    return result;
}

ClientKey client(quint32 number, quint64 user = 42)
{
    return { AddressKey::of(IpAddress::fromIpv4(0x0a000000 + number)), user };
}

} // namespace

class TestAttemptTable : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void refusesTheEleventhAttemptWithTheExactWait_data()
    {
        QTest::addColumn<int>("seconds");
        for (const int seconds : { 1, 7, 60, 600, 3600 })
            QTest::addRow("%d s", seconds) << seconds;
    }
    void refusesTheEleventhAttemptWithTheExactWait()
    {
        QFETCH(int, seconds);
        AttemptTable table;
        const MonoTime start{};
        const std::chrono::milliseconds window = 1s * seconds;
        const LimitSnapshot rules = snapshot(10, 1s * seconds);
        for (int i = 0; i < 10; ++i)
            QVERIFY(table.admit(client(1), rules, start + i * window / 20).isAdmitted());
        const AttemptTable::Admission eleventh = table.admit(client(1), rules, start + window / 2);
        QVERIFY(!eleventh.isAdmitted());
        QCOMPARE(eleventh.findings.size(), 1U);
        QCOMPARE(eleventh.findings[0].reason, Reason::TooManyReconnects);
        QCOMPARE(*eleventh.findings[0].observed, 11);
        QCOMPARE(eleventh.findings[0].exactWait, window / 2);
        QVERIFY(!table.admit(client(1), rules, start + window - 1ms).isAdmitted());
        QVERIFY(table.admit(client(1), rules, start + window).isAdmitted());
    }

    void nobodyUsesUpWhatIsAnothersBudget()
    {
        AttemptTable table;
        const auto admit
            = [&table](const ClientKey &client) { return table.admit(client, snapshot(3), {}).isAdmitted(); };
        const AddressKey office = AddressKey::of(IpAddress::fromIpv4(1));
        for (int i = 0; i < 3; ++i)
            QVERIFY(admit(ClientKey::of(office, u"ann"_s)));
        QVERIFY(!admit(ClientKey::of(office, u"ann"_s)));
        QVERIFY(admit(ClientKey::of(office, u"ben"_s)));
        QVERIFY(admit(ClientKey::of(office, u"Ann"_s)));
        QVERIFY(admit(ClientKey::of(AddressKey::of(IpAddress::fromIpv4(2)), u"ann"_s))); // at home
        QVERIFY(admit(ClientKey::stranger(office)));
        QVERIFY(ClientKey::of(office, {}) != ClientKey::stranger(office));
        QCOMPARE(ClientKey::of(office, u"ann"_s), ClientKey::of(office, u"ann"_s)); // of every process
        QCOMPARE(ClientKey::of(office, u"abc"_s).user, Q_UINT64_C(0xba7816bf8f01cfea));
    }

    void anotherWindowCountsAtOnce()
    {
        AttemptTable table;
        const MonoTime start{};
        for (int i = 0; i < 40; ++i) { // more than a small record holds
            QVERIFY(table.admit(client(1), snapshot(100, 1h), start + i * 1min).isAdmitted());
            if (i % 13 == 0) // so few that a small record holds them: at 0, 13, 26 and 39 minutes
                QVERIFY(table.admit(client(2), snapshot(100, 1h), start + i * 1min).isAdmitted());
        }
        const MonoTime now = start + 40min;
        QCOMPARE(table.peek(client(1), snapshot(100, 1h), 100, now).attempts, 40);
        QCOMPARE(table.peek(client(1), snapshot(100, 10min), 100, now).attempts, 9);
        QCOMPARE(table.peek(client(1), snapshot(100, 1h), 100, now).attempts, 40); // which changed nothing
        QCOMPARE(table.peek(client(2), snapshot(100, 15min), 100, now).attempts, 2);
        const AttemptTable::Admission refused = table.admit(client(1), snapshot(9, 10min), now);
        QVERIFY(!refused.isAdmitted());
        QCOMPARE(refused.findings[0].exactWait, 1min);
        QVERIFY(table.admit(client(1), snapshot(9, 10min), now + 1min).isAdmitted());
        // What the shorter one let go does not come back with a longer one.
        const qint64 left = table.peek(client(1), snapshot(100, 1h), 100, now + 1min).attempts;
        QCOMPARE(left, 9);
        QVERIFY(table.admit(client(1), snapshot(10, 1h), now + 1min).isAdmitted());
        QVERIFY(!table.admit(client(1), snapshot(10, 1h), now + 1min).isAdmitted());
    }

    void whatIsSparedIsNotKeptAndWhatIsCountedIsNotJudged()
    {
        using enum AttemptTable::Budget;
        AttemptTable table;
        for (int i = 0; i < 5; ++i)
            QVERIFY(table.admit(client(1), snapshot(1), {}, Spared).isAdmitted());
        QCOMPARE(table.size(), 0);
        for (int i = 0; i < 5; ++i)
            QVERIFY(table.admit(client(1), snapshot(1), {}, Counted).isAdmitted());
        QCOMPARE(table.peek(client(1), snapshot(1), 1, {}).attempts, 5);
        QVERIFY(!table.admit(client(1), snapshot(5), {}).isAdmitted());
        LimitSnapshot off = snapshot(1);
        off.isGuarding = false;
        QVERIFY(table.admit(client(1), off, {}).isAdmitted());
        off.isGuarding = true;
        off.limits[LimitKey::MaxReconnectAttempts].mode = LimitMode::Off;
        QVERIFY(table.admit(client(1), off, {}).isAdmitted());
        QCOMPARE(table.peek(client(1), snapshot(1), 1, {}).attempts, 5);
        off.limits[LimitKey::MaxReconnectAttempts].mode = LimitMode::Observe;
        const AttemptTable::Admission observed = table.admit(client(1), off, {});
        QVERIFY(observed.isAdmitted());
        QVERIFY(!observed.findings.at(0).isEnforced);
        QCOMPARE(table.peek(client(1), snapshot(1), 1, {}).attempts, 6);
    }

    void peekKnowsWhatAdmitJudgesByAndChangesNothing()
    {
        AttemptTable table;
        QRandomGenerator random(7);
        MonoTime now{};
        for (int i = 0; i < 3000; ++i) { // few attempts, many, and those that have expired
            now += std::chrono::milliseconds(random.bounded(2'000));
            const ClientKey one = client(random.bounded(3U));
            const qint64 limit = 1 + random.bounded(60);
            const size_t bytes = table.memoryBytes();
            const qint64 known = table.size();
            const AttemptTable::Usage usage = table.peek(one, snapshot(limit), limit, now);
            QCOMPARE(table.memoryBytes(), bytes);
            QCOMPARE(table.size(), known);
            const AttemptTable::Admission admission = table.admit(one, snapshot(limit), now);
            QCOMPARE(admission.isAdmitted(), usage.attempts < limit);
            if (admission.isAdmitted()) {
                QCOMPARE(usage.attemptWait, 0ms);
            } else {
                QCOMPARE(*admission.findings[0].observed, usage.attempts + 1);
                QCOMPARE(admission.findings[0].exactWait, usage.attemptWait);
            }
        }
        QCOMPARE(table.peek(client(99), snapshot(1), 1, now).attempts, 0);
    }

    void refusedAttemptsUseNoBudget()
    {
        AttemptTable table;
        QVERIFY(table.admit(client(1), snapshot(1), MonoTime{}).isAdmitted());
        for (int i = 0; i < 50; ++i)
            QVERIFY(!table.admit(client(1), snapshot(1), MonoTime(1s * i)).isAdmitted());
        QVERIFY(table.admit(client(1), snapshot(1), MonoTime(1min)).isAdmitted());
    }

    void whatIsTakenBackUsesNoBudget()
    {
        AttemptTable table;
        for (int i = 0; i < 100; ++i) {
            AttemptTable::Admission admission = table.admit(client(1), snapshot(), {});
            QVERIFY(admission.isAdmitted());
            CountedAttempt moved = std::move(admission.attempt);
            admission.attempt.takeBack(); // nothing is left there
            moved.takeBack();
            moved.takeBack(); // once
        }
        QCOMPARE(table.size(), 0);
    }

    void anAttemptTakesBackItself()
    {
        AttemptTable table;
        const MonoTime start{};
        AttemptTable::Admission first = table.admit(client(1), snapshot(1'000), start);
        (void)table.admit(client(1), snapshot(1'000), start + 10s);
        first.attempt.takeBack(); // of start, not of the other's
        QVERIFY(!table.admit(client(1), snapshot(1), start + 1min).isAdmitted());
        QVERIFY(table.admit(client(1), snapshot(1), start + 1min + 10s).isAdmitted());
    }

    void sweepsWhatCarriesNoInformation()
    {
        AttemptTable table;
        const MonoTime start{};
        for (quint32 i = 0; i < 4000; ++i) // so many that every shard grows, whatever the hash's key is
            (void)table.admit(client(i), snapshot(), start);
        QCOMPARE(table.size(), 4000);
        for (size_t i = 0; i < AttemptTable::kShards; ++i)
            table.sweep(start + 59s);
        QCOMPARE(table.size(), 4000);
        const size_t before = table.memoryBytes();
        for (size_t i = 0; i < AttemptTable::kShards; ++i)
            table.sweep(start + 61s);
        QCOMPARE(table.size(), 0);
        QVERIFY(table.memoryBytes() < before);
    }

    void staysBoundedUnderAMillionClients()
    {
        AttemptTable table;
        for (quint32 i = 0; i < 1'200'000; ++i)
            (void)table.admit(client(i % 600'000, i / 600'000 + 1), snapshot(), {});
        QVERIFY(table.size() <= qint64(AttemptTable::kMaxClients));
        QVERIFY(table.size() >= qint64(AttemptTable::kMaxClients) * 99 / 100);
        QVERIFY2(table.memoryBytes() <= kMostBytes, qPrintable(QString::number(table.memoryBytes())));
    }

    void staysBoundedWhenAllClientsReconnectOften()
    {
        AttemptTable table;
        const LimitSnapshot rules = snapshot(40, 1h);
        MonoTime now{};
        for (int round = 0; round < 7; ++round, now += 5min) { // too far apart to be counted as one
            for (quint32 i = 0; i < 250'000; ++i)
                (void)table.admit(client(i), rules, now);
        }
        QVERIFY2(table.memoryBytes() <= kMostBytes, qPrintable(QString::number(table.memoryBytes())));
        for (quint32 i = 0; i < 250'000; i += 1000) // joined more coarsely or not, none is forgotten
            QVERIFY(!table.admit(client(i), snapshot(7, 1h), now).isAdmitted());
        for (size_t i = 0; i < AttemptTable::kShards; ++i)
            table.sweep(now + 61min);
        QCOMPARE(table.size(), 0);
        QVERIFY(table.memoryBytes() < 1024 * 1024);
    }

    void aFloodOfFreshClientsFlushesNobodyOverBudget()
    {
        AttemptTable table;
        for (quint32 i = 0; i < 1000; ++i) {
            for (int attempt = 0; attempt < 3; ++attempt)
                (void)table.admit(client(0x01000000 + i), snapshot(3), {});
        }
        for (quint32 i = 0; i < 1'300'000; ++i) // one user at very many addresses
            (void)table.admit(client(i, 7), snapshot(3), {});
        for (quint32 i = 0; i < 1000; ++i)
            QVERIFY(!table.admit(client(0x01000000 + i), snapshot(3), {}).isAdmitted());
    }

    void isExactAcrossThreads()
    {
        AttemptTable table;
        std::atomic<int> admitted{ 0 };
        std::atomic<bool> isDone{ false };
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                for (int attempt = 0; attempt < 1000; ++attempt)
                    admitted += table.admit(client(1), snapshot(500), {}).isAdmitted() ? 1 : 0;
                for (quint32 other = 0; other < 5'000; ++other) // taken back, while somebody sweeps
                    table.admit(client(2 + other % 300), snapshot(100), MonoTime(1ms * other)).attempt.takeBack();
            });
        }
        std::thread sweeper([&] {
            while (!isDone) {
                table.sweep({});
                (void)table.memoryBytes();
            }
        });
        for (std::thread &thread : threads)
            thread.join();
        isDone = true;
        sweeper.join();
        QCOMPARE(admitted.load(), 500);
        QCOMPARE(table.size(), 1);
    }
};

QTEST_APPLESS_MAIN(TestAttemptTable)
#include "tst_attempttable.moc"
