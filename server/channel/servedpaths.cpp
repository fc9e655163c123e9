// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/servedpaths.h"

#include <algorithm>

#include "shared/protocol/apipaths.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

bool fits(const ServedPath &row, const QByteArray &path)
{
    return row.fit == ServedPath::Fit::Whole ? isSamePath(path, row.path) : path.startsWith(row.path.data());
}

PathKind kindOf(PathOwner owner)
{
    switch (owner) {
    case PathOwner::Channel:
    case PathOwner::LiveStream:
        return PathKind::WebSocket;
    case PathOwner::ChannelRequests:
        return PathKind::OnWorker;
    case PathOwner::Routes:
        break;
    }
    return PathKind::OnMainThread;
}

} // namespace

const std::vector<ServedPath> &servedPaths()
{
    using Fit = ServedPath::Fit;
    static const std::vector<ServedPath> kRows{
        { paths::kChannel, Fit::Whole, PathOwner::Channel, true, false },
        { paths::kPreflight, Fit::Whole, PathOwner::ChannelRequests, true, false },
        { paths::kTicket, Fit::Whole, PathOwner::ChannelRequests, true, false },
        { paths::kAdminStream, Fit::Whole, PathOwner::LiveStream, false, true },
        { paths::kHealth, Fit::Whole, PathOwner::Routes, true, true },
        { paths::kReady, Fit::Whole, PathOwner::Routes, true, true },
        { paths::kPublish, Fit::Whole, PathOwner::Routes, true, true },
        { paths::kProblems, Fit::Begin, PathOwner::Routes, true, true }, // each listener's refusals name their page
        { ""_L1, Fit::Begin, PathOwner::Routes, false, true },           // whose router says what is not found
    };
    return kRows;
}

const ServedPath &servedPath(const QByteArray &path)
{
    const std::vector<ServedPath> &rows = servedPaths();
    return *std::find_if(rows.begin(), rows.end(), [&path](const ServedPath &row) { return fits(row, path); });
}

PathKind kindOfPath(const QByteArray &path, ListenScope scope)
{
    const ServedPath &row = servedPath(path);
    const bool isServed = scope == ListenScope::Everything
        || (scope == ListenScope::ChannelOnly ? row.isForClients : row.isForOperators);
    return isServed ? kindOf(row.owner) : PathKind::NotServed;
}

bool isSamePath(const QByteArray &path, QLatin1StringView full)
{
    QByteArrayView wanted(full.data(), full.size());
    QByteArrayView asked(path);
    for (QByteArrayView *view : { &wanted, &asked }) {
        if (view->endsWith('/'))
            view->chop(1);
    }
    return asked == wanted;
}

} // namespace gatehouse
