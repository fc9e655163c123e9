// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/tokensentence.h"

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

QString quotedName(const QJsonValue &value)
{
    constexpr qsizetype kMaxQuoted = 64;
    const QString name = value.toString();
    const auto isHarmless = [](QChar c) { return c >= u' ' && c <= u'~' && c != u'"' && c != u'\\'; };
    // Every encoded JSON object begins with eyJ, and so every JWT.
    const bool isShown = !name.isEmpty() && name.size() <= kMaxQuoted && !name.contains("eyJ"_L1)
        && std::all_of(name.begin(), name.end(), isHarmless);
    return isShown ? QString(u" \""_s + name + u'"') : QString();
}

QString spanText(std::chrono::milliseconds span)
{
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(span);
    if (seconds < 2min)
        return u"%1 s"_s.arg(seconds.count());
    if (seconds < 2h)
        return u"%1 min"_s.arg(seconds / 1min);
    if (seconds < 48h)
        return u"%1 h"_s.arg(seconds / 1h);
    return u"%1 d"_s.arg(seconds / 24h);
}

} // namespace gatehouse
