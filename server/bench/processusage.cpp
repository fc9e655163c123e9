// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/bench/processusage.h"

#include <QtCore/QFile>

#include <sys/resource.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace gatehouse::bench {

namespace {

/// Fields of /proc/PID/stat after the command's name: state is the first, utime and stime the 12th and 13th.
constexpr qsizetype kUserField = 11;
constexpr qsizetype kSystemField = 12;

QByteArray readProc(qint64 pid, const char *name)
{
    QFile file(u"/proc/%1/%2"_s.arg(pid).arg(QLatin1StringView(name)));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

std::chrono::microseconds microseconds(const timeval &time)
{
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

} // namespace

std::optional<CpuTime> parseStat(QByteArrayView stat, long ticksPerSecond)
{
    const qsizetype nameEnd = stat.lastIndexOf(')');
    if (nameEnd < 0 || ticksPerSecond <= 0)
        return std::nullopt;
    const QList<QByteArray> fields = stat.sliced(nameEnd + 1).toByteArray().simplified().split(' ');
    if (fields.size() <= kSystemField)
        return std::nullopt;
    bool isUser = false;
    bool isSystem = false;
    const qint64 user = fields[kUserField].toLongLong(&isUser);
    const qint64 system = fields[kSystemField].toLongLong(&isSystem);
    if (!isUser || !isSystem)
        return std::nullopt;
    const qint64 tick = 1'000'000 / ticksPerSecond;
    return CpuTime{ std::chrono::microseconds(user * tick), std::chrono::microseconds(system * tick) };
}

std::optional<qint64> parseKibibytes(QByteArrayView text, QByteArrayView name)
{
    const QByteArray label = name.toByteArray() + ':';
    const QList<QByteArray> lines = text.toByteArray().split('\n');
    for (const QByteArray &line : lines) {
        if (!line.startsWith(label))
            continue;
        const QByteArray value = line.mid(label.size()).trimmed();
        bool isNumber = false;
        const qint64 number = value.endsWith(" kB") ? value.chopped(3).trimmed().toLongLong(&isNumber) : 0;
        return isNumber ? std::optional(number) : std::nullopt;
    }
    return std::nullopt;
}

Result<ProcessUsage> ProcessUsage::of(std::vector<qint64> pids)
{
    for (const qint64 pid : pids) {
        if (!parseStat(readProc(pid, "stat"), sysconf(_SC_CLK_TCK)))
            return Error{ u"there is no process %1"_s.arg(pid), {} };
    }
    return ProcessUsage(std::move(pids));
}

std::optional<CpuTime> ProcessUsage::cpuTime() const
{
    CpuTime sum;
    for (const qint64 pid : m_pids) {
        const std::optional<CpuTime> time = parseStat(readProc(pid, "stat"), sysconf(_SC_CLK_TCK));
        if (!time)
            return std::nullopt;
        sum = sum + *time;
    }
    return m_pids.empty() ? std::nullopt : std::optional(sum);
}

std::optional<qint64> ProcessUsage::residentKibibytes() const
{
    qint64 sum = 0;
    for (const qint64 pid : m_pids) {
        std::optional<qint64> size = parseKibibytes(readProc(pid, "smaps_rollup"), "Rss");
        if (!size)
            size = parseKibibytes(readProc(pid, "status"), "VmRSS");
        if (!size)
            return std::nullopt;
        sum += *size;
    }
    return m_pids.empty() ? std::nullopt : std::optional(sum);
}

CpuTime ownCpuTime()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return { microseconds(usage.ru_utime), microseconds(usage.ru_stime) };
}

} // namespace gatehouse::bench
