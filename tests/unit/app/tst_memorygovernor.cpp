// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/app/memorygovernor.h"
#include "tests/support/fakeclock.h"
#include "tests/support/recordinglog.h"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

constexpr qint64 kMiB = 1024 * 1024;

/// A process whose memory the test makes up. What is cut is free inside the heap, and resident until that is trimmed.
struct Process
{
    qint64 other = 30 * kMiB;
    qint64 queues = 0;
    qint64 freeInHeap = 0;
    std::optional<qint64> cgroup;
    qint64 socketBuffers = 0;
    int trims = 0;
    QList<qint64> cuts;
    int limitReads = 0;

    FakeClock clock;
    RecordingLog log;
    MemoryState state;

    std::unique_ptr<MemoryGovernor> govern(std::optional<qint64> budget)
    {
        return std::make_unique<MemoryGovernor>(budget,
            MemoryGovernor::World{ [this] { return other + queues + freeInHeap; },
                [this] {
                    ++limitReads;
                    return CgroupMemory{ cgroup, socketBuffers };
                },
                [this](MemoryHolder holder) { return holder == MemoryHolder::Queues ? queues : 0; },
                [this](qint64 bytes) {
                    cuts.append(bytes);
                    queues -= bytes;
                    freeInHeap += bytes;
                },
                [this] {
                    ++trims;
                    freeInHeap = 0;
                } },
            state, clock, log);
    }
    void look(MemoryGovernor &governor)
    {
        clock.advance(100ms);
        governor.look();
    }
    [[nodiscard]] MemoryLevel level() const { return state.level.load(); }
};

} // namespace

class TestMemoryGovernor : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void doesNothingWithoutABudget()
    {
        Process process;
        process.queues = 100'000 * kMiB;
        for (const std::optional<qint64> budget : { std::optional<qint64>(), std::optional<qint64>(0) }) {
            const auto governor = process.govern(budget);
            process.look(*governor);
            QVERIFY(process.level() == MemoryLevel::Normal);
        }
        QVERIFY(process.cuts.isEmpty());
        QCOMPARE(process.trims, 0);
        QCOMPARE(process.state.usedBytes.load(), 100'030 * kMiB);
    }

    void cutsUntilThereIsRoomAgain()
    {
        Process process;
        const auto governor = process.govern(100 * kMiB);
        process.queues = 51 * kMiB;
        process.look(*governor);
        QVERIFY(process.level() == MemoryLevel::DropDroppable);
        QVERIFY(process.cuts.isEmpty());
        process.queues = 66 * kMiB; // 96 of 100
        process.look(*governor);
        QVERIFY(process.level() == MemoryLevel::RefuseNewcomers);
        QCOMPARE(process.cuts, QList<qint64>({ 16 * kMiB }));
        process.look(*governor); // what was cut is trimmed before anybody else is
        QCOMPARE(process.cuts.size(), 1);
        QVERIFY(process.level() == MemoryLevel::DropDroppable);
        process.queues = 10 * kMiB;
        process.look(*governor);
        QVERIFY(process.level() == MemoryLevel::Normal);
    }

    void refusesNewcomersWhereNothingCanBeCut()
    {
        Process process;
        process.other = 99 * kMiB;
        const auto governor = process.govern(100 * kMiB); // looks at once
        QVERIFY(process.level() == MemoryLevel::RefuseNewcomers);
        QVERIFY(process.cuts.isEmpty());
        process.other = 50 * kMiB;
        process.look(*governor);
        QVERIFY(process.level() == MemoryLevel::Normal);
    }

    void cutsNobodyForWhatIsFreeInTheHeap()
    {
        Process process;
        const auto governor = process.govern(100 * kMiB);
        process.freeInHeap = 60 * kMiB;
        process.queues = 5 * kMiB;
        process.look(*governor);
        QVERIFY(process.level() == MemoryLevel::Normal);
        QVERIFY(process.cuts.isEmpty());
        QCOMPARE(process.trims, 1);
    }

    void doesNotTrimAtEachLook()
    {
        Process process;
        process.other = 85 * kMiB; // nothing of it can be given back
        const auto governor = process.govern(100 * kMiB);
        for (int i = 0; i < 40; ++i)
            process.look(*governor); // four seconds
        QCOMPARE(process.trims, 3);
    }

    void followsTheCgroup()
    {
        Process process;
        process.cgroup = 1000 * kMiB;
        const auto governor = process.govern(std::nullopt);
        QCOMPARE(process.state.budgetBytes.load(), 800 * kMiB);
        process.cgroup = 500 * kMiB; // as systemctl set-property does
        for (int i = 0; i < 10; ++i)
            process.look(*governor);
        QCOMPARE(process.state.budgetBytes.load(), 400 * kMiB);
        QCOMPARE(process.limitReads, 2); // once a second
        process.cgroup.reset();
        for (int i = 0; i < 10; ++i)
            process.look(*governor);
        QCOMPARE(process.state.budgetBytes.load(), 0);
        QVERIFY(process.level() == MemoryLevel::Normal);
    }

    void countsWhatTheKernelHoldsForTheCgroup()
    {
        Process process;
        process.cgroup = 100 * kMiB;
        process.socketBuffers = 45 * kMiB; // with 30 of its own, of 80
        process.queues = 1 * kMiB;
        const auto governor = process.govern(std::nullopt);
        QVERIFY(process.level() == MemoryLevel::RefuseNewcomers);
        QCOMPARE(process.cuts, QList<qint64>({ 1 * kMiB }));
        process.socketBuffers = 0;
        for (int i = 0; i < 10; ++i)
            process.look(*governor);
        QVERIFY(process.level() == MemoryLevel::Normal);
    }

    void asksNoCgroupWhereTheSettingSays()
    {
        Process process;
        process.cgroup = 50 * kMiB;
        const auto governor = process.govern(200 * kMiB);
        process.clock.advance(10s);
        process.look(*governor);
        QCOMPARE(process.state.budgetBytes.load(), 200 * kMiB);
        QCOMPARE(process.limitReads, 0);
        const MemoryStats stats = governor->stats();
        QCOMPARE(stats.budgetBytes, 200 * kMiB);
        QCOMPARE(stats.percent(), 15.0);
    }

    void saysInTheLogWhatItDoes()
    {
        Process process;
        const auto governor = process.govern(100 * kMiB);
        process.other = 90 * kMiB;
        process.look(*governor);
        process.look(*governor); // once for each change
        process.other = 10 * kMiB;
        process.look(*governor);
        QCOMPARE(process.log.lines(QLatin1StringView("memory_budget")).size(), size_t(1));
        QCOMPARE(process.log.lines(QLatin1StringView("memory_level")).size(), size_t(2));
    }

    void knowsWhatIsResident()
    {
        const qint64 before = residentBytes();
        QVERIFY(before > 0);
        const QByteArray more(64 * kMiB, 'x');
        QVERIFY(residentBytes() > before + 32 * kMiB);
        QCOMPARE(more.size(), 64 * kMiB);
    }
};

QTEST_APPLESS_MAIN(TestMemoryGovernor)
#include "tst_memorygovernor.moc"
