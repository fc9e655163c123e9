// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/metrics/dayrecord.h"

#include <cmath>

#include <QtCore/QDateTime>

#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

double DayRecord::averageDurationSeconds() const
{
    const qint64 closes = (*this)[Metric::Closes];
    if (closes <= 0)
        return 0.0;
    return std::round(double(closedMillis) / double(closes) / 10.0) / 100.0;
}

DayRecord DayRecord::dayOf(UtcTime now, const QTimeZone &zone)
{
    DayRecord record;
    record.day = QDateTime::fromMSecsSinceEpoch(toEpochMillis(now), zone).date();
    // startOfDay() knows the zones where a change to summer time skips midnight itself.
    record.begin = fromEpochMillis(record.day.startOfDay(zone).toMSecsSinceEpoch());
    record.end = fromEpochMillis(record.day.addDays(1).startOfDay(zone).toMSecsSinceEpoch());
    return record;
}

QJsonObject DayRecord::countsToJson() const
{
    QJsonObject object;
    for (const MetricDescriptor &descriptor : metricDescriptors()) {
        if (descriptor.kind == MetricKind::Rate)
            object.insert(descriptor.name, (*this)[descriptor.metric]);
    }
    return object;
}

void DayRecord::countsFromJson(const QJsonObject &object)
{
    for (const MetricDescriptor &descriptor : metricDescriptors()) {
        if (descriptor.kind == MetricKind::Rate)
            (*this)[descriptor.metric] = std::max<qint64>(0, object.value(descriptor.name).toInteger());
    }
}

} // namespace gatehouse
