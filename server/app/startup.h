// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/app/controlplane.h"
#include "server/app/listeners.h"

namespace gatehouse {

/// Opens the state file with the tables of everything that keeps something in it. One that is corrupt is set aside,
/// which is logged. The error is one sentence.
[[nodiscard]] Result<std::unique_ptr<StoreThread>> openStateFile(const Settings &settings, Log &log);

/// Says that the server has started, and what whoever runs it should know.
void logStart(const Settings &settings, const Listeners &listeners, const LimitStore &limits, Log &log);

} // namespace gatehouse
