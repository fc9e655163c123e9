// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QString>

#include "shared/util/clock.h"

namespace gatehouse {

/// One notification of an inbox, without its content.
struct InboxEntry
{
    qint64 sequence = 0;
    QString id;
    UtcTime until{}; ///< when it expires or is too old
    bool isRead = false;

    friend bool operator==(const InboxEntry &a, const InboxEntry &b) { return a.sequence == b.sequence; }
    friend bool operator<(const InboxEntry &a, const InboxEntry &b) { return a.sequence < b.sequence; }
};

} // namespace gatehouse
