// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/inheritedsockets.h"

#include <array>

#include <QtCore/QByteArray>
#include <QtCore/QList>

#include <fcntl.h>
#include <unistd.h>

#include "server/app/environmentvariable.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kFirstDescriptor = 3; // fixed by the protocol
constexpr int kMostDescriptors = 64;
constexpr char kAdminName[] = "admin";

Error failure(const QString &what)
{
    return { u"LISTEN_FDS: "_s + what, u"LISTEN_FDS"_s };
}

} // namespace

Result<InheritedSockets> InheritedSockets::take()
{
    const QByteArray pid = takeEnvironmentVariable("LISTEN_PID");
    const QByteArray countText = takeEnvironmentVariable("LISTEN_FDS");
    const QList<QByteArray> names = takeEnvironmentVariable("LISTEN_FDNAMES").split(':');
    InheritedSockets sockets;
    if (countText.isEmpty() || pid.toLongLong() != qint64(::getpid()))
        return sockets; // none, or those of a parent
    bool isNumber = false;
    const int count = countText.toInt(&isNumber);
    if (!isNumber || count < 0 || count > kMostDescriptors)
        return failure(u"\"%1\" is no number of sockets"_s.arg(QString::fromUtf8(countText)));
    for (int index = 0; index < count; ++index) {
        const int fd = kFirstDescriptor + index;
        ::fcntl(fd, F_SETFD, FD_CLOEXEC);
        const bool isAdmin = names.value(index) == kAdminName;
        std::unique_ptr<ListenSocket> &place = isAdmin ? sockets.admin : sockets.clients;
        if (place)
            return failure(isAdmin ? u"two sockets are named \"admin\""_s
                                   : u"more than one socket for clients; name the one for the admin API \"admin\""_s);
        Result<std::unique_ptr<ListenSocket>> adopted = ListenSocket::adopt(fd);
        if (!adopted)
            return failure(u"descriptor %1 %2"_s.arg(fd).arg(adopted.error().message));
        place = std::move(adopted).value();
    }
    return sockets;
}

} // namespace gatehouse
