// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QtCore/QStringList>

#include "server/config/settings.h"
#include "shared/util/result.h"

namespace gatehouse {

/// Readers of the text of single settings: pure functions whose errors say what is wrong with the text, not which
/// setting it is; the loader adds that.

/// true/1/yes/on and false/0/no/off, in any case.
[[nodiscard]] Result<bool> parseBoolean(QStringView text);
/// A whole number within bounds, without blanks, signs but "-", or digit groups.
[[nodiscard]] Result<qint64> parseNumber(QStringView text, qint64 minimum, qint64 maximum);
/// MEMORY_BUDGET: a number of bytes, with or without K, M or G (KiB, MiB, GiB) behind it; "none" is 0.
[[nodiscard]] Result<qint64> parseMemoryBudget(QStringView text);
/// The comma-separated parts, trimmed, without empty ones.
[[nodiscard]] QStringList splitList(QStringView text);
/// ALLOWED_HOSTS: patterns in lower case; each must have the form of a host, a .domain, *, or a scheme with host and
/// port.
[[nodiscard]] Result<QStringList> parseAllowedHosts(QStringView text);
/// SERVED_HOSTS: the same patterns without a scheme.
[[nodiscard]] Result<QStringList> parseServedHosts(QStringView text);
[[nodiscard]] Result<std::vector<Network>> parseNetworks(QStringView text);
/// A name of the machine's time zone database, links included; UTC also where there is none.
[[nodiscard]] Result<QByteArray> parseTimeZone(QStringView text);
[[nodiscard]] Result<LogLevel> parseLogLevel(QStringView text);
[[nodiscard]] Result<LogFormat> parseLogFormat(QStringView text);
/// EXEMPT_NETWORKS: addresses and CIDRs, each with or without = and a number of connections. An address of IPv6 stands
/// for its bucket; a CIDR must not be narrower than one.
[[nodiscard]] Result<ExemptNetworks> parseExemptNetworks(QStringView text, int ipv6PrefixBits);
[[nodiscard]] Result<LimitProfile> parseLimitProfile(QStringView text);
/// Empty, or an absolute http or https URL with a host.
[[nodiscard]] Result<QString> parseWebhookUrl(QStringView text);
/// Empty, or up to 64 of the characters that are safe in logs, keys and labels.
[[nodiscard]] Result<QString> parseNodeName(QStringView text);
/// Whether each limit is divided by the nodes while Redis is away (share), or held in full (full).
[[nodiscard]] Result<bool> parseRedisAway(QStringView text);

/// The switch table: whether rate limits and monitoring are on.
[[nodiscard]] bool guardsByDefault(std::optional<bool> useProductionMiddleware, bool isDebug);

} // namespace gatehouse
