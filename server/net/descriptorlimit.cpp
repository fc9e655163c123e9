// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/descriptorlimit.h"

#include <limits>

#include <sys/resource.h>

using namespace Qt::StringLiterals;

namespace gatehouse {

std::optional<QString> fewDescriptors(qint64 descriptors, qint64 maxConnections)
{
    constexpr qint64 kOwnDescriptors = 64;
    if (descriptors - kOwnDescriptors >= maxConnections)
        return std::nullopt;
    return u"whoever comes when all are used is closed at once: raise ulimit -n, or lower MAX_CONNECTIONS"_s;
}

qint64 raiseDescriptorLimit()
{
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur == RLIM_INFINITY ? std::numeric_limits<qint64>::max() : qint64(limit.rlim_cur);
}

} // namespace gatehouse
