// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QtCore/QJsonObject>

#include "shared/util/result.h"

namespace gatehouse {

/// An error answer as problem details (RFC 9457), with the members that Gatehouse adds. A plain value, used by both
/// sides.
struct Problem
{
    int status = 500;
    QString code; ///< stable name for programs: "bad_request", "too_many_connections", …
    QString title;
    QString detail;     ///< names what is wrong
    QString instance{}; ///< the id of the decision, findable in the console; may be empty
    QString guard{};    ///< which guard refused; may be empty
    std::optional<qint64> limit{};
    std::optional<qint64> observed{};
    std::optional<qint64> retryAfterSeconds{};
    std::vector<Error> fields{}; ///< for 422: every bad field

    /// The JSON object that goes over the wire.
    [[nodiscard]] QByteArray toText() const;
    [[nodiscard]] static Problem fromJson(const QJsonObject &object, int status);
};

/// The `type` member for a code (RFC 9457, 3.1.1): the path of its page, which every server has itself.
[[nodiscard]] QString problemType(QStringView code);

} // namespace gatehouse
