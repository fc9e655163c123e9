// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/auth/identity.h"
#include "server/net/unforwardedclients.h"
#include "shared/protocol/adminmessages.h"

namespace gatehouse {

/// What consoles are told of the server itself, in the overview as in the live stream's hello. A plain value.
struct ServerFacts
{
    UtcTime startedAt{};
    bool isGuarding = true;
    int workers = 1;
    QString timeZone{}; ///< TIME_ZONE
    UnforwardedClients::Seen unforwarded{};

    [[nodiscard]] ServerInfo toldTo(const Identity &who) const;
};

} // namespace gatehouse
