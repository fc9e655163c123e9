// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/memorygovernor.h"

#include <QtCore/QFile>
#include <QtCore/QList>

#include <unistd.h>

#include "server/app/heaptrimmer.h"
#include "server/channel/workerpool.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

QString nameOf(MemoryLevel level)
{
    switch (level) {
    case MemoryLevel::Normal:
        break;
    case MemoryLevel::DropDroppable:
        return u"drops what may be dropped"_s;
    case MemoryLevel::CutSlow:
        return u"cuts slow consumers"_s;
    case MemoryLevel::RefuseNewcomers:
        return u"refuses newcomers"_s;
    }
    return u"normal"_s;
}

} // namespace

MemoryGovernor::World MemoryGovernor::World::of(WorkerPool &workers, const LoopCommons &commons)
{
    return { &gatehouse::residentBytes, [] { return readCgroupMemory(); },
        [&workers, &commons](MemoryHolder holder) {
            return holder == MemoryHolder::Http ? commons.places.counts().bytes : workers.heldBytes(holder);
        },
        [&workers](qint64 bytes) { workers.cutSlowConsumers(bytes); }, &HeapTrimmer::trimHeap };
}

MemoryGovernor::MemoryGovernor(
    std::optional<qint64> fixedBudget, World world, MemoryState &state, const Clock &clock, Log &log)
    : m_fixedBudget(fixedBudget)
    , m_world(std::move(world))
    , m_state(state)
    , m_clock(clock)
    , m_log(log)
{
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &MemoryGovernor::look);
    look(); // who comes first is judged by it already
}

void MemoryGovernor::start()
{
    m_timer.start(wantedInterval());
}

std::chrono::milliseconds MemoryGovernor::wantedInterval() const
{
    const bool hasBudget = m_state.budgetBytes.load(std::memory_order_relaxed) > 0;
    return hasBudget ? kInterval : std::chrono::milliseconds(kLimitInterval); // without one there is nothing to miss
}

void MemoryGovernor::look()
{
    const MonoTime now = m_clock.monotonic();
    updateBudget(now);
    const qint64 budget = m_state.budgetBytes.load(std::memory_order_relaxed);
    const MemoryLevel before = m_state.level.load(std::memory_order_relaxed);
    const auto isHigh
        = [budget, before](qint64 used) { return memorypolicy::levelFor(used, budget, before) > MemoryLevel::Normal; };
    qint64 used = m_world.residentBytes() + m_socketBytes;
    if (isHigh(used) && (m_hasCut || !m_trimmedAt || now - *m_trimmedAt >= kTrimInterval)) {
        m_world.trimHeap(); // what is free inside the heap is no reason to cut anybody
        m_trimmedAt = now;
        used = m_world.residentBytes() + m_socketBytes;
    }
    const MemoryLevel level = memorypolicy::levelFor(used, budget, before);
    m_state.usedBytes.store(used, std::memory_order_relaxed);
    m_state.level.store(level, std::memory_order_relaxed);
    if (level != before)
        tell(level, used, budget);
    const qint64 excess = memorypolicy::bytesToCut(used, budget, level);
    const qint64 toCut = excess > 0 ? std::min(excess, m_world.heldBytes(MemoryHolder::Queues)) : 0;
    m_hasCut = toCut > 0;
    if (m_hasCut)
        m_world.cutSlowConsumers(toCut);
    if (m_timer.isActive() && m_timer.intervalAsDuration() != wantedInterval())
        m_timer.setInterval(wantedInterval());
}

MemoryStats MemoryGovernor::stats() const
{
    MemoryStats stats;
    stats.usedBytes = m_state.usedBytes.load(std::memory_order_relaxed);
    stats.budgetBytes = m_state.budgetBytes.load(std::memory_order_relaxed);
    stats.level = m_state.level.load(std::memory_order_relaxed);
    for (size_t i = 0; i < kMemoryHolderCount; ++i)
        stats.held[i] = m_world.heldBytes(MemoryHolder(i));
    return stats;
}

void MemoryGovernor::updateBudget(MonoTime now)
{
    if (m_fixedBudget && m_limitReadAt)
        return;
    if (m_limitReadAt && now - *m_limitReadAt < kLimitInterval)
        return;
    const CgroupMemory cgroup = m_fixedBudget ? CgroupMemory{} : m_world.cgroup();
    m_socketBytes = cgroup.socketBytes;
    const qint64 budget = m_fixedBudget ? *m_fixedBudget : memorypolicy::defaultBudget(cgroup.limitBytes);
    const bool isFirst = !m_limitReadAt;
    m_limitReadAt = now;
    if (m_state.budgetBytes.exchange(budget, std::memory_order_relaxed) != budget || (isFirst && budget > 0))
        m_log.log(LogLevel::Info, "memory_budget"_L1,
            { { "bytes"_L1, budget }, { "by"_L1, m_fixedBudget ? u"MEMORY_BUDGET"_s : u"cgroup"_s } });
}

void MemoryGovernor::tell(MemoryLevel level, qint64 used, qint64 budget)
{
    m_log.log(level == MemoryLevel::Normal ? LogLevel::Info : LogLevel::Warning, "memory_level"_L1,
        { { "level"_L1, nameOf(level) }, { "used_bytes"_L1, used }, { "budget_bytes"_L1, budget } });
}

qint64 residentBytes()
{
    QFile file(u"/proc/self/statm"_s);
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const QList<QByteArray> pages = file.readAll().split(' '); // size, resident, shared, …
    return pages.size() > 2 ? (pages[1].toLongLong() - pages[2].toLongLong()) * ::sysconf(_SC_PAGESIZE) : 0;
}

} // namespace gatehouse
