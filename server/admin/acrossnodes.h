// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/admin/adminapi.h"

namespace gatehouse {

/// What a node answered to its part of a request.
struct NodeAnswer
{
    QString node;
    HttpResponse response;
};

/// How the answers of all nodes to one request become one. Pure functions; any thread.
struct Combination
{
    /// The request as it is put to one node. Not set: as it came.
    std::function<Result<HttpRequest>(const HttpRequest &request, const QString &node)> part{};
    /// `answers` are those that were given, this node's first; `missing` are nodes that gave none.
    std::function<HttpResponse(
        const HttpRequest &request, const std::vector<NodeAnswer> &answers, const QStringList &missing)>
        whole;
};

/// A route whose handler answers for its own node: with `?node=` the one that is named answers, and without it all that
/// are up are asked at the same time, and the answers are made into one. An error of this node (a parameter that is
/// wrong) is the answer for all. Without a cluster the handler answers alone. `parts` outlives the route.
[[nodiscard]] Route acrossNodes(Route route, Combination combination, const AdminDependencies &parts);

/// 503 for a node, or some, that should have answered.
[[nodiscard]] HttpResponse nodeUnreachable(const QString &detail);

} // namespace gatehouse
