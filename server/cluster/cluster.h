// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "server/base/nodeidentity.h"
#include "server/cluster/clusterthread.h"
#include "server/cluster/control/rediscontrol.h"
#include "server/cluster/monitoring/clustermonitoring.h"
#include "server/redis/redislink.h"

namespace gatehouse {

/// The cluster's half of a server: its two threads, the links on them, and the parts that work with those. The
/// composition root makes it when REDIS_URL is set, wires the parts, and calls start(). Lives on the main thread.
class Cluster final
{
public:
    static constexpr std::chrono::milliseconds kFarewellTime{ 500 };

    /// `clock` and `log` outlive it.
    Cluster(const RedisUrl &url, NodeIdentity identity, const Clock &clock, Log &log);
    ~Cluster();
    Q_DISABLE_COPY_MOVE(Cluster)

    [[nodiscard]] const NodeIdentity &identity() const { return m_identity; }
    /// For admissions and counts, on the guard thread.
    [[nodiscard]] RedisLink &guardLink() { return m_guardLink; }
    /// For all else that is asked, on the data thread, as the next two.
    [[nodiscard]] RedisLink &dataLink() { return m_dataLink; }
    /// Waits for the streams.
    [[nodiscard]] RedisLink &streamLink() { return m_streamLink; }
    [[nodiscard]] ClusterThread &guardThread() { return m_guardThread; }
    [[nodiscard]] ClusterThread &dataThread() { return m_dataThread; }

    /// A further link on one of the threads. Before start().
    RedisLink &addLink(ClusterThread &thread, const char *purpose);
    /// Once, before start(): monitoring of all nodes, as ClusterMonitoring says.
    ClusterMonitoring &addMonitoring(const History &ownHistory, std::function<NodeReport()> self);
    [[nodiscard]] ClusterMonitoring &monitoring() { return *m_monitoring; }

    /// Once, before start(): the control log. `anchor`, an object of the main thread, outlives this.
    RedisControl &addControl(QObject &anchor);

    /// Something that says good-bye to the other nodes: it calls `done`, on any thread, when that is sent or cannot be.
    using Farewell = std::function<void(std::function<void()> done)>;
    void addFarewell(Farewell farewell) { m_farewells.push_back(std::move(farewell)); }

    /// Begins to connect. Everything is wired.
    void start();
    /// Says good-bye, for kFarewellTime at most; disconnects, and destroys what lives on the threads. What refers to
    /// those parts must not be called any more.
    void stop();

private:
    void sayGoodbye();

    const RedisUrl m_url;
    const Clock &m_clock;
    Log &m_log;
    NodeIdentity m_identity;
    std::unique_ptr<ClusterMonitoring> m_monitoring; ///< outlives what is on the threads
    ClusterThread m_guardThread;
    ClusterThread m_dataThread;
    std::vector<RedisLink *> m_links; ///< all that there are
    RedisLink &m_guardLink;
    RedisLink &m_dataLink;
    RedisLink &m_streamLink;
    std::vector<Farewell> m_farewells;
    bool m_isRunning = false;
};

} // namespace gatehouse
