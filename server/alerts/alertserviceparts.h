// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/alerts/alertcontrol.h"
#include "server/alerts/alertservice.h"

namespace gatehouse {

/// What a node of a cluster keeps besides the engine.
struct AlertService::Shared
{
    ControlLog &log;
    std::set<QString> unsent; ///< own alerts that changed, and are to be appended
    bool isSending = false;
};

} // namespace gatehouse
