// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/historyreply.h"

#include <cmath>

#include <QtCore/QJsonArray>

#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

QJsonArray toArray(const std::vector<double> &values)
{
    QJsonArray array;
    for (const double value : values)
        array.append(std::isnan(value) ? QJsonValue() : QJsonValue(value));
    return array;
}

std::vector<double> fromArray(const QJsonValue &value)
{
    std::vector<double> values;
    const QJsonArray array = value.toArray();
    values.reserve(size_t(array.size()));
    for (const QJsonValue &entry : array)
        values.push_back(entry.isDouble() ? entry.toDouble() : HistoryReply::kGap);
    return values;
}

} // namespace

QJsonObject HistoryReply::toJson() const
{
    QJsonObject all;
    for (const HistorySeries &one : series) {
        all.insert(metricDescriptor(one.metric).name,
            QJsonObject{
                { "min"_L1, toArray(one.minimum) },
                { "max"_L1, toArray(one.maximum) },
                { "mean"_L1, toArray(one.mean) },
            });
    }
    QJsonArray recorded;
    for (const qint64 count : seconds)
        recorded.append(count);
    return {
        { "from"_L1, isoMillis(from) },
        { "to"_L1, isoMillis(from + step * bucketCount) },
        { "step_ms"_L1, qint64(step.count()) },
        { "seconds"_L1, recorded },
        { "series"_L1, all },
    };
}

Result<HistoryReply> HistoryReply::fromJson(const QJsonObject &object)
{
    const std::optional<UtcTime> from = parseIso(object.value("from"_L1).toString());
    const std::optional<UtcTime> to = parseIso(object.value("to"_L1).toString());
    const qint64 step = object.value("step_ms"_L1).toInteger();
    if (!from || !to || step <= 0 || *to < *from)
        return Error{ u"the history has no valid from, to or step_ms"_s, {} };
    HistoryReply reply;
    reply.from = *from;
    reply.step = std::chrono::milliseconds(step);
    reply.bucketCount = qsizetype((*to - *from).count() / step);
    for (const QJsonValue &count : object.value("seconds"_L1).toArray())
        reply.seconds.push_back(count.toInteger());
    if (qsizetype(reply.seconds.size()) != reply.bucketCount)
        return Error{ u"the history does not tell the seconds of %1 buckets"_s.arg(reply.bucketCount), u"seconds"_s };
    const QJsonObject all = object.value("series"_L1).toObject();
    for (auto member = all.begin(); member != all.end(); ++member) {
        const MetricDescriptor *descriptor = findMetric(member.key());
        if (!descriptor)
            continue;
        const QJsonObject one = member.value().toObject();
        HistorySeries series{ descriptor->metric, fromArray(one.value("min"_L1)), fromArray(one.value("max"_L1)),
            fromArray(one.value("mean"_L1)) };
        const size_t count = size_t(reply.bucketCount);
        if (series.minimum.size() != count || series.maximum.size() != count || series.mean.size() != count)
            return Error{ u"the history of %1 does not have %2 buckets"_s.arg(member.key()).arg(count), member.key() };
        reply.series.push_back(std::move(series));
    }
    return reply;
}

} // namespace gatehouse
