// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QJsonObject>

#include "shared/protocol/accessrule.h"
#include "shared/util/result.h"

namespace gatehouse {

/// What the body of POST bans or POST exemptions says.
struct AccessRequest
{
    AccessRule rule;           ///< with canonical value; without id and creation
    bool isForced = false;     ///< also if it bans who asks for it
    std::vector<Error> errors; ///< one for each bad member; then the rest is of no use
};

/// Reads {"kind", "value", "issued_before", "reason", "note", "expires_at" or "expires_in", "force", "limit"}. Members
/// that nobody knows are errors: a ban whose expiry is misspelt would hold for ever. Pure.
[[nodiscard]] AccessRequest parseAccessRequest(AccessList list, const QJsonObject &body, UtcTime now);

} // namespace gatehouse
