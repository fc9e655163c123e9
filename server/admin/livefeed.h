// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>

#include "server/channel/channelcontrol.h"
#include "server/metrics/monitoringview.h"

namespace gatehouse {

/// Writes the messages of the live admin stream and hands them to ChannelControl. Lives on the main thread; connect its
/// slots to what they are about. The messages are described in the OpenAPI file.
class LiveFeed final : public QObject
{
    Q_OBJECT

public:
    static constexpr size_t kMaxDecisionsPerMessage = 500; ///< the newest of a flood; the rest is in `skipped`

    LiveFeed(const Clock &clock, const MonitoringView &monitoring, ChannelControl &channels, QObject *parent = nullptr);

    /// What a console hears first.
    [[nodiscard]] static QByteArray hello(const ServerInfo &server);

    /// In a cluster: decisions that do not say another node are of this one.
    void setNode(const QString &name) { m_node = name; }

    /// The frame of the tick that just was, of all nodes together; also `connections`, if some opened or closed in it.
    void sendMetrics();
    void sendDecisions(const std::vector<Decision> &decisions, qint64 skipped);
    void sendAlert(const Alert &alert);
    void sendLimits(const LimitsDocument &document, const Revision &revision);
    void sendSwitch(bool isGuarding);

private:
    void send(ConsoleTopic topic, const QJsonObject &message);

    const Clock &m_clock;
    const MonitoringView &m_monitoring;
    ChannelControl &m_channels;
    QString m_node;
};

} // namespace gatehouse
