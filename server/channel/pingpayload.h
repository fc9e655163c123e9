// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QtEndian>

#include "server/base/keyedhash.h"

namespace gatehouse {

/// What a ping says: nobody can tell it who has not read that ping. It is made of the connection and the moment by
/// which its pong must have come, which is another one for each ping. So nothing needs to be kept of it, for thousands
/// who only listen.
[[nodiscard]] inline QByteArray pingPayload(const KeyedHash &key, const void *connection, quint32 due)
{
    const quint64 word = quint64(due) << 32 | quint32(reinterpret_cast<quintptr>(connection) >> 4);
    QByteArray payload(sizeof(quint64), Qt::Uninitialized);
    qToBigEndian(key(word, 9), payload.data());
    return payload;
}

} // namespace gatehouse
