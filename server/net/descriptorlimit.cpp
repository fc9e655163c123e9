// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/descriptorlimit.h"

#include <limits>

#include <sys/resource.h>

namespace gatehouse {

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
