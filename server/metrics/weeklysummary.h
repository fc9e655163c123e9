// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>

#include "server/metrics/dayrecord.h"

namespace gatehouse {

/// The weekly summary: a line a day and their totals. Pure.
/// {"days": [{"day", "connections", "peak_connections", "messages_sent", "messages_received",
/// "avg_connection_duration", "errors", "closes", "connection_seconds" (of those closed, together), "refusals":
/// {"refused_connections": n, …}}, …], "total": {…}}
[[nodiscard]] QJsonObject summaryJson(const std::vector<DayRecord> &days);
/// The same as RFC 4180 text with a header line; one column for each kind of refusal.
[[nodiscard]] QByteArray summaryCsv(const std::vector<DayRecord> &days);

/// The counts of a line of summaryJson(), without the day's begin and end; nullopt for one that names no day.
[[nodiscard]] std::optional<DayRecord> dayOfSummary(const QJsonObject &line);
/// Adds another node's counts of the same day. Peaks add up too: at most that many were there at once.
void add(DayRecord &sum, const DayRecord &other);

} // namespace gatehouse
