// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QStringView>

namespace gatehouse {

/// Writes one flat JSON object as text, member by member, where a QJsonObject would cost more than the rest of the
/// work: answers that a flood asks for by the ten thousand. Keys are ours and need no escapes; values are escaped as
/// RFC 8259 section 7 demands. Pure.
class JsonText final
{
public:
    JsonText() { m_text.reserve(256); }

    JsonText &add(QByteArrayView key, QStringView value);
    JsonText &add(QByteArrayView key, qint64 value);
    /// A value that is JSON text already.
    JsonText &addRaw(QByteArrayView key, QByteArrayView json);
    /// The object; the writer is of no use afterwards.
    [[nodiscard]] QByteArray take();

private:
    void addKey(QByteArrayView key);
    QByteArray m_text{ "{" };
};

} // namespace gatehouse
