// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/channelcontrol.h"

#include <array>
#include <numeric>

namespace gatehouse {

using namespace Qt::StringLiterals;

QLatin1StringView consoleTopicName(ConsoleTopic topic)
{
    switch (topic) {
    case ConsoleTopic::Metrics:
        return "metrics"_L1;
    case ConsoleTopic::Decisions:
        return "decisions"_L1;
    case ConsoleTopic::Connections:
        return "connections"_L1;
    case ConsoleTopic::Alerts:
        return "alerts"_L1;
    case ConsoleTopic::Limits:
        break;
    }
    return "limits"_L1;
}

void ChannelControl::fanOut(std::vector<Delivery> deliveries, std::function<void(qint64 reached)> done)
{
    deliver(std::move(deliveries), [done = std::move(done)](const std::vector<qint64> &reached) {
        done(std::accumulate(reached.begin(), reached.end(), qint64(0)));
    });
}

} // namespace gatehouse
