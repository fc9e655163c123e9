// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/util/duration.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr std::chrono::seconds kLongest = std::chrono::hours(24 * 3650);

qint64 secondsPerUnit(QChar unit)
{
    switch (unit.unicode()) {
    case u's':
        return 1;
    case u'm':
        return 60;
    case u'h':
        return 3600;
    case u'd':
        return 86400;
    default:
        return 0;
    }
}

} // namespace

Result<std::chrono::seconds> parseDuration(QStringView text)
{
    const QStringView trimmed = text.trimmed();
    const Error invalid{
        u"\"%1\" is not a duration; use a number with s, m, h or d, as in 90s, 15m, 1h, 30d"_s.arg(text.toString()), {}
    };
    if (trimmed.isEmpty())
        return invalid;
    const bool hasUnit = !trimmed.back().isDigit();
    const qint64 factor = hasUnit ? secondsPerUnit(trimmed.back().toLower()) : 1;
    const QStringView digits = hasUnit ? trimmed.chopped(1) : trimmed;
    // toLongLong() alone would also take a sign and spaces.
    bool isNumber = std::all_of(digits.begin(), digits.end(), [](QChar c) { return c >= u'0' && c <= u'9'; });
    const qint64 count = isNumber ? digits.toLongLong(&isNumber) : 0;
    if (!isNumber || factor == 0 || count > kLongest.count() / factor)
        return invalid;
    return std::chrono::seconds(count * factor);
}

} // namespace gatehouse
