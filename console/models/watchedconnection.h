// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/connection/adminclient.h"

namespace gatehouse {

/// The connection whose details are shown: as the list has it, and as the server says once the list has it no more. A
/// filter may hide it, or it has ended: only the server knows which. Its last state stays. GUI thread.
class WatchedConnection final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(WatchedConnection)

public:
    /// Neither is owned; both must outlive it.
    WatchedConnection(AdminClient &client, const Clock &clock, QObject *parent = nullptr);

    /// The list has it, and says this.
    void show(const ConnectionInfo &info);
    /// The list has it no more: asks the server, unless it is known to have ended. To be called again, now and then.
    void look();
    void forget();

    /// nullopt: none is watched.
    [[nodiscard]] const std::optional<ConnectionInfo> &info() const { return m_info; }
    [[nodiscard]] bool isListed() const { return m_isListed; }
    /// Since when it is known to have ended.
    [[nodiscard]] const std::optional<UtcTime> &leftAt() const { return m_leftAt; }

Q_SIGNALS:
    void changed();

private:
    AdminClient &m_client;
    const Clock &m_clock;
    std::optional<ConnectionInfo> m_info;
    std::optional<UtcTime> m_leftAt;
    bool m_isListed = false;
    QString m_asked; ///< the id of which an answer is awaited
};

} // namespace gatehouse
