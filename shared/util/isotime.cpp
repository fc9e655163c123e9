// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/util/isotime.h"

#include <QtCore/QDateTime>
#include <QtCore/QTimeZone>

using namespace Qt::StringLiterals;

namespace gatehouse {

QString isoSeconds(UtcTime time)
{
    return QDateTime::fromMSecsSinceEpoch(toEpochMillis(time), Qt::UTC).toString(u"yyyy-MM-ddTHH:mm:ssZ"_s);
}

QString isoMillis(UtcTime time)
{
    return QDateTime::fromMSecsSinceEpoch(toEpochMillis(time), Qt::UTC).toString(u"yyyy-MM-ddTHH:mm:ss.zzzZ"_s);
}

std::optional<UtcTime> parseIso(QStringView text)
{
    const QDateTime parsed = QDateTime::fromString(text.toString(), Qt::ISODateWithMs);
    // Without a zone the text would mean this machine's local time: ambiguous, so refused.
    if (!parsed.isValid() || parsed.timeSpec() == Qt::LocalTime)
        return std::nullopt;
    return fromEpochMillis(parsed.toMSecsSinceEpoch());
}

} // namespace gatehouse
