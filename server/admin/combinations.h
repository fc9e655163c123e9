// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/admin/acrossnodes.h"

namespace gatehouse::combinations {

/// Whether the first comes before the second.
using ConnectionOrder = std::function<bool(const ConnectionInfo &, const ConnectionInfo &)>;

/// The answer of the one node that has what is asked for: the first that is not 404.
[[nodiscard]] Combination firstFound();
/// Pages of connections, merged in the order that the request asks for. The cursor says how many of each node have been
/// shown: "node=n,…".
[[nodiscard]] Combination connectionPages(std::function<ConnectionOrder(const HttpRequest &)> orderOf);
/// Pages of decisions, merged by their ids, newest first. The cursor is the id of the last one, as on one node.
[[nodiscard]] Combination decisionPages();
/// Counts, added up by value.
[[nodiscard]] Combination topCounts();
/// Days, added up.
[[nodiscard]] Combination summaries();

} // namespace gatehouse::combinations
