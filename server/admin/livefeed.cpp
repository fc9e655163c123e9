// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/livefeed.h"

#include <QtCore/QJsonArray>

#include "shared/util/compactjson.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

LiveFeed::LiveFeed(const Clock &clock, const MonitoringView &monitoring, ChannelControl &channels, QObject *parent)
    : QObject(parent)
    , m_clock(clock)
    , m_monitoring(monitoring)
    , m_channels(channels)
{
}

QByteArray LiveFeed::hello(const ServerInfo &server)
{
    return compactJson(QJsonObject{
        { "type"_L1, "hello"_L1 }, { "server"_L1, server.toJson() }, { "metadata"_L1, metricsMetadata() } });
}

void LiveFeed::send(ConsoleTopic topic, const QJsonObject &message)
{
    m_channels.sendToConsoles(topic, compactJson(message));
}

void LiveFeed::sendMetrics()
{
    if (!m_channels.isWatched(ConsoleTopic::Metrics) && !m_channels.isWatched(ConsoleTopic::Connections))
        return;
    const MonitoringState state = *m_monitoring.state({});
    const MetricsFrame &frame = state.frame;
    send(ConsoleTopic::Metrics,
        {
            { "type"_L1, "metrics"_L1 },
            { "frame"_L1, frame.toJson() },
            { "totals"_L1, state.totals.toJson(m_clock.utc()) },
            { "peak_connections"_L1, state.peakConnections },
            { "refusals_per_minute"_L1, state.minute.refusals },
            { "addresses_near_limit"_L1, state.addressesNearLimit },
        });
    if (frame[Metric::Handshakes] > 0 || frame[Metric::Closes] > 0)
        send(ConsoleTopic::Connections,
            { { "type"_L1, "connections"_L1 }, { "active"_L1, qint64(frame[Metric::ActiveConnections]) } });
}

void LiveFeed::sendDecisions(const std::vector<Decision> &decisions, qint64 skipped)
{
    if (!m_channels.isWatched(ConsoleTopic::Decisions))
        return;
    const size_t first = decisions.size() > kMaxDecisionsPerMessage ? decisions.size() - kMaxDecisionsPerMessage : 0;
    QJsonArray array;
    for (size_t i = first; i < decisions.size(); ++i) {
        QJsonObject decision = decisions[i].toJson();
        if (!m_node.isEmpty() && decisions[i].node.isEmpty())
            decision.insert("node"_L1, m_node);
        array.append(decision);
    }
    send(ConsoleTopic::Decisions,
        { { "type"_L1, "decisions"_L1 }, { "decisions"_L1, array }, { "skipped"_L1, skipped + qint64(first) } });
}

void LiveFeed::sendAlert(const Alert &alert)
{
    send(ConsoleTopic::Alerts, { { "type"_L1, "alert"_L1 }, { "alert"_L1, alert.toJson() } });
}

void LiveFeed::sendLimits(const LimitsDocument &document, const Revision &revision)
{
    send(ConsoleTopic::Limits,
        { { "type"_L1, "limits"_L1 }, { "document"_L1, document.toJson() }, { "revision"_L1, revision.toJson() } });
}

void LiveFeed::sendSwitch(bool isGuarding)
{
    send(ConsoleTopic::Limits, { { "type"_L1, "switch"_L1 }, { "enabled"_L1, isGuarding } });
}

} // namespace gatehouse
