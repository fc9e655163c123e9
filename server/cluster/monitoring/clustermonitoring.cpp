// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/monitoring/clustermonitoring.h"

#include "server/base/onthread.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

ClusterMonitoring::ClusterMonitoring(NodeIdentity node, const Links &links, const OwnMetrics &own, Admission admission,
    ClusterPubSub &pubSub, const RedisClock &clock, Log &log)
    : m_node(std::move(node))
    , m_aggregator(own.aggregator)
    , m_admission(std::move(admission))
    , m_clock(clock)
    , m_registry(
          clock, own.history, m_total, [this] { return report(); },
          [this](const QString &name, const HistoryQuery &query, HistoryDone done) {
              readHistory(name, query, std::move(done));
          })
    , m_requests(pubSub, clock)
    , m_exchange(links.thread.add(
          std::make_unique<NodeExchange>(links.data, links.reports, m_node, clock.own(), log, handlers())))
{
    own.archive.setObserver(
        [this](const std::vector<History::Block> &blocks) { m_exchange.keepHistory(false, blocks); });
}

NodeReport ClusterMonitoring::report() const
{
    NodeReport report;
    report.node = m_node;
    report.frame = m_aggregator.frame();
    report.today = m_aggregator.today();
    report.minute = m_aggregator.lastMinute();
    report.activeConnections = m_aggregator.totals().activeConnections;
    report.addressesNearLimit = m_aggregator.addressesNearLimit();
    const PeerAdmissionState admission = m_admission();
    report.isAlone = !admission.isReachable;
    report.aloneReason = admission.reason;
    report.at = m_clock.utc();
    report.clockSkew = m_clock.skew();
    return report;
}

NodeExchangeHandlers ClusterMonitoring::handlers()
{
    return {
        .reported = onThreadOf(*this, [this](const NodeReport &report) { m_registry.take(report); }),
        .kept = onThreadOf(*this, [this](const std::vector<NodeReport> &all) { m_registry.takeKept(all); }),
        .totalRead = onThreadOf(*this,
            [this](const std::vector<LaidOutBlock> &blocks) {
                for (const LaidOutBlock &one : blocks)
                    m_total.restore(one.block, one.order);
            }),
        .redisChanged = onThreadOf(*this, [this](const RedisState &state) { m_registry.setRedis(state); }),
    };
}

void ClusterMonitoring::tick()
{
    m_registry.tick();
    NodeReport now = report();
    now.clusterPeak = m_registry.clusterPeak();
    m_exchange.report(now);
    if (++m_ticks % kTicksPerSave != 0)
        return;
    // Everybody has the same history of all: one keeps it.
    const std::vector<History::Block> changed = m_total.takeChanges();
    if (m_registry.isSpeaker())
        m_exchange.keepHistory(true, changed);
}

QStringList ClusterMonitoring::lostToAnnounce() const
{
    return m_registry.isSpeaker() ? m_registry.lost() : QStringList();
}

void ClusterMonitoring::readHistory(const QString &node, const HistoryQuery &query, HistoryDone done)
{
    const UtcTime now = m_clock.own().utc(); // by which the frames are
    const qint64 step = History::stepFor(query.from, query.to, query.points, now).count();
    const qint64 blockMillis = step * History::kBlockSlots * 1000;
    const qint64 oldest = toEpochMillis(now - History::kSpans.back().second);
    const qint64 first = std::max(toEpochMillis(query.from), oldest) / blockMillis;
    const qint64 last = std::min(toEpochMillis(query.to), toEpochMillis(now)) / blockMillis;
    m_exchange.readHistory(node, step, first, last,
        onThreadOf(*this, [query, now, done = std::move(done)](const Result<std::vector<LaidOutBlock>> &blocks) {
            if (!blocks) {
                done(blocks.error());
                return;
            }
            History history;
            for (const LaidOutBlock &one : *blocks)
                history.restore(one.block, one.order);
            history.assumeNewest(now);
            done(history.query(query.metrics, query.from, query.to, query.points));
        }));
}

void ClusterMonitoring::forget(const QString &node, std::function<void(const Status &)> done)
{
    m_exchange.forget(node, onThreadOf(*this, [this, node, done = std::move(done)](const Status &status) {
        if (status)
            m_registry.forget(node);
        done(status);
    }));
}

} // namespace gatehouse
