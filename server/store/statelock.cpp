// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/statelock.h"

#include <cerrno>

#include <QtCore/QByteArray>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

QString ownerOf(int fd)
{
    QByteArray text(32, '\0');
    const ssize_t size = ::pread(fd, text.data(), size_t(text.size()), 0);
    const QByteArray pid = text.left(size > 0 ? size : 0).trimmed();
    return pid.isEmpty() ? u"another process"_s : u"process %1"_s.arg(QString::fromLatin1(pid));
}

} // namespace

StateLock::StateLock(int fd)
    : m_fd(fd)
{
}

StateLock::~StateLock()
{
    ::close(m_fd);
}

Result<std::unique_ptr<StateLock>> StateLock::acquire(const QString &stateFile)
{
    const QString lockFile = stateFile + ".lock"_L1;
    const int fd = ::open(QFile::encodeName(lockFile).constData(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return Error{ u"cannot write to the state directory %1: %2"_s.arg(
                          QFileInfo(stateFile).path(), qt_error_string(errno)),
            u"STATE_DIR"_s };
    std::unique_ptr<StateLock> lock(new StateLock(fd));
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const int reason = errno;
        const QString directory = QFileInfo(stateFile).path();
        if (reason == EWOULDBLOCK)
            return Error{ u"the state directory %1 is in use by %2"_s.arg(directory, ownerOf(fd)), u"STATE_DIR"_s };
        return Error{ u"cannot lock the state directory %1: %2"_s.arg(directory, qt_error_string(reason)),
            u"STATE_DIR"_s };
    }
    const QByteArray pid = QByteArray::number(qint64(::getpid())) + '\n';
    // Only for the message above: a disk too full for it is reported by what needs the space.
    if (::ftruncate(fd, 0) == 0) [[maybe_unused]]
        const ssize_t written = ::pwrite(fd, pid.constData(), size_t(pid.size()), 0);
    return lock;
}

} // namespace gatehouse
