// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>

#include "server/net/addresskey.h"

namespace gatehouse {

/// Whose connects are counted together: the user of a good token at an address, so that people behind one address do
/// not use up each other's budget. Of whom no user is known, the address alone. A plain value; it may be stored, and
/// means the same to every node.
struct ClientKey
{
    AddressKey bucket;
    quint64 user = 0; ///< a digest of the user; 0: nobody is known

    [[nodiscard]] static ClientKey of(const AddressKey &bucket, const QString &user);
    [[nodiscard]] static ClientKey stranger(const AddressKey &bucket) { return { bucket, 0 }; }
    [[nodiscard]] quint64 hash(const KeyedHash &hash) const { return hash(bucket.hash(hash) ^ user, 2); }
    friend bool operator==(const ClientKey &, const ClientKey &) = default;
};

} // namespace gatehouse
