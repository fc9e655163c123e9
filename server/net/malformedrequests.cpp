// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/malformedrequests.h"

#include "server/net/httphead.h"

namespace gatehouse {

MalformedKind malformedKind(const Problem &problem, QByteArrayView firstBytes)
{
    switch (problem.status) {
    case 408:
        return MalformedKind::Timeout;
    case 413:
    case 501:
        return MalformedKind::Body;
    case 417:
        return MalformedKind::Expectation;
    case 431:
        return MalformedKind::HeadSize;
    case 505:
        return MalformedKind::Version;
    default:
        break;
    }
    switch (foreignProtocol(firstBytes)) {
    case ForeignProtocol::Tls:
        return MalformedKind::Tls;
    case ForeignProtocol::Proxy:
        return MalformedKind::Proxy;
    case ForeignProtocol::None:
        break;
    }
    return MalformedKind::Syntax;
}

std::optional<qint64> MalformedRequests::count(MalformedKind kind, MonoTime now)
{
    const std::lock_guard lock(m_mutex);
    const qint64 count = ++m_counts[size_t(kind)];
    Told &told = m_told[size_t(kind)];
    if (told.at && now - *told.at < kPause)
        return std::nullopt;
    told.at = now;
    return count - std::exchange(told.count, count);
}

MalformedRequests::Counts MalformedRequests::counts() const
{
    const std::lock_guard lock(m_mutex);
    return m_counts;
}

} // namespace gatehouse
