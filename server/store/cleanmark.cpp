// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/cleanmark.h"

#include <QtCore/QFile>
#include <QtCore/QFileInfo>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace gatehouse::cleanmark {

namespace {

QByteArray markPath(const QString &stateFile)
{
    return QFile::encodeName(stateFile + ".clean"_L1);
}

/// What a closed state file looks like, as text; empty if it is not there or not closed.
QByteArray look(const QString &stateFile)
{
    struct stat status
    {
    };
    if (QFile::exists(stateFile + "-wal"_L1) || ::stat(QFile::encodeName(stateFile).constData(), &status) != 0)
        return {};
    return QByteArray::number(qint64(status.st_size)) + ' ' + QByteArray::number(qint64(status.st_mtim.tv_sec)) + '.'
        + QByteArray::number(qint64(status.st_mtim.tv_nsec)) + '\n';
}

} // namespace

bool take(const QString &stateFile)
{
    QFile mark(QFile::decodeName(markPath(stateFile)));
    if (!mark.open(QIODevice::ReadOnly))
        return false;
    const QByteArray said = mark.read(128);
    if (!mark.remove())
        return false;
    // A mark that came back after a power failure would vouch for a file that was in use.
    const int directory
        = ::open(QFile::encodeName(QFileInfo(stateFile).path()).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool isDurable = directory >= 0 && ::fsync(directory) == 0;
    if (directory >= 0)
        ::close(directory);
    return isDurable && !said.isEmpty() && said == look(stateFile);
}

void leave(const QString &stateFile)
{
    const QByteArray text = look(stateFile);
    if (text.isEmpty())
        return;
    const int fd = ::open(markPath(stateFile).constData(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    // Half a mark fits no file.
    [[maybe_unused]] const ssize_t written = ::write(fd, text.constData(), size_t(text.size()));
    ::close(fd);
}

} // namespace gatehouse::cleanmark
