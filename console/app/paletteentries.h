// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/connection/profilestore.h"
#include "console/models/palettemodel.h"
#include "console/models/servermodel.h"

namespace gatehouse {

class MainWindow;

/// Everything that a window leads to, as it is now: pages, what the menus and some buttons do, limits, saved servers.
/// All must outlive the entries.
[[nodiscard]] std::vector<PaletteEntry> paletteEntries(
    MainWindow &window, ServerModel &serverModel, const ProfileStore &profiles);

} // namespace gatehouse
