// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/guard/addressrate.h"
#include "shared/protocol/problem.h"

namespace gatehouse {

/// How many bad tokens an address bucket may try wherever trying costs no budget: the APIs over HTTP.
inline constexpr int kMaxFailedLoginsPerMinute = 5;

/// Counts a bad token; what to answer, 429 with the exact wait, if there were too many before it.
[[nodiscard]] std::optional<Problem> countFailedLogin(AddressRate &failures, const IpAddress &client, MonoTime now);

} // namespace gatehouse
