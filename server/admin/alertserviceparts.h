// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/admin/alertcontrol.h"
#include "server/admin/alertservice.h"

namespace gatehouse {

/// What a node of a cluster keeps besides the engine.
struct AlertService::Shared
{
    ControlLog &log;
    std::set<QString> unsent; ///< own alerts that changed, and are to be appended
    bool isSending = false;
};

} // namespace gatehouse
