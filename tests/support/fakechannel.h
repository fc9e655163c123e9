// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <vector>

#include <QtCore/QJsonDocument>

#include "server/channel/channelcontrol.h"

namespace gatehouse {

/// Stands in for the workers: remembers what it was asked to do and answers at once, or when the test says so.
class FakeChannel final : public ChannelControl
{
public:
    struct ConsoleMessage
    {
        ConsoleTopic topic;
        QJsonObject json;
    };

    void deliver(std::vector<Delivery> delivered, std::function<void(const std::vector<qint64> &)> done) override
    {
        const std::vector<qint64> reached(delivered.size(), reachedEach);
        batches.push_back(delivered.size());
        std::move(delivered.begin(), delivered.end(), std::back_inserter(deliveries));
        if (isHolding)
            held.push_back(std::move(done));
        else if (done)
            done(reached);
    }
    void catchUp(Cursor after, std::chrono::milliseconds) override
    {
        catchUps.push_back(after);
        deliveriesBeforeCatchUp = deliveries.size();
    }
    void announceRead(const QString &user, const QByteArray &message, const QString &except) override
    {
        reads.append(user + u' ' + QString::fromUtf8(message) + u' ' + except);
    }
    void applyLimits(LimitSnapshotPtr, std::function<void()> done) override { done(); }
    void applyAccess(AccessRulesPtr rules, AccessRulesPtr added, std::function<void()> done) override
    {
        access = std::move(rules);
        addedAccess = std::move(added);
        done();
    }
    void listConnections(std::function<void(std::vector<ConnectionInfo>)> done) override { done(connections); }
    void kick(const QString &connectionId, std::function<void(bool)> done) override
    {
        done(std::erase_if(connections, [&](const ConnectionInfo &info) { return info.id == connectionId; }) > 0);
    }
    [[nodiscard]] bool isWatched(ConsoleTopic) const override { return true; }
    void sendToConsoles(ConsoleTopic topic, const QByteArray &message) override
    {
        consoleMessages.push_back({ topic, QJsonDocument::fromJson(message).object() });
    }

    std::vector<Delivery> deliveries;
    std::vector<size_t> batches;                                        ///< how many deliveries came with each call
    std::vector<std::function<void(const std::vector<qint64> &)>> held; ///< who waits for an answer, if isHolding
    std::vector<Cursor> catchUps;
    size_t deliveriesBeforeCatchUp = 0;      ///< the last one
    QStringList reads;                       ///< "user message exceptConnection"
    std::vector<ConnectionInfo> connections; ///< kick() removes
    std::vector<ConsoleMessage> consoleMessages;
    AccessRulesPtr access; ///< what was applied last, and what of it was new
    AccessRulesPtr addedAccess;
    qint64 reachedEach = 2;
    bool isHolding = false;
};

} // namespace gatehouse
