// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/clientkey.h"

#include <algorithm>

#include <QtCore/QtEndian>

#include "server/base/digest.h"

namespace gatehouse {

ClientKey ClientKey::of(const AddressKey &bucket, const QString &user)
{
    // Eight bytes of it are enough: nobody gains more by two users that meet than the budget of one.
    const QByteArray digest = sha256(user.toUtf8());
    return { bucket, std::max<quint64>(1, qFromBigEndian<quint64>(digest.constData())) };
}

} // namespace gatehouse
