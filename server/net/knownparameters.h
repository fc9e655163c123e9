// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QtCore/QLatin1StringView>

#include "server/net/httpmessage.h"
#include "shared/util/result.h"

namespace gatehouse {

/// The names that a request may have, of query parameters or of members of its body. A plain value.
using KnownNames = std::vector<QLatin1StringView>;

/// What is wrong with the names in a query: the first that is none of `known`, or stands there twice. A parameter that
/// is passed over would be a promise that is not kept ("dry_run=true"), so whoever asks is told before anything
/// happens. The error's field is the name; values, which may be secrets, are never in it. Pure.
[[nodiscard]] std::optional<Error> judgeParameters(const HttpRequest &request, const KnownNames &known);

/// The same for the members of a JSON object. That one stands there twice is found where the text is read.
[[nodiscard]] std::optional<Error> judgeMembers(const QJsonObject &object, const KnownNames &known);

} // namespace gatehouse
