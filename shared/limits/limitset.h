// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <vector>

#include <QtCore/QJsonObject>

#include "shared/limits/limitdescriptor.h"
#include "shared/util/result.h"

namespace gatehouse {

/// A limit's value (in its descriptor's unit) and mode.
struct LimitValue
{
    qint64 value = 0;
    LimitMode mode = LimitMode::Enforce;
    friend bool operator==(const LimitValue &, const LimitValue &) = default;
};

/// The values of all limits at one revision. A plain value: once shared between threads it is never changed, only
/// replaced.
class LimitSet final
{
public:
    /// The defaults of the table, revision 0.
    LimitSet();

    [[nodiscard]] const LimitValue &operator[](LimitKey key) const { return m_values[size_t(key)]; }
    LimitValue &operator[](LimitKey key) { return m_values[size_t(key)]; }

    /// In which the limit counts; nullopt if it counts what is there at one time.
    [[nodiscard]] std::optional<std::chrono::seconds> windowOf(LimitKey key) const;

    /// Counts up with every change; 0 before the first is stored.
    qint64 revision = 0;

    /// Whether all values and modes are the same; revisions are not compared.
    [[nodiscard]] bool hasSameValues(const LimitSet &other) const { return m_values == other.m_values; }

    /// {"max_connections_per_ip": {"value": 5, "mode": "enforce"}, …}
    [[nodiscard]] QJsonObject toJson() const;
    /// Reads what toJson() wrote. Unknown names are ignored and missing ones keep their default, so that a state
    /// directory survives a change of version; values out of bounds are clamped.
    [[nodiscard]] static LimitSet fromJson(const QJsonObject &object);

private:
    std::array<LimitValue, kLimitCount> m_values;
};

/// One edit: limits by name, each with a new value, a new mode, or both.
struct LimitEdit
{
    LimitKey key;
    std::optional<qint64> value;
    std::optional<LimitMode> mode;
};

/// The outcome of reading a set of edits: either all are good, or every bad field is named.
struct LimitEdits
{
    std::vector<LimitEdit> edits;
    std::vector<Error> errors; ///< Error::field is the limit's name, with ".value" or ".mode" where it helps
};

/// Reads {"max_connections_per_ip": 10, "max_messages_per_minute": {"value": 120, "mode": "observe"}} and checks names,
/// types and bounds.
[[nodiscard]] LimitEdits parseLimitEdits(const QJsonObject &limits);
/// Says why a value is not allowed for a limit; nullopt if it is.
[[nodiscard]] std::optional<Error> checkLimitValue(const LimitDescriptor &descriptor, qint64 value);
/// The set with the edits applied; its revision is the base's.
[[nodiscard]] LimitSet applyEdits(LimitSet base, const std::vector<LimitEdit> &edits);

} // namespace gatehouse
