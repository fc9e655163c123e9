// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>

#include <QtCore/QJsonObject>

#include "server/net/httpmessage.h"
#include "shared/util/clock.h"
#include "shared/util/result.h"

namespace gatehouse {

inline constexpr qsizetype kMaxNoteChars = 500;
inline constexpr qint64 kStoreRetrySeconds = 5;   ///< what is said when something cannot be stored
inline constexpr qint64 kClusterRetrySeconds = 5; ///< what is said when the nodes cannot be asked

/// Reads the parts of a request that several handlers take. Every error names the member or parameter at fault. Pure.
[[nodiscard]] Result<QJsonObject> jsonBody(const HttpRequest &request, bool mayBeEmpty = false);
[[nodiscard]] Result<QString> noteOf(const QJsonObject &body);
/// Of a body that may be empty.
[[nodiscard]] Result<QString> noteOf(const HttpRequest &request);
/// A whole number from `minimum` to `maximum`, or the default if the parameter is missing.
[[nodiscard]] Result<int> numberParameter(
    const HttpRequest &request, const char *name, int defaultValue, int minimum, int maximum);
/// An ISO 8601 time with a zone; nullopt if the parameter is missing.
[[nodiscard]] Result<std::optional<UtcTime>> timeParameter(const HttpRequest &request, const char *name);
[[nodiscard]] QString textParameter(const HttpRequest &request, const char *name);

/// The `node` parameter: empty for all nodes together.
[[nodiscard]] QString nodeParameter(const HttpRequest &request);
[[nodiscard]] HttpResponse nodeNotFound(const QString &node);
/// 422 for values that are not allowed, all of them named.
[[nodiscard]] HttpResponse unprocessable(const QString &code, const std::vector<Error> &errors);
/// 503: the state file cannot be read or written.
[[nodiscard]] HttpResponse storeUnavailable(const Error &error);
/// 503 for a change that was not made, by the code in the error (controlerrors): the state file cannot be written, or
/// the nodes cannot be asked, with how long to wait.
[[nodiscard]] HttpResponse changeUnavailable(const Error &error);
/// What answers when something that cannot be taken back has been done, and then recorded in the audit: 204, or 503
/// that says what has been done.
[[nodiscard]] std::function<void(const Status &)> answerRecorded(Responder respond, const QString &done);
[[nodiscard]] HttpResponse notFound(const QString &detail);
/// The `next_cursor` member: null at the end.
[[nodiscard]] QJsonValue cursorValue(const QString &cursor);

} // namespace gatehouse
