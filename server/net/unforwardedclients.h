// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>

#include "server/net/forwardedfor.h"

namespace gatehouse {

/// Counts the pages that came through a trusted proxy which did not say whose they are: all of them share the proxy's
/// address, and its limits. One for the process; thread-safe.
class UnforwardedClients final
{
public:
    /// A plain value.
    struct Seen
    {
        qint64 count = 0;  ///< since the start
        IpAddress proxy{}; ///< of the last one
        Forwarded forwarded = Forwarded::NotAsked;
    };

    UnforwardedClients() = default;
    Q_DISABLE_COPY_MOVE(UnforwardedClients)

    void count(const IpAddress &proxy, Forwarded forwarded)
    {
        const std::lock_guard lock(m_mutex);
        m_seen = { m_seen.count + 1, proxy, forwarded };
    }
    [[nodiscard]] Seen seen() const
    {
        const std::lock_guard lock(m_mutex);
        return m_seen;
    }

private:
    mutable std::mutex m_mutex; ///< guards what follows
    Seen m_seen;
};

} // namespace gatehouse
