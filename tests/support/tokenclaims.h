// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/auth/tokenverifier.h"

namespace gatehouse {

inline constexpr qint64 kTokenNow = 1'762'776'000; ///< where FakeClock starts

/// A payload with a valid exp and user, and more.
inline QByteArray withClaims(const QByteArray &more)
{
    return R"({"exp":)" + QByteArray::number(kTokenNow + 3600) + R"(,"user_id":42)" + (more.isEmpty() ? "" : ",") + more
        + '}';
}

inline QString reasonOf(const TokenVerdict &verdict)
{
    if (std::holds_alternative<Identity>(verdict))
        return QStringLiteral("accepted");
    return reasonDescriptor(std::get<TokenRefusal>(verdict).reason).code;
}

inline QString detailOf(const TokenVerdict &verdict)
{
    return std::holds_alternative<Identity>(verdict) ? QString() : std::get<TokenRefusal>(verdict).detail;
}

} // namespace gatehouse
