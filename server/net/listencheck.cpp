// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/listencheck.h"

#include <memory>

#include "server/net/listensocket.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

struct Trial
{
    std::unique_ptr<ListenSocket> socket; ///< null: nothing was opened
    Status status = ok();
};

Trial tryOut(const ListenAddress &address, const QString &setting)
{
    Trial trial;
    if (!address.unixPath.isEmpty()) {
        trial.status = ListenSocket::examinePath(address, setting);
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
