// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/tokenexpiry.h"

#include <cmath>

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr double kLastSecond = 253'402'300'799; ///< of the year 9999

} // namespace

std::optional<UtcTime> expiryOf(QStringView token)
{
    const QList<QStringView> parts = token.split(u'.');
    if (parts.size() != 3)
        return std::nullopt;
    const auto payload = QByteArray::fromBase64Encoding(
        parts[1].toLatin1(), QByteArray::Base64UrlEncoding | QByteArray::AbortOnBase64DecodingErrors);
    const QJsonValue expires = QJsonDocument::fromJson(payload.decoded).object().value("exp"_L1);
    const double seconds = expires.toDouble(-1);
    if (!expires.isDouble() || seconds < 0 || seconds > kLastSecond)
        return std::nullopt;
    return UtcTime(std::chrono::seconds(qint64(std::floor(seconds))));
}

} // namespace gatehouse
