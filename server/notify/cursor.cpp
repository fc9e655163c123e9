// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/notify/cursor.h"

#include <QtCore/QByteArray>
#include <QtCore/QList>

namespace gatehouse {

namespace {

constexpr qsizetype kMaxCursorChars = 64;
constexpr auto kEncoding = QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals;

} // namespace

QString encodeCursor(Cursor cursor)
{
    const QByteArray plain = "2:" + QByteArray::number(cursor.run, 16) + ':' + QByteArray::number(cursor.sequence);
    return QString::fromLatin1(plain.toBase64(kEncoding));
}

std::optional<Cursor> decodeCursor(QStringView text)
{
    if (text.size() > kMaxCursorChars)
        return std::nullopt;
    const auto decoded
        = QByteArray::fromBase64Encoding(text.toLatin1(), kEncoding | QByteArray::AbortOnBase64DecodingErrors);
    const QList<QByteArray> parts = decoded ? decoded.decoded.split(':') : QList<QByteArray>();
    if (parts.size() != 3 || parts[0] != "2")
        return std::nullopt;
    bool isRun = false;
    bool isSequence = false;
    const Cursor cursor{ parts[1].toUInt(&isRun, 16), parts[2].toLongLong(&isSequence) };
    // Only the one text that encodeCursor() makes: no signs, spaces or leading zeros.
    const bool isOurs = isRun && isSequence && cursor.sequence >= 0 && encodeCursor(cursor) == text;
    return isOurs ? std::optional(cursor) : std::nullopt;
}

} // namespace gatehouse
