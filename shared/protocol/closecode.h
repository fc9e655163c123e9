// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

namespace gatehouse {

/// WebSocket close codes in use: RFC 6455 section 7.4.1, and the channel's own. 4001–4499 invite a retry, 4500–4999 are
/// final.
enum class CloseCode : quint16
{
    Normal = 1000,
    GoingAway = 1001,
    ProtocolError = 1002,
    UnsupportedData = 1003,
    NoStatus = 1005, ///< never sent: the peer's close frame had no code
    Abnormal = 1006, ///< never sent: the connection was lost without a close frame
    InvalidPayload = 1007,
    PolicyViolation = 1008,
    MessageTooBig = 1009,
    InternalError = 1011,
    ServiceRestart = 1012,
    TryAgainLater = 1013,
    TokenExpired = 4001,
    TooManyConnections = 4129,
    TooManyReconnects = 4130,
    RateLimited = 4131,
    SlowConsumer = 4132,
    KickedByAdmin = 4133,
    TokenInvalid = 4501,
    OriginNotAllowed = 4503,
    Banned = 4504,
};

} // namespace gatehouse
