// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/connection/apitypes.h"
#include "shared/limits/limitdescriptor.h"
#include "shared/protocol/historyreply.h"
#include "shared/protocol/nodesreply.h"
#include "tests/support/fakeclock.h"

namespace gatehouse {

/// What the server of a FakeAdminClient has: for tests to fill, and to look at afterwards.
struct FakeServerState
{
    FakeServerState()
    {
        for (const LimitDescriptor &descriptor : limitDescriptors()) {
            limits.limits.push_back({ descriptor.name, descriptor.title, descriptor.defaultValue, LimitMode::Enforce,
                descriptor.defaultValue, descriptor.minimum, descriptor.maximum, descriptor.unit,
                descriptor.window ? std::optional<qint64>(descriptor.window->count()) : std::nullopt, descriptor.isLive,
                descriptor.help, std::nullopt, {} });
        }
        limits.revision = 1;
        server = { QStringLiteral("0.1.0"), clock.utc(), true, 1, QStringLiteral("admin"), QStringLiteral("operator") };
    }

    FakeClock clock;
    std::optional<UtcTime> tokenEndsAt; ///< the token that the client connects with
    ServerInfo server;
    LimitsDocument limits;
    Overview overview; ///< server and limits are taken from the members above
    HistoryReply history;
    std::vector<Revision> revisions; ///< newest first
    std::vector<Decision> decisions; ///< newest first
    qint64 notStored = 0;            ///< refusals that are not among them
    std::vector<TopOffender> offenders;
    qint64 refusalsCounted = 0; ///< beside those of the offenders
    std::vector<ConnectionInfo> connections;
    QStringList missingNodes;     ///< whose connections are not among them
    std::vector<AccessRule> bans; ///< newest first
    std::vector<AccessRule> exemptions;
    std::vector<Alert> alerts;
    std::vector<AlertRule> rules;
    NodesReply nodes;
    HistoryReply nodeHistory; ///< of each node
    bool isSwitchOn = true;
    std::vector<SwitchChange> switchChanges; ///< newest first
};

} // namespace gatehouse
