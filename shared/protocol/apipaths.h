// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QLatin1StringView>

/// Every path that a client of Gatehouse may use. Paths of the channel and of the guide's endpoints also work without
/// the trailing slash.
namespace gatehouse::paths {

inline constexpr QLatin1StringView kChannel("/ws/notifications/");
inline constexpr QLatin1StringView kPreflight("/ws/notifications/preflight/");
inline constexpr QLatin1StringView kTicket("/api/ticket/");
inline constexpr QLatin1StringView kAdminStream("/ws/admin/");
inline constexpr QLatin1StringView kPublish("/api/notifications/");
inline constexpr QLatin1StringView kMonitoringMetrics("/api/monitoring/websocket/metrics/");
inline constexpr QLatin1StringView kMonitoringActive("/api/monitoring/websocket/active-connections/");
inline constexpr QLatin1StringView kPrometheus("/metrics");
inline constexpr QLatin1StringView kHealth("/healthz");
inline constexpr QLatin1StringView kReady("/readyz");
inline constexpr QLatin1StringView kProblems("/api/problems/"); ///< what the `type` of a problem begins with
inline constexpr QLatin1StringView kProblem("/api/problems/{code}");

inline constexpr QLatin1StringView kOverview("/api/admin/v1/overview");
inline constexpr QLatin1StringView kHistory("/api/admin/v1/history");
inline constexpr QLatin1StringView kLimits("/api/admin/v1/limits");
inline constexpr QLatin1StringView kRevisions("/api/admin/v1/limits/revisions");
inline constexpr QLatin1StringView kRevisionRestore("/api/admin/v1/limits/revisions/{n}/restore");
inline constexpr QLatin1StringView kSwitch("/api/admin/v1/switch");
inline constexpr QLatin1StringView kDecisions("/api/admin/v1/decisions");
inline constexpr QLatin1StringView kDecisionsTop("/api/admin/v1/decisions/top");
inline constexpr QLatin1StringView kConnections("/api/admin/v1/connections");
inline constexpr QLatin1StringView kConnection("/api/admin/v1/connections/{id}");
inline constexpr QLatin1StringView kBans("/api/admin/v1/bans");
inline constexpr QLatin1StringView kBan("/api/admin/v1/bans/{id}");
inline constexpr QLatin1StringView kExemptions("/api/admin/v1/exemptions");
inline constexpr QLatin1StringView kExemption("/api/admin/v1/exemptions/{id}");
inline constexpr QLatin1StringView kAlerts("/api/admin/v1/alerts");
inline constexpr QLatin1StringView kAlertAck("/api/admin/v1/alerts/{id}/ack");
inline constexpr QLatin1StringView kAlertRules("/api/admin/v1/alerts/rules");
inline constexpr QLatin1StringView kAudit("/api/admin/v1/audit");
inline constexpr QLatin1StringView kNodes("/api/admin/v1/nodes");
inline constexpr QLatin1StringView kNode("/api/admin/v1/nodes/{name}");
inline constexpr QLatin1StringView kSummary("/api/admin/v1/summary");

} // namespace gatehouse::paths
