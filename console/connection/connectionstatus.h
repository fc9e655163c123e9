// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QString>

#include "shared/util/clock.h"

namespace gatehouse {

enum class ConnectionState : quint8
{
    Disconnected, ///< by wish; does not try
    Connecting,
    Live,  ///< samples arrive
    Stale, ///< connected, but no sample for more than 4 s
    WaitingToRetry,
    AuthFailed, ///< the token was refused; does not retry until connected anew
};

/// How it stands with the server, for the status bar and for greying what is old. A plain value.
struct ConnectionStatus
{
    ConnectionState state = ConnectionState::Disconnected;
    QString cause;                      ///< why it is not live, as a sentence in the user's language; empty while live
    std::optional<UtcTime> nextRetryAt; ///< only when WaitingToRetry
    friend bool operator==(const ConnectionStatus &, const ConnectionStatus &) = default;

    [[nodiscard]] bool isLive() const { return state == ConnectionState::Live; }
};

/// A short name in the user's language: "Live", "Connecting…", …
[[nodiscard]] QString connectionStateTitle(ConnectionState state);

} // namespace gatehouse
