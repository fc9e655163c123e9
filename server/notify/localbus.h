// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/notify/messagebus.h"

namespace gatehouse {

/// The bus of a server that is alone: what was published goes to its own connections. Main thread.
class LocalBus final : public MessageBus
{
public:
    /// `channel` outlives the bus.
    explicit LocalBus(ChannelControl &channel);

    void fanOut(std::vector<Delivery> deliveries, std::function<void(qint64 reached)> done) override;

private:
    ChannelControl &m_channel;
};

} // namespace gatehouse
