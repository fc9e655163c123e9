// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/numbertext.h"

#include <cmath>

#include <QtCore/QLocale>

namespace gatehouse {

std::optional<qint64> readWholeNumber(const QString &text)
{
    bool isNumber = false;
    qint64 value = QLocale().toLongLong(text.trimmed(), &isNumber);
    if (!isNumber)
        value = text.trimmed().toLongLong(&isNumber);
    return isNumber ? std::optional(value) : std::nullopt;
}

std::optional<double> readNumber(const QString &text)
{
    bool isNumber = false;
    double value = QLocale().toDouble(text.trimmed(), &isNumber);
    if (!isNumber)
        value = text.trimmed().toDouble(&isNumber);
    return isNumber && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

QString plainNumber(double number)
{
    QLocale locale;
    locale.setNumberOptions(locale.numberOptions() | QLocale::OmitGroupSeparator);
    return locale.toString(number, 'g', 10);
}

} // namespace gatehouse
