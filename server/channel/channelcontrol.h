// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "server/access/accessrules.h"
#include "server/limits/limitsnapshot.h"
#include "server/notify/cursor.h"
#include "server/notify/messagebus.h"
#include "shared/protocol/adminmessages.h"

namespace gatehouse {

/// Topics of the live admin stream. The enumerators are bit positions.
enum class ConsoleTopic : quint8
{
    Metrics,
    Decisions,
    Connections,
    Alerts,
    Limits
};
inline constexpr size_t kConsoleTopicCount = 5;
[[nodiscard]] QLatin1StringView consoleTopicName(ConsoleTopic topic);

/// What the rest of the server may ask of the open connections on all workers. Callable from the main thread; callbacks
/// run on the main thread, once every worker has answered.
class ChannelControl : public MessageBus
{
public:
    /// The connections of this process are the whole bus of a server that is alone.
    void fanOut(std::vector<Delivery> deliveries, std::function<void(qint64 reached)> done) final;
    /// Sends each to everyone it is for, in order; `done` gets the number of connections that each has reached.
    virtual void deliver(std::vector<Delivery> deliveries, std::function<void(const std::vector<qint64> &reached)> done)
        = 0;
    /// Not all that was published after `after` is going to be delivered: every connection that is open gets it from
    /// its inbox, as further lists that begin evenly over the window. What is delivered from now on comes after them.
    /// The cursor of no history: its owners start anew.
    virtual void catchUp(Cursor after, std::chrono::milliseconds window) = 0;
    /// Tells a user's connections, but for one (its id, may be empty), what was read.
    virtual void announceRead(const QString &user, const QByteArray &message, const QString &exceptConnection) = 0;
    /// Makes a snapshot the one that every later decision is made by.
    virtual void applyLimits(LimitSnapshotPtr snapshot, std::function<void()> done) = 0;
    /// Makes bans and exemptions those that every later decision is made by; what `added` bans (null: nothing) is
    /// closed with 4504.
    virtual void applyAccess(AccessRulesPtr rules, AccessRulesPtr added, std::function<void()> done) = 0;
    virtual void listConnections(std::function<void(std::vector<ConnectionInfo>)> done) = 0;
    /// Closes a connection with 4133; `done` gets whether it was there.
    virtual void kick(const QString &connectionId, std::function<void(bool)> done) = 0;
    /// Whether any console has subscribed to the topic: what nobody watches need not be encoded.
    [[nodiscard]] virtual bool isWatched(ConsoleTopic topic) const = 0;
    /// Sends a JSON text to every console that subscribed to the topic.
    virtual void sendToConsoles(ConsoleTopic topic, const QByteArray &message) = 0;
};

} // namespace gatehouse
