// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/clientkey.h"

#include <algorithm>

#include <QtCore/QCryptographicHash>
#include <QtCore/QtEndian>

namespace gatehouse {

ClientKey ClientKey::of(const AddressKey &bucket, const QString &user)
{
    // Eight bytes of it are enough: nobody gains more by two users that meet than the budget of one.
    const QByteArray digest = QCryptographicHash::hash(user.toUtf8(), QCryptographicHash::Sha256);
    return { bucket, std::max<quint64>(1, qFromBigEndian<quint64>(digest.constData())) };
}

} // namespace gatehouse
