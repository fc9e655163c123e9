// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/weeklysummary.h"

#include <algorithm>

#include <QtCore/QJsonArray>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr std::array kRefusals{ Metric::RefusedConnections, Metric::RefusedReconnects, Metric::RefusedMessages,
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
        { "closes"_L1, record[Metric::Closes] },
        { "connection_seconds"_L1, double(record.closedMillis) / 1000.0 },
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
        const qint64 peak = std::max(total.peakConnections, record.peakConnections);
        add(total, record);
        total.peakConnections = peak;
    }
    return { { "days"_L1, lines }, { "total"_L1, toJson(total) } };
}

QByteArray summaryCsv(const std::vector<DayRecord> &days)
{
    QByteArray text = "day,connections,peak_connections,messages_sent,messages_received,avg_connection_duration,errors,"
                      "closes,connection_seconds";
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
        add(QByteArray::number(record[Metric::Closes]));
        add(QByteArray::number(double(record.closedMillis) / 1000.0, 'f', 3));
        for (const Metric metric : kRefusals)
            add(QByteArray::number(record[metric]));
        text += "\r\n";
    }
    return text;
}

std::optional<DayRecord> dayOfSummary(const QJsonObject &line)
{
    DayRecord record;
    record.day = QDate::fromString(line.value("day"_L1).toString(), Qt::ISODate);
    if (!record.day.isValid())
        return std::nullopt;
    record[Metric::Handshakes] = line.value("connections"_L1).toInteger();
    record.peakConnections = line.value("peak_connections"_L1).toInteger();
    record[Metric::MessagesOut] = line.value("messages_sent"_L1).toInteger();
    record[Metric::MessagesIn] = line.value("messages_received"_L1).toInteger();
    record[Metric::Errors] = line.value("errors"_L1).toInteger();
    record[Metric::Closes] = line.value("closes"_L1).toInteger();
    record.closedMillis = qRound64(line.value("connection_seconds"_L1).toDouble() * 1000.0);
    const QJsonObject refusals = line.value("refusals"_L1).toObject();
    for (const Metric metric : kRefusals)
        record[metric] = refusals.value(metricDescriptor(metric).name).toInteger();
    return record;
}

void add(DayRecord &sum, const DayRecord &other)
{
    for (size_t i = 0; i < kMetricCount; ++i)
        sum.counts[i] += other.counts[i];
    sum.closedMillis += other.closedMillis;
    sum.peakConnections += other.peakConnections;
}

} // namespace gatehouse
