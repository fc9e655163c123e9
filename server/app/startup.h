// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/app/controlplane.h"
#include "server/app/listeners.h"

namespace gatehouse {

/// Opens the state file with the tables of everything that keeps something in it. One that is corrupt is set aside,
/// and what can be read of it is in a new one; both is logged. `watch` may end the reading of a large one. The error is
/// one sentence.
[[nodiscard]] Result<std::unique_ptr<StoreThread>> openStateFile(
    const Settings &settings, const ReadingWatch &watch, Log &log);

/// Says that the server has started, and what whoever runs it should know.
void logStart(const Settings &settings, const Listeners &listeners, const LimitStore &limits, Log &log);

} // namespace gatehouse
