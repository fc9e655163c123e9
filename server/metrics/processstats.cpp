// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QList>

#include <sys/resource.h>
#include <unistd.h>

#include "server/metrics/prometheusexposition.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

QByteArray readAll(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// The second since the epoch in which the machine was started.
double bootTime()
{
    const QByteArray text = readAll(u"/proc/stat"_s);
    const qsizetype line = text.indexOf("\nbtime ");
    return line < 0 ? 0.0 : text.mid(line + 7, 20).split('\n').constFirst().toDouble();
}

} // namespace

ProcessStats readProcessStats()
{
    ProcessStats stats;
    const QByteArray text = readAll(u"/proc/self/stat"_s);
    // The second field is the program's name in parentheses and may itself hold blanks and parentheses.
    const QList<QByteArray> fields = text.mid(text.lastIndexOf(')') + 2).split(' ');
    const double ticks = double(sysconf(_SC_CLK_TCK));
    if (fields.size() > 21 && ticks > 0) {
        stats.cpuSeconds = (fields[11].toDouble() + fields[12].toDouble()) / ticks;
        stats.startTimeSeconds = bootTime() + fields[19].toDouble() / ticks;
        stats.virtualBytes = fields[20].toDouble();
        stats.residentBytes = fields[21].toDouble() * double(sysconf(_SC_PAGESIZE));
    }
    const auto all
        = QDir::AllEntries | QDir::System | QDir::Hidden | QDir::NoDotAndDotDot; // sockets are dangling links
    stats.openFds = double(QDir(u"/proc/self/fd"_s).entryList(all).size()) - 1;  // but for the directory's own
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        stats.maxFds = double(limit.rlim_cur);
    return stats;
}

} // namespace gatehouse
