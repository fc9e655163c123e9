// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <array>

#include "shared/protocol/closecode.h"

namespace gatehouse {

/// The close codes that are counted by number: those of RFC 6455 and its registry, and the channel's own. A client may
/// send any code it likes, so the rest share one place: the number of series stays bounded.
inline constexpr std::array<quint16, 24> kCountedCloseCodes{ 1000, 1001, 1002, 1003, 1005, 1006, 1007, 1008, 1009, 1010,
    1011, 1012, 1013, 1014, quint16(CloseCode::TokenExpired), quint16(CloseCode::TooManyConnections),
    quint16(CloseCode::TooManyReconnects), quint16(CloseCode::RateLimited), quint16(CloseCode::SlowConsumer),
    quint16(CloseCode::KickedByAdmin), quint16(CloseCode::TokenInvalid), quint16(CloseCode::OriginNotAllowed),
    quint16(CloseCode::Banned), 0 };
inline constexpr size_t kOtherCloseCode = kCountedCloseCodes.size() - 1; ///< the place of every code not named

/// The place in which a close code is counted.
[[nodiscard]] constexpr size_t closeCodeIndex(CloseCode code)
{
    const auto found = std::find(kCountedCloseCodes.begin(), kCountedCloseCodes.end() - 1, quint16(code));
    return size_t(found - kCountedCloseCodes.begin());
}

} // namespace gatehouse
