// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/redisrights.h"

#include "server/cluster/scripts/scripts.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

std::vector<QByteArrayList> redisRightsProbes()
{
    return {
        { "EVAL", scripts::tryRights().source(), "1", "gatehouse:check" },
        { "PUBLISH", "gatehouse:check", "" },
        { "XREAD", "COUNT", "1", "STREAMS", "gatehouse:check", "$" },
        { "TIME" },
    };
}

std::optional<QString> missingRight(const QString &refusal)
{
    // Before Redis 7 what a script was refused with stands within the text.
    if (!refusal.contains("NOPERM"_L1) && !refusal.contains("can't run this command"_L1)
        && !refusal.contains("can't access"_L1))
        return std::nullopt;
    return u"the user in REDIS_URL may not do what a node does (it needs ~gatehouse:* &gatehouse:* +@all): %1"_s.arg(
        refusal.left(200));
}

} // namespace gatehouse
