// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QByteArray>
#include <QtCore/QLatin1StringView>

#include "server/net/upgradehandler.h"

namespace gatehouse {

/// Which requests a listening address serves.
enum class ListenScope : quint8
{
    Everything,
    ChannelOnly, ///< the admin API has an address of its own
    AdminOnly,
};

/// Who answers at a path.
enum class PathOwner : quint8
{
    Channel,         ///< the WebSocket of the clients
    LiveStream,      ///< the WebSocket of the consoles
    ChannelRequests, ///< what pages ask about the channel, on the worker
    Routes,          ///< the routes of the main thread: health, metrics, publishing, the admin API
};

/// One row of the table of who serves what, and where. The first row that fits a path decides; the last fits all.
struct ServedPath
{
    enum class Fit : quint8
    {
        Whole, ///< this path, with or without a slash at its end
        Begin, ///< every path that begins so
    };
    QLatin1StringView path;
    Fit fit;
    PathOwner owner;
    bool isForClients;   ///< at the clients' address, where the admin API has one of its own
    bool isForOperators; ///< at the admin API's own address
};

[[nodiscard]] const std::vector<ServedPath> &servedPaths();
[[nodiscard]] const ServedPath &servedPath(const QByteArray &path);
/// How a worker answers at the path, on a listener of that scope.
[[nodiscard]] PathKind kindOfPath(const QByteArray &path, ListenScope scope);
/// Whether that is the path, with or without its slash at the end.
[[nodiscard]] bool isSamePath(const QByteArray &path, QLatin1StringView full);

} // namespace gatehouse
