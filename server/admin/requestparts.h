// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QJsonObject>

#include "server/net/httpmessage.h"
#include "shared/util/clock.h"
#include "shared/util/result.h"

namespace gatehouse {

inline constexpr qsizetype kMaxNoteChars = 500;
inline constexpr qint64 kClusterRetrySeconds = 5; ///< what is said with clusterUnavailable()

/// Reads the parts of a request that several handlers take. Every error names the member or parameter at fault. Pure.
[[nodiscard]] Result<QJsonObject> jsonBody(const HttpRequest &request, bool mayBeEmpty = false);
[[nodiscard]] Result<QString> noteOf(const QJsonObject &body);
/// A whole number from `minimum` to `maximum`, or the default if the parameter is missing.
[[nodiscard]] Result<int> numberParameter(
    const HttpRequest &request, const char *name, int defaultValue, int minimum, int maximum);
/// An ISO 8601 time with a zone; nullopt if the parameter is missing.
[[nodiscard]] Result<std::optional<UtcTime>> timeParameter(const HttpRequest &request, const char *name);
[[nodiscard]] QString textParameter(const HttpRequest &request, const char *name);

/// The `node` parameter: empty for all nodes together.
[[nodiscard]] QString nodeParameter(const HttpRequest &request);
[[nodiscard]] HttpResponse nodeNotFound(const QString &node);
/// 400 for an error in a parameter or in the body's form.
[[nodiscard]] HttpResponse badRequest(const Error &error);
/// 422 for values that are not allowed, all of them named.
[[nodiscard]] HttpResponse unprocessable(const QString &code, const std::vector<Error> &errors);
[[nodiscard]] HttpResponse storeUnavailable(const Error &error);
/// 503 for what only all nodes together can change, with how long to wait.
[[nodiscard]] HttpResponse clusterUnavailable(const Error &error);
[[nodiscard]] HttpResponse notFound(const QString &detail);
/// The `next_cursor` member: null at the end.
[[nodiscard]] QJsonValue cursorValue(const QString &cursor);

} // namespace gatehouse
