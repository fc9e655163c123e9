// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>

#include "server/net/forwardedfor.h"
#include "shared/util/clock.h"

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
        IpAddress proxy{}; ///< of the last one, as what follows
        Forwarded forwarded = Forwarded::NotAsked;
        UtcTime at{};

        /// As the log and the API name them.
        [[nodiscard]] QString proxyName() const
        {
            return proxy.isUnspecified() ? QStringLiteral("unix") : proxy.toString();
        }
        [[nodiscard]] QString header() const
        {
            return forwarded == Forwarded::Missing ? QStringLiteral("missing") : QStringLiteral("unusable");
        }
    };

    UnforwardedClients() = default;
    Q_DISABLE_COPY_MOVE(UnforwardedClients)

    void count(const IpAddress &proxy, Forwarded forwarded, UtcTime now)
    {
        const std::lock_guard lock(m_mutex);
        m_seen = { m_seen.count + 1, proxy, forwarded, now };
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
