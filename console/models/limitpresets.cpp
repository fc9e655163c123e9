// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/limitpresets.h"

using namespace Qt::StringLiterals;

namespace gatehouse::limitpresets {

std::vector<LimitPatch> strict()
{
    return {
        { u"max_connections_per_ip"_s, 2, LimitMode::Enforce },
        { u"max_reconnect_attempts"_s, 5, LimitMode::Enforce },
        { u"max_messages_per_minute"_s, 30, LimitMode::Enforce },
        { u"max_connections_per_user"_s, 5, LimitMode::Enforce },
    };
}

std::vector<LimitPatch> highTraffic()
{
    return {
        { u"max_connections_per_ip"_s, 10, LimitMode::Enforce },
        { u"max_messages_per_minute"_s, 120, LimitMode::Enforce },
    };
}

} // namespace gatehouse::limitpresets
