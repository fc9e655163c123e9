// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/serverfacts.h"

namespace gatehouse {

ServerInfo ServerFacts::toldTo(const Identity &who) const
{
    ServerInfo info;
    info.version = QStringLiteral(GATEHOUSE_VERSION);
    info.startedAt = startedAt;
    info.isGuarding = isGuarding;
    info.workers = workers;
    info.role = roleName(who.role);
    info.user = who.user;
    info.timeZone = timeZone;
    if (unforwarded.count > 0)
        info.notForwarded = { unforwarded.count, unforwarded.proxyName(), unforwarded.header(), unforwarded.at };
    return info;
}

} // namespace gatehouse
