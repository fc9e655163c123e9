// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "server/base/cgrouplimit.h"
#include "server/log/log.h"
#include "server/metrics/memorystats.h"
#include "shared/util/clock.h"

namespace gatehouse {

struct LoopCommons;
class WorkerPool;

/// Keeps the process within its memory budget. Looks ten times a second at what is resident, which counts everything,
/// whoever holds it, with the kernel's socket buffers where the budget is a cgroup's, and carries out what the policy
/// says: tells the workers by the MemoryState, has them cut slow consumers, and has the heap give back what they held.
/// Lives on the main thread; owned by the composition root.
class MemoryGovernor final : public QObject
{
    Q_OBJECT
public:
    /// What it looks at and what it can do. All outlives it.
    struct World
    {
        std::function<qint64()> residentBytes;
        std::function<CgroupMemory()> cgroup;
        std::function<qint64(MemoryHolder)> heldBytes;
        std::function<void(qint64 bytes)> cutSlowConsumers; ///< gives up so much of the queues
        std::function<void()> trimHeap;

        /// This process. Both outlive it.
        [[nodiscard]] static World of(WorkerPool &workers, const LoopCommons &commons);
    };
    static constexpr std::chrono::milliseconds kInterval{ 100 };
    static constexpr std::chrono::seconds kLimitInterval{ 1 }; ///< between two looks at the cgroup
    static constexpr std::chrono::seconds kTrimInterval{ 2 };  ///< between two trims, if nothing was cut

    /// `fixedBudget`: what MEMORY_BUDGET says; 0 for none, nullopt for what the cgroup allows. `state`, `clock` and
    /// `log` outlive it.
    MemoryGovernor(std::optional<qint64> fixedBudget, World world, MemoryState &state, const Clock &clock, Log &log);

    void start();
    [[nodiscard]] MemoryStats stats() const;
    /// One look; public for tests.
    void look();

private:
    [[nodiscard]] std::chrono::milliseconds wantedInterval() const;
    void updateBudget(MonoTime now);
    void tell(MemoryLevel level, qint64 used, qint64 budget);

    const std::optional<qint64> m_fixedBudget;
    const World m_world;
    MemoryState &m_state;
    const Clock &m_clock;
    Log &m_log;
    QTimer m_timer;
    std::optional<MonoTime> m_limitReadAt;
    qint64 m_socketBytes = 0; ///< that the kernel holds, where they count for the cgroup's limit
    std::optional<MonoTime> m_trimmedAt;
    bool m_hasCut = false; ///< at the last look: what was freed is still the heap's
};

/// What is resident of this process; 0 where /proc cannot be read.
[[nodiscard]] qint64 residentBytes();

} // namespace gatehouse
