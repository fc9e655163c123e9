// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/weeklysummary.h"

#include <algorithm>

#include <QtCore/QJsonArray>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr std::array kRefusals { Metric::RefusedConnections, Metric::RefusedReconnects, Metric::RefusedMessages,
    Metric::RefusedOrigin, Metric::RefusedToken, Metric::RefusedOther };

QJsonObject toJson(const DayRecord &record)
{
    QJsonObject refusals;
    for (const Metric metric : kRefusals)
        refusals.insert(metricDescriptor(metric).name, record[metric]);
    return {
        { "connections"_L1, record[Metric::Handshakes] },
        { "peak_connections"_L1, record.peakConnections },
        { "messages_sent"_L1, record[Metric::MessagesOut] },
        { "messages_received"_L1, record[Metric::MessagesIn] },
        { "avg_connection_duration"_L1, record.averageDurationSeconds() },
        { "errors"_L1, record[Metric::Errors] },
        { "refusals"_L1, refusals },
    };
}

} // namespace

QJsonObject summaryJson(const std::vector<DayRecord> &days)
{
    QJsonArray lines;
    DayRecord total;
    for (const DayRecord &record : days) {
        QJsonObject line = toJson(record);
        line.insert("day"_L1, record.day.toString(Qt::ISODate));
        lines.append(line);
        for (size_t i = 0; i < kMetricCount; ++i)
            total.counts[i] += record.counts[i];
        total.closedMillis += record.closedMillis;
        total.peakConnections = std::max(total.peakConnections, record.peakConnections);
    }
    return { { "days"_L1, lines }, { "total"_L1, toJson(total) } };
}

QByteArray summaryCsv(const std::vector<DayRecord> &days)
{
    QByteArray text = "day,connections,peak_connections,messages_sent,messages_received,avg_connection_duration,errors";
    for (const Metric metric : kRefusals) {
        const QLatin1StringView name = metricDescriptor(metric).name;
        text.append(',').append(name.data(), name.size());
    }
    text += "\r\n";
    for (const DayRecord &record : days) {
        text += record.day.toString(Qt::ISODate).toLatin1();
        const auto add = [&text](const QByteArray &value) { text.append(',').append(value); };
        add(QByteArray::number(record[Metric::Handshakes]));
        add(QByteArray::number(record.peakConnections));
        add(QByteArray::number(record[Metric::MessagesOut]));
        add(QByteArray::number(record[Metric::MessagesIn]));
        add(QByteArray::number(record.averageDurationSeconds(), 'f', 2));
        add(QByteArray::number(record[Metric::Errors]));
        for (const Metric metric : kRefusals)
            add(QByteArray::number(record[metric]));
        text += "\r\n";
    }
    return text;
}

} // namespace gatehouse
