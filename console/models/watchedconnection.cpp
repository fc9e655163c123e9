// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/watchedconnection.h"

namespace gatehouse {

WatchedConnection::WatchedConnection(AdminClient &client, const Clock &clock, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_clock(clock)
{
}

void WatchedConnection::show(const ConnectionInfo &info)
{
    m_info = info;
    m_isListed = true;
    m_leftAt.reset();
    Q_EMIT changed();
}

void WatchedConnection::look()
{
    if (!m_info || m_leftAt)
        return;
    if (std::exchange(m_isListed, false))
        Q_EMIT changed();
    if (m_asked == m_info->id)
        return;
    m_asked = m_info->id;
    m_client.fetchConnection(m_info->id, this, [this, id = m_info->id](const ApiResult<ConnectionInfo> &result) {
        constexpr int kNotFound = 404;
        if (m_asked == id)
            m_asked.clear();
        if (!m_info || m_info->id != id || m_isListed)
            return; // another is watched by now, or it is in the list again
        if (result)
            m_info = *result;
        else if (result.problem().status == kNotFound)
            m_leftAt = m_clock.utc();
        Q_EMIT changed();
    });
}

void WatchedConnection::forget()
{
    m_info.reset();
    m_leftAt.reset();
    m_isListed = false;
    Q_EMIT changed();
}

} // namespace gatehouse
