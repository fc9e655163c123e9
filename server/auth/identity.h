// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QString>
#include <QtCore/QStringList>

#include "shared/protocol/role.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// Who a verified token says someone is. A plain value.
struct Identity
{
    QString user{}; ///< never empty
    Role role = Role::None;
    Role ownRole = Role::None; ///< what the token alone says, whatever ADMIN_USERS does
    QStringList groups{};
    std::optional<UtcTime> expiresAt{};
    QString tokenId{};                 ///< jti; may be empty
    std::optional<UtcTime> issuedAt{}; ///< iat; nullopt if the token has none
    bool isTest = false;               ///< it is the server's own connection test, which uses no reconnect budget
};

} // namespace gatehouse
