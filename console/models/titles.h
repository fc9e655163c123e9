// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QDateTime>
#include <QtCore/QString>

#include "console/models/timerange.h"
#include "shared/limits/limitdescriptor.h"
#include "shared/metrics/metricdescriptor.h"
#include "shared/protocol/accessrule.h"
#include "shared/protocol/adminmessages.h"
#include "shared/protocol/problem.h"

/// Texts in the user's language for the names on the wire. A name that this console does not know is shown as the
/// server sent it.
namespace gatehouse {

[[nodiscard]] QString metricTitle(Metric metric);
[[nodiscard]] QString metricUnit(Metric metric);
[[nodiscard]] QString guardTitle(const QString &guard);
[[nodiscard]] QString reasonTitle(Reason reason);
[[nodiscard]] QString limitTitle(const QString &key, const QString &serverTitle = {});
[[nodiscard]] QString limitHelp(const QString &key, const QString &serverHelp = {});
[[nodiscard]] QString limitModeTitle(LimitMode mode);
/// What a ban or an exemption is about, in a word or two.
[[nodiscard]] QString accessKindTitle(const AccessRule &rule);
[[nodiscard]] QString unitTitle(const QString &unit);
[[nodiscard]] QString alertTitle(const QString &rule, const QString &serverTitle);
/// What an alert compares, by the rule's key: "% of the limit"; empty for one that this console does not know.
[[nodiscard]] QString alertUnit(const QString &rule);
/// A failed call in one or two sentences.
[[nodiscard]] QString problemText(const Problem &problem);

/// Local time, for the locale's eyes.
[[nodiscard]] QString dateAndTime(UtcTime time);
/// For columns: the time of day, and before it the date unless that is today.
[[nodiscard]] QString recentTime(UtcTime time, UtcTime now);
/// "12:00:00 – 12:05:00", with the dates unless both are of today.
[[nodiscard]] QString intervalText(const TimeInterval &interval, UtcTime now);
/// "45 s", "3 min", "2 h 5 min", "4 d 1 h".
[[nodiscard]] QString durationText(std::chrono::milliseconds duration);
/// "512 B", "1.5 KiB".
[[nodiscard]] QString bytesText(qint64 bytes);
[[nodiscard]] QDateTime toDateTime(UtcTime time);

} // namespace gatehouse
