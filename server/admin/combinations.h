// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/admin/acrossnodes.h"
#include "server/net/ipaddress.h"

namespace gatehouse::combinations {

/// A connection with what its order needs. A plain value.
struct ConnectionRow
{
    ConnectionInfo info;
    IpAddress address{}; ///< only where it is sorted by
};
/// The order of a table of connections.
struct ConnectionOrder
{
    std::function<ConnectionRow(ConnectionInfo)> rowOf; ///< called once for each, not at every comparison
    /// Whether the first comes before the second.
    std::function<bool(const ConnectionRow &, const ConnectionRow &)> isBefore;
};

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
