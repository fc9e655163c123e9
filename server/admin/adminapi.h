// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "server/access/accessstore.h"
#include "server/admin/peernodes.h"
#include "server/admin/router.h"
#include "server/alerts/alertservice.h"
#include "server/base/latencyhistogram.h"
#include "server/channel/channelcontrol.h"
#include "server/control/auditlog.h"
#include "server/guard/decisionlog.h"
#include "server/limits/limitstore.h"
#include "server/metrics/aggregator.h"
#include "server/metrics/clusterstats.h"
#include "server/metrics/ingeststats.h"
#include "server/metrics/memorystats.h"
#include "server/metrics/metricsarchive.h"
#include "server/metrics/monitoringview.h"
#include "server/net/requesthandler.h"

namespace gatehouse {

/// Whether the server can take clients, and if not, why: "joining the cluster", "draining", or what is wrong with the
/// store.
struct Readiness
{
    bool isReady = true;
    QString reason;
    QString stateFile{}; ///< what somebody should know of it although the server takes clients; empty if all is well
};

/// How the node stands to its cluster; nullopt without REDIS_URL.
using ClusterStatsSource = std::function<std::optional<ClusterStats>()>;

/// Publishes what POST /api/notifications/ brought. The key is empty, or 1 to 255 visible ASCII characters. `done` may
/// be called from any thread: the answer is 202 {"ids", "reached"} or a problem.
using PublishFunction = std::function<void(
    const QByteArray &body, const QByteArray &idempotencyKey, const Identity &who, Responder done)>;

/// Takes a node that is gone out of the list. `done` comes on the main thread.
using ForgetNode = std::function<void(const QString &node, std::function<void(const Status &)> done)>;

/// Everything the admin API works with. All references must outlive it.
struct AdminDependencies
{
    const Clock &clock;
    const Clock &sharedClock; ///< of all nodes: for what one of them writes down and others judge
    AdminAuth &auth;
    Aggregator &aggregator;
    MonitoringView &monitoring;
    MetricsArchive &metricsArchive;
    DecisionLog &decisions;
    AlertService &alerts;
    ChannelControl &channels;
    LimitStore &limits;
    AccessStore &access;
    AuditLog &audit;
    PublishFunction publish;
    std::function<Readiness()> readiness;
    PeerNodes *peers = nullptr; ///< null without a cluster
    ClusterStatsSource clusterStats;
    ForgetNode forgetNode;          ///< empty without a cluster
    LatencyHistogram &publishTimes; ///< from a publish request to its answer: the API measures
    const LatencyHistogram &fanoutTimes;
    const LatencyHistogram &storeWriteTimes;
    UtcTime startedAt{};
    int workers = 1;
    QString timeZone{};                                        ///< TIME_ZONE
    bool hasPublicMetrics = false;                             ///< METRICS_PUBLIC
    MemoryStatsSource memory{};                                ///< empty: nobody looks
    std::function<std::optional<IngestStats>()> ingestStats{}; ///< empty without INGEST_REDIS_URL
};

/// Answers every plain HTTP request to the server but those of the channel's own paths. Lives on the main thread,
/// judges on the workers'. The table of routes is made of small handlers, one per concern, in the constructor.
class AdminApi final : public RequestHandler
{
public:
    explicit AdminApi(AdminDependencies dependencies);
    ~AdminApi() override;
    Q_DISABLE_COPY_MOVE(AdminApi)

    /// What is admitted must not outlive the API.
    [[nodiscard]] RequestVerdict judge(const HttpRequest &head) override;
    /// To be called once a second, with what holds then: whoever has waited for too long for a disk that does not
    /// answer is told so.
    void setStoreHanging(bool isHanging);

    /// What another node asks. Main thread; `respond` may be called later, and on any thread.
    void handleOfPeer(const PeerRequest &request, const Responder &respond);

    /// The table, for the tests that walk it.
    [[nodiscard]] const std::vector<Route> &routes() const;

private:
    struct Parts;
    std::unique_ptr<Parts> m_parts;
};

} // namespace gatehouse
