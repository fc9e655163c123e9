// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "server/channel/channelcontrol.h"

namespace gatehouse {

/// Stands in for the workers: remembers what it was asked to do and answers at once, or when the test says so.
class FakeChannel final : public ChannelControl
{
public:
    void deliver(std::shared_ptr<const Delivery> delivery, std::function<void(qint64)> done) override
    {
        deliveries.push_back(std::move(delivery));
        if (isHolding)
            held.push_back(std::move(done));
        else
            done(reachedEach);
    }
    void announceRead(const QString &, const QByteArray &, const QString &) override { }
    void applyLimits(LimitSnapshotPtr, std::function<void()> done) override { done(); }
    void listConnections(std::function<void(std::vector<ConnectionInfo>)> done) override { done({}); }
    void kick(const QString &, std::function<void(bool)> done) override { done(false); }
    void sendToConsoles(ConsoleTopic, const QByteArray &) override { }

    std::vector<std::shared_ptr<const Delivery>> deliveries;
    std::vector<std::function<void(qint64)>> held;
    qint64 reachedEach = 2;
    bool isHolding = false;
};

} // namespace gatehouse
