// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/monitoring/clustermonitoring.h"

#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

ClusterMonitoring::ClusterMonitoring(const Clock &clock, const History &ownHistory, std::function<NodeReport()> self)
    : m_clock(clock)
    , m_self(std::move(self))
    , m_registry(
          clock, ownHistory, m_total, m_self, [this](const QString &node, const HistoryQuery &query, HistoryDone done) {
              readHistory(node, query, std::move(done));
          })
{
}

NodeExchangeHandlers ClusterMonitoring::handlers()
{
    const auto onMain = [this](auto call) { QMetaObject::invokeMethod(this, std::move(call), Qt::QueuedConnection); };
    return {
        .reported = [this, onMain](const NodeReport &report) { onMain([this, report] { m_registry.take(report); }); },
        .kept
        = [this, onMain](const std::vector<NodeReport> &all) { onMain([this, all] { m_registry.takeKept(all); }); },
        .totalRead =
            [this, onMain](const std::vector<LaidOutBlock> &blocks) {
                onMain([this, blocks] {
                    for (const LaidOutBlock &one : blocks)
                        m_total.restore(one.block, one.order);
                });
            },
        .redisChanged
        = [this, onMain](const RedisState &state) { onMain([this, state] { m_registry.setRedis(state); }); },
    };
}

void ClusterMonitoring::tick()
{
    m_registry.tick();
    NodeReport report = m_self();
    report.clusterPeak = m_registry.clusterPeak();
    m_exchange->report(report);
    if (++m_ticks % kTicksPerSave != 0)
        return;
    // Everybody has the same history of all: one keeps it.
    const std::vector<History::Block> changed = m_total.takeChanges();
    if (m_registry.isSpeaker())
        m_exchange->keepHistory(true, changed);
}

QStringList ClusterMonitoring::lostToAnnounce() const
{
    return m_registry.isSpeaker() ? m_registry.lost() : QStringList();
}

void ClusterMonitoring::readHistory(const QString &node, const HistoryQuery &query, HistoryDone done)
{
    const UtcTime now = m_clock.utc();
    const qint64 step = History::stepFor(query.from, query.to, query.points, now).count();
    const qint64 blockMillis = step * History::kBlockSlots * 1000;
    const qint64 oldest = toEpochMillis(now - History::kSpans.back().second);
    const qint64 first = std::max(toEpochMillis(query.from), oldest) / blockMillis;
    const qint64 last = std::min(toEpochMillis(query.to), toEpochMillis(now)) / blockMillis;
    m_exchange->readHistory(node, step, first, last,
        [this, query, now, done = std::move(done)](const Result<std::vector<LaidOutBlock>> &blocks) {
            QMetaObject::invokeMethod(
                this,
                [query, now, done, blocks] {
                    if (!blocks) {
                        done(blocks.error());
                        return;
                    }
                    History history;
                    for (const LaidOutBlock &one : *blocks)
                        history.restore(one.block, one.order);
                    history.assumeNewest(now);
                    done(history.query(query.metrics, query.from, query.to, query.points));
                },
                Qt::QueuedConnection);
        });
}

void ClusterMonitoring::forget(const QString &node, std::function<void(const Status &)> done)
{
    const auto onMain = [this, node, done = std::move(done)](const Status &status) {
        QMetaObject::invokeMethod(
            this,
            [this, node, done, status] {
                if (status)
                    m_registry.forget(node);
                done(status);
            },
            Qt::QueuedConnection);
    };
    m_exchange->forget(node, onMain);
}

} // namespace gatehouse
