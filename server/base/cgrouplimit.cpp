// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/base/cgrouplimit.h"

#include <algorithm>

#include <QtCore/QFile>
#include <QtCore/QList>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// Version 1 has no word for "none": it says the largest number of whole pages.
constexpr qint64 kNoLimit = qint64(1) << 60;

/// Where the groups of one version are seen, and which of them is the top of what is seen.
struct Mount
{
    QString point;
    QString top;
};

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Blanks and backslashes in paths are octal there.
QString unescaped(const QByteArray &field)
{
    QByteArray text;
    for (qsizetype i = 0; i < field.size(); ++i) {
        bool isOctal = false;
        const int code = field[i] == '\\' ? field.mid(i + 1, 3).toInt(&isOctal, 8) : 0;
        text += isOctal ? char(code) : field[i];
        i += isOctal ? 3 : 0;
    }
    return QString::fromUtf8(text);
}

/// The mount of version 2, or the one of version 1 that has the memory controller.
std::optional<Mount> findMount(const QString &root, bool isUnified)
{
    const QList<QByteArray> lines = contentOf(root + u"/proc/self/mountinfo"_s).split('\n');
    for (const QByteArray &line : lines) {
        // "36 35 98:0 /top /point options … - type source options"
        const qsizetype dash = line.indexOf(" - ");
        const QList<QByteArray> fields = line.left(dash).split(' ');
        const QList<QByteArray> rest = line.mid(dash + 3).split(' ');
        if (dash < 0 || fields.size() < 5 || rest.size() < 3)
            continue;
        const bool fits = isUnified ? rest[0] == "cgroup2"
                                    : rest[0] == "cgroup" && rest[2].split(',').contains(QByteArray("memory"));
        if (fits)
            return Mount{ unescaped(fields[4]), unescaped(fields[3]) };
    }
    return std::nullopt;
}

/// The process's group in the hierarchy: "0::/path" of version 2, "4:memory:/path" of version 1.
std::optional<QString> findGroup(const QString &root, bool isUnified)
{
    const QList<QByteArray> lines = contentOf(root + u"/proc/self/cgroup"_s).split('\n');
    for (const QByteArray &line : lines) {
        const qsizetype first = line.indexOf(':');
        const qsizetype second = line.indexOf(':', first + 1);
        if (first < 0 || second < 0)
            continue;
        const QByteArray controllers = line.mid(first + 1, second - first - 1);
        if (isUnified ? controllers.isEmpty() : controllers.split(',').contains(QByteArray("memory")))
            return QString::fromUtf8(line.mid(second + 1));
    }
    return std::nullopt;
}

std::optional<qint64> smaller(std::optional<qint64> one, std::optional<qint64> other)
{
    if (!one || !other)
        return one ? one : other;
    return std::min(*one, *other);
}

std::optional<qint64> limitOf(const QString &directory, bool isUnified)
{
    const QString name = isUnified ? u"/memory.max"_s : u"/memory.limit_in_bytes"_s;
    bool isNumber = false; // "max" is none
    const qint64 limit = contentOf(directory + name).trimmed().toLongLong(&isNumber);
    return isNumber && limit > 0 && limit < kNoLimit ? std::optional(limit) : std::nullopt;
}

/// Of "sock 4096" in a group's memory.stat.
qint64 socketBytesOf(const QString &directory)
{
    if (!QFile::exists(directory + u"/memory.max"_s))
        return 0; // the machine's own group, which is everybody's
    const QList<QByteArray> lines = contentOf(directory + u"/memory.stat"_s).split('\n');
    for (const QByteArray &line : lines) {
        if (line.startsWith("sock "))
            return qMax<qint64>(0, line.mid(5).trimmed().toLongLong());
    }
    return 0;
}

CgroupMemory readVersion(const QString &root, bool isUnified)
{
    const std::optional<Mount> mount = findMount(root, isUnified);
    const std::optional<QString> group = findGroup(root, isUnified);
    if (!mount || !group)
        return {};
    // In a container the mount may begin at the container's own group, while the path begins at the machine's.
    QString path = *group;
    if (mount->top != u"/"_s)
        path = path == mount->top || path.startsWith(mount->top + u'/') ? path.mid(mount->top.size()) : QString();
    while (path.endsWith(u'/'))
        path.chop(1);
    CgroupMemory memory;
    memory.socketBytes = isUnified ? socketBytesOf(root + mount->point + path) : 0;
    for (;; path.truncate(qMax<qsizetype>(0, path.lastIndexOf(u'/')))) {
        memory.limitBytes = smaller(memory.limitBytes, limitOf(root + mount->point + path, isUnified));
        if (path.isEmpty())
            return memory;
    }
}

} // namespace

CgroupMemory readCgroupMemory(const QString &root)
{
    CgroupMemory memory = readVersion(root, true);
    memory.limitBytes = smaller(memory.limitBytes, readVersion(root, false).limitBytes);
    return memory;
}

} // namespace gatehouse
