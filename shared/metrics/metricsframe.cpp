// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/metrics/metricsframe.h"

#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

QJsonObject DailyTotals::toJson(UtcTime now) const
{
    return {
        { "active_connections"_L1, activeConnections },
        { "connections_today"_L1, connectionsToday },
        { "messages_sent"_L1, messagesSent },
        { "messages_received"_L1, messagesReceived },
        { "avg_connection_duration"_L1, averageDurationSeconds },
        { "messages_per_minute"_L1, messagesPerMinute },
        { "timestamp"_L1, isoSeconds(now) },
    };
}

DailyTotals DailyTotals::fromJson(const QJsonObject &object)
{
    return {
        object.value("active_connections"_L1).toInteger(),
        object.value("connections_today"_L1).toInteger(),
        object.value("messages_sent"_L1).toInteger(),
        object.value("messages_received"_L1).toInteger(),
        object.value("avg_connection_duration"_L1).toDouble(),
        object.value("messages_per_minute"_L1).toInteger(),
    };
}

QJsonObject MetricsFrame::toJson() const
{
    QJsonArray array;
    for (const double value : values)
        array.append(value);
    return { { "t"_L1, isoMillis(time) }, { "values"_L1, array } };
}

std::optional<MetricsFrame> MetricsFrame::fromJson(
    const QJsonObject &object, const std::vector<std::optional<Metric>> &order)
{
    const std::optional<UtcTime> time = parseIso(object.value("t"_L1).toString());
    if (!time)
        return std::nullopt;
    MetricsFrame frame;
    frame.time = *time;
    const QJsonArray array = object.value("values"_L1).toArray();
    for (size_t i = 0; i < order.size() && qsizetype(i) < array.size(); ++i) {
        if (order[i])
            frame[*order[i]] = array.at(qsizetype(i)).toDouble();
    }
    return frame;
}

QJsonArray metricsMetadata()
{
    QJsonArray array;
    for (const MetricDescriptor &descriptor : metricDescriptors()) {
        array.append(QJsonObject{
            { "name"_L1, descriptor.name },
            { "title"_L1, descriptor.title },
            { "unit"_L1, descriptor.unit },
            { "kind"_L1, descriptor.kind == MetricKind::Gauge ? "gauge"_L1 : "rate"_L1 },
        });
    }
    return array;
}

std::vector<std::optional<Metric>> metricsOrder(const QJsonArray &metadata)
{
    std::vector<std::optional<Metric>> order;
    for (const QJsonValue &entry : metadata) {
        const MetricDescriptor *descriptor = findMetric(entry.toObject().value("name"_L1).toString());
        order.push_back(descriptor ? std::optional(descriptor->metric) : std::nullopt);
    }
    return order;
}

} // namespace gatehouse
