// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QByteArray>

#include "shared/protocol/notification.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// A notification on its way to open connections. A plain value.
struct Delivery
{
    Audience to;
    QByteArray message;                 ///< the complete `notification` JSON text
    qint64 sequence = 0;                ///< place in the store's order; 0 for an ephemeral one
    bool isDroppable = false;           ///< ephemeral: may be skipped for a slow consumer
    std::optional<UtcTime> expiresAt{}; ///< not sent from then on
};

} // namespace gatehouse
