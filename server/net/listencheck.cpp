// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/listencheck.h"

#include <cerrno>
#include <memory>

#include <QtCore/QFile>
#include <QtCore/QFileInfo>

#include <sys/stat.h>
#include <unistd.h>

#include "server/net/listensocket.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// A path in the file system: what is there may be a socket, and what is around it must take one.
Status examinePath(const QString &path, const QString &setting)
{
    const auto refuse = [&](const QString &why) {
        return Error{ u"%1: unix:%2 cannot be listened on: %3"_s.arg(setting, path, why), setting };
    };
    const QString folder = QFileInfo(path).path();
    if (::access(QFile::encodeName(folder + "/."_L1).constData(), W_OK | X_OK) != 0)
        return refuse(u"%1: %2"_s.arg(folder, qt_error_string(errno)));
    struct stat there
    {
    };
    if (::lstat(QFile::encodeName(path).constData(), &there) == 0 && !S_ISSOCK(there.st_mode))
        return refuse(u"something is there that is no socket"_s);
    return ok();
}

struct Trial
{
    std::unique_ptr<ListenSocket> socket; ///< null: nothing was opened
    Status status = ok();
};

Trial tryOut(const ListenAddress &address, const QString &setting)
{
    Trial trial;
    if (!address.unixPath.isEmpty()) {
        trial.status = examinePath(address.unixPath, setting);
        return trial;
    }
    Result<std::unique_ptr<ListenSocket>> opened = ListenSocket::open(address, setting);
    if (opened)
        trial.socket = std::move(opened).value();
    else if (!ListenSocket::isInUse(opened.error()))
        trial.status = opened.error();
    return trial;
}

bool isSamePlace(const ListenAddress &one, const ListenAddress &other)
{
    if (!one.unixPath.isEmpty() || !other.unixPath.isEmpty())
        return one.unixPath == other.unixPath;
    return one.port != 0 && one.port == other.port && one.address == other.address;
}

} // namespace

Status examineListening(const ListenAddress &clients, const std::optional<ListenAddress> &admin)
{
    const Trial first = tryOut(clients, u"LISTEN"_s);
    if (!first.status || !admin)
        return first.status;
    if (isSamePlace(clients, *admin))
        return Error{ u"ADMIN_LISTEN: is the same as LISTEN; leave it empty to serve both at one address"_s,
            u"ADMIN_LISTEN"_s };
    // Beside the first, which is still open: one may be part of the other (":8080" and "127.0.0.1:8080").
    const Trial second = tryOut(*admin, u"ADMIN_LISTEN"_s);
    const bool isTakenByFirst
        = first.socket && !second.socket && second.status && admin->unixPath.isEmpty() && clients.port == admin->port;
    if (isTakenByFirst)
        return Error{ u"ADMIN_LISTEN: port %1 is taken already, by LISTEN or another program"_s.arg(admin->port),
            u"ADMIN_LISTEN"_s };
    return second.status;
}

} // namespace gatehouse
