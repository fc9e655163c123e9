// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include <QtCore/QByteArray>

#include "shared/util/result.h"

namespace gatehouse::bench {

/// CPU time of a process with all its threads.
struct CpuTime
{
    std::chrono::microseconds user{};
    std::chrono::microseconds system{};

    [[nodiscard]] std::chrono::microseconds total() const { return user + system; }
    friend CpuTime operator+(const CpuTime &a, const CpuTime &b) { return { a.user + b.user, a.system + b.system }; }
    friend CpuTime operator-(const CpuTime &a, const CpuTime &b) { return { a.user - b.user, a.system - b.system }; }
};

/// The CPU time in /proc/PID/stat, whose command name may hold blanks and brackets. nullopt for anything else. Pure.
[[nodiscard]] std::optional<CpuTime> parseStat(QByteArrayView stat, long ticksPerSecond);
/// A line "Name:   123 kB" of /proc/PID/status or smaps_rollup, in KiB. nullopt if it is not there. Pure.
[[nodiscard]] std::optional<qint64> parseKibibytes(QByteArrayView text, QByteArrayView name);

/// What the processes of a server use, from /proc: nothing is asked of the server itself. A server may be several
/// processes (nginx and its workers); their sum counts. Any thread.
class ProcessUsage final
{
public:
    /// The error names the process that does not exist.
    [[nodiscard]] static Result<ProcessUsage> of(std::vector<qint64> pids);

    [[nodiscard]] bool isEmpty() const { return m_pids.empty(); }
    /// nullopt without processes, or when one of them is gone.
    [[nodiscard]] std::optional<CpuTime> cpuTime() const;
    /// Resident memory in KiB: smaps_rollup's, which is exact, where it may be read; else status's.
    [[nodiscard]] std::optional<qint64> residentKibibytes() const;

private:
    explicit ProcessUsage(std::vector<qint64> pids)
        : m_pids(std::move(pids))
    {
    }
    std::vector<qint64> m_pids;
};

/// What this process itself has used, so that a report shows when the load generator is the bottleneck.
[[nodiscard]] CpuTime ownCpuTime();

} // namespace gatehouse::bench
