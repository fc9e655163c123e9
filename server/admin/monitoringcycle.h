// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "server/admin/livefeed.h"
#include "server/alerts/alertservice.h"
#include "server/auth/jwtkey.h"
#include "server/guard/addresstable.h"
#include "server/guard/decisionlog.h"
#include "server/guard/refusedusers.h"
#include "server/metrics/aggregator.h"
#include "server/metrics/history.h"
#include "server/metrics/idleguards.h"
#include "server/metrics/metricsarchive.h"
#include "server/store/storecondition.h"

namespace gatehouse {

/// What happens once a second on the main thread, in this order: the aggregator makes a frame, the history keeps it,
/// the alert rules look at it, the live stream carries it; every 10 s it is saved, every hour what is too old is
/// deleted.
///
/// How to use it: construct everything, then start(). At shutdown, when the workers have ended and before the
/// StoreThread is destroyed, call finish().
class MonitoringCycle final : public QObject
{
    Q_OBJECT

public:
    /// What the alerts compare with, now.
    struct Watched
    {
        std::function<qint64()> maxConnections;                  ///< the limit
        std::function<qint64()> lostNodes{};                     ///< of a cluster; not set: none
        std::function<double()> memoryPercent{};                 ///< of the budget; not set: there is none
        std::function<std::chrono::milliseconds()> clockError{}; ///< of this node; not set: none
        std::function<StoreCondition()> store{};                 ///< not set: nothing is wrong with it
        /// The address with most connections, if it has as many as this; not set: none has.
        std::function<std::optional<AddressTable::Busiest>(qint64 atLeast)> busiest{};
        int ipv6PrefixBits = IpAddress::kBucketBits; ///< of its bucket
        bool hasTrustedProxies = false;
        std::function<QStringList()> guardsOff{}; ///< in words; not set: none
        /// That tokens are verified with; not set: none that ends.
        std::function<const std::vector<JwtKey> &()> keys{};
    };
    static constexpr int kSecondsPerSave = 10;
    static constexpr int kSecondsPerCleaning = 3600;
    /// With fewer connections an address is no proxy, but somebody with two windows.
    static constexpr qint64 kSharedConnections = 5;

    MonitoringCycle(const Clock &clock, Aggregator &aggregator, History &history, MetricsArchive &archive,
        DecisionLog &decisions, AlertService &alerts, LiveFeed &feed, Watched watched, QObject *parent = nullptr);

    /// Begins to tick at every full second of the clock, and the decision log to drain. Waits for the store thread.
    void start();
    /// One second; public for tests.
    void tick();
    /// Stops, drains the decisions and saves what is left.
    void finish();

Q_SIGNALS:
    /// The second's frame is complete and in the history; nothing has been sent of it yet.
    void ticked();

private:
    void scheduleNext();
    void rememberDays();
    [[nodiscard]] AlertInput alertInput();

    const Clock &m_clock;
    Aggregator &m_aggregator;
    History &m_history;
    MetricsArchive &m_archive;
    DecisionLog &m_decisions;
    AlertService &m_alerts;
    LiveFeed &m_feed;
    Watched m_watched;
    RefusedUsers m_refusedUsers;
    IdleGuards m_idleGuards;
    QTimer m_timer;
    qint64 m_ticks = 0;
};

} // namespace gatehouse
