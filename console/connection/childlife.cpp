// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/childlife.h"

#include <QtCore/QFile>
#include <QtCore/QProcess>

#ifdef Q_OS_UNIX
#include <csignal>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>
#endif
#ifdef Q_OS_LINUX
#include <sys/prctl.h>
#endif

using namespace Qt::StringLiterals;

namespace gatehouse {

#ifdef Q_OS_UNIX

namespace {

/// A process id may be given to another program as soon as its process has ended.
bool isServer([[maybe_unused]] pid_t process)
{
#ifdef Q_OS_LINUX
    QFile commandLine(u"/proc/%1/cmdline"_s.arg(process));
    return commandLine.open(QIODevice::ReadOnly) && commandLine.readAll().split('\0').contains("serve");
#else
    return true;
#endif
}

} // namespace

std::optional<qint64> holderOf(const QString &lockFile)
{
    const int fd = ::open(QFile::encodeName(lockFile).constData(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return std::nullopt;
    const bool isFree = ::flock(fd, LOCK_SH | LOCK_NB) == 0;
    QByteArray text(32, '\0');
    const ssize_t size = isFree ? 0 : ::pread(fd, text.data(), size_t(text.size()), 0);
    ::close(fd); // lifts our own lock
    bool isNumber = false;
    const qint64 process = text.left(size > 0 ? size : 0).trimmed().toLongLong(&isNumber);
    if (isFree)
        return std::nullopt;
    return isNumber && process > 1 ? process : 0; // held, by somebody who did not say so yet
}

void endServer(qint64 processId, bool atOnce)
{
    const auto process = pid_t(processId);
    if (process > 1 && isServer(process))
        ::kill(process, atOnce ? SIGKILL : SIGTERM);
}

#else

std::optional<qint64> holderOf(const QString &)
{
    return std::nullopt;
}

void endServer(qint64, bool)
{
}

#endif

#ifdef Q_OS_LINUX

void endWithParent(QProcess &child)
{
    child.setChildProcessModifier([console = ::getpid()] {
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (::getppid() != console) // it was gone before it could be watched
            ::raise(SIGTERM);
    });
}

#else

void endWithParent(QProcess &)
{
}

#endif

} // namespace gatehouse
