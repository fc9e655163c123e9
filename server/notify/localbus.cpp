// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/notify/localbus.h"

#include <numeric>

namespace gatehouse {

LocalBus::LocalBus(ChannelControl &channel)
    : m_channel(channel)
{
}

void LocalBus::fanOut(std::vector<Delivery> deliveries, std::function<void(qint64 reached)> done)
{
    m_channel.deliver(std::move(deliveries), [done = std::move(done)](const std::vector<qint64> &reached) {
        done(std::accumulate(reached.begin(), reached.end(), qint64(0)));
    });
}

} // namespace gatehouse
