// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/admin/adminapi.h"
#include "server/channel/channelshard.h"
#include "server/cluster/clustermembership.h"
#include "server/config/settings.h"
#include "server/notify/sqlitenotificationstore.h"

namespace gatehouse {

/// The other nodes: with REDIS_URL those that it leads to, without it nobody. Whoever composes the server asks here,
/// and only make() asks which of the two it is. Lives on the main thread; outlives the workers.
class Neighbours
{
public:
    /// `anchor` is an object of the main thread. It, `clock` and `log` outlive the neighbours.
    [[nodiscard]] static std::unique_ptr<Neighbours> make(
        const Settings &settings, const NodeIdentity &self, QObject &anchor, const Clock &clock, Log &log);

    Neighbours() = default;
    virtual ~Neighbours() = default;
    Q_DISABLE_COPY_MOVE(Neighbours)

    /// The time that all have in common: what one writes down with it, every other judges by it. Any thread.
    [[nodiscard]] virtual const Clock &clock() const = 0;
    /// Whether that time is known yet. Until then nothing is to be held for expired.
    [[nodiscard]] virtual bool isTimeKnown() const = 0;
    /// How far this machine's clock is off, either way.
    [[nodiscard]] virtual std::chrono::milliseconds clockError() const = 0;

    /// By which limits, bans and alerts are changed. Once; `store` outlives it, and it is not used after leave().
    [[nodiscard]] virtual std::unique_ptr<ControlLog> controlLog(StoreThread &store) = 0;
    /// Where notifications are stored: `own`, or where all nodes have them.
    [[nodiscard]] virtual NotificationStore &notifications(SqliteNotificationStore &own) = 0;
    /// Enters what is asked of others into the environment of the workers.
    virtual void addTo(ChannelEnvironment &channel) = 0;
    /// What brings notifications to the connections of all, of which `workers` are this server's. Once.
    [[nodiscard]] virtual MessageBus &bus(ChannelControl &workers) = 0;
    /// The view of all, of which these are this server's. Once, after bus().
    [[nodiscard]] virtual MonitoringView &monitoring(
        const Aggregator &aggregator, const History &history, MetricsArchive &archive)
        = 0;
    /// Enters what is asked of others into what the admin API works with.
    virtual void addTo(AdminDependencies &admin) = 0;

    /// Connects to the others: everything is made.
    virtual void join(const ClusterMembership::Server &server) = 0;
    /// Until it has joined, or has found that it cannot: then it serves alone. The start is over with that.
    [[nodiscard]] virtual bool isJoining() const = 0;
    /// Calls back then, in the order of asking; at once if it is so already.
    virtual void whenJoined(std::function<void()> joined) = 0;
    /// Says good-bye. What works for others ends.
    virtual void leave() = 0;

    /// Once a second, when this server's frame is complete.
    virtual void tick() = 0;
    /// How many are lost, for the one that raises the alert.
    [[nodiscard]] virtual qint64 lost() const = 0;
    /// Tells a user's connections elsewhere what was read here. Any thread.
    virtual void announceRead(const QString &user, const QByteArray &message) const = 0;
    /// Lets these reconnect anywhere without using budget. `done` comes on the main thread, and only if all know it.
    virtual void grant(const ClientCounts &counts, std::function<void()> done) = 0;
};

} // namespace gatehouse
