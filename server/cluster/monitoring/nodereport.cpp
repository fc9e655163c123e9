// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/monitoring/nodereport.h"

#include <algorithm>

#include <QtCore/QJsonDocument>

#include "shared/util/compactjson.h"
#include "shared/util/isotime.h"
#include "shared/util/jsondepth.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kMaxNameChars = 64;
constexpr qsizetype kMaxTextChars = 300;

qint64 count(const QJsonObject &object, QLatin1StringView name)
{
    return std::max<qint64>(0, object.value(name).toInteger());
}

QString text(const QJsonObject &object, QLatin1StringView name)
{
    return object.value(name).toString().left(kMaxTextChars);
}

QJsonObject valuesToJson(const MetricsFrame &frame)
{
    QJsonObject values;
    for (const MetricDescriptor &descriptor : metricDescriptors())
        values.insert(descriptor.name, frame[descriptor.metric]);
    return values;
}

/// By name, so that nodes may be of different versions while one after the other is updated.
void readValues(const QJsonObject &values, MetricsFrame &frame)
{
    for (const MetricDescriptor &descriptor : metricDescriptors())
        frame[descriptor.metric] = std::max(0.0, values.value(descriptor.name).toDouble());
}

QJsonObject dayToJson(const DayRecord &day)
{
    return {
        { "begin"_L1, toEpochMillis(day.begin) },
        { "counts"_L1, day.countsToJson() },
        { "closed_ms"_L1, day.closedMillis },
        { "peak"_L1, day.peakConnections },
    };
}

void readDay(const QJsonObject &object, DayRecord &day)
{
    day.begin = fromEpochMillis(object.value("begin"_L1).toInteger());
    day.countsFromJson(object.value("counts"_L1).toObject());
    day.closedMillis = count(object, "closed_ms"_L1);
    day.peakConnections = count(object, "peak"_L1);
}

} // namespace

QByteArray NodeReport::toJson() const
{
    const QJsonObject object{
        { "name"_L1, node.name },
        { "run"_L1, node.run },
        { "version"_L1, node.version },
        { "url"_L1, node.url },
        { "started_at"_L1, isoMillis(node.startedAt) },
        { "alone"_L1, isAlone },
        { "alone_reason"_L1, aloneReason },
        { "leaving"_L1, isLeaving },
        { "at"_L1, isoMillis(at) },
        { "clock_skew_ms"_L1, clockSkew ? QJsonValue(qint64(clockSkew->count())) : QJsonValue() },
        { "t"_L1, isoMillis(frame.time) },
        { "values"_L1, valuesToJson(frame) },
        { "today"_L1, dayToJson(today) },
        { "messages_per_minute"_L1, minute.messages },
        { "refusals_per_minute"_L1, minute.refusals },
        { "limit_refusals_per_minute"_L1, minute.limitRefusals },
        { "errors_per_minute"_L1, minute.errors },
        { "active_connections"_L1, activeConnections },
        { "addresses_near_limit"_L1, addressesNearLimit },
        { "cluster_peak"_L1, clusterPeak },
    };
    return compactJson(object);
}

std::optional<NodeReport> NodeReport::fromJson(const QByteArray &bytes)
{
    if (bytes.size() > kMaxBytes || isNestedDeeper(bytes))
        return std::nullopt;
    const QJsonObject object = QJsonDocument::fromJson(bytes).object();
    const std::optional<UtcTime> time = parseIso(object.value("t"_L1).toString());
    const std::optional<UtcTime> startedAt = parseIso(object.value("started_at"_L1).toString());
    NodeReport report;
    report.node = { text(object, "name"_L1), text(object, "run"_L1), text(object, "version"_L1), text(object, "url"_L1),
        startedAt.value_or(UtcTime()) };
    const bool isNamed
        = !report.node.name.isEmpty() && report.node.name.size() <= kMaxNameChars && !report.node.run.isEmpty();
    if (!isNamed || !time || !startedAt || !object.value("values"_L1).isObject()
        || !object.value("today"_L1).isObject())
        return std::nullopt;
    report.isAlone = object.value("alone"_L1).toBool();
    report.aloneReason = text(object, "alone_reason"_L1);
    report.isLeaving = object.value("leaving"_L1).toBool();
    report.frame.time = *time;
    report.at = parseIso(object.value("at"_L1).toString()).value_or(*time);
    if (const QJsonValue skew = object.value("clock_skew_ms"_L1); skew.isDouble())
        report.clockSkew = std::chrono::milliseconds(skew.toInteger());
    readValues(object.value("values"_L1).toObject(), report.frame);
    readDay(object.value("today"_L1).toObject(), report.today);
    report.minute.messages = count(object, "messages_per_minute"_L1);
    report.minute.refusals = count(object, "refusals_per_minute"_L1);
    report.minute.limitRefusals = count(object, "limit_refusals_per_minute"_L1);
    report.minute.errors = count(object, "errors_per_minute"_L1);
    report.activeConnections = count(object, "active_connections"_L1);
    report.addressesNearLimit = count(object, "addresses_near_limit"_L1);
    report.clusterPeak = count(object, "cluster_peak"_L1);
    return report;
}

} // namespace gatehouse
