// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "server/net/listenaddress.h"

namespace gatehouse {

/// Whether a server could listen where the settings say, without disturbing one that does already: an address that is
/// in use is good, as that may be the server itself. Internet addresses are opened as a server opens them, and closed
/// again; of a Unix-domain path only what is around it is looked at. The error names the setting, as a start would.
[[nodiscard]] Status examineListening(const ListenAddress &clients, const std::optional<ListenAddress> &admin);

} // namespace gatehouse
