// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>

#include <QtCore/QTimer>

#include "server/admin/peernodes.h"
#include "server/cluster/delivery/clusterpubsub.h"

namespace gatehouse {

/// Asks other nodes what only they know, such as their connections, by signals: "ask"
/// {"id","method","path","query":[[name,value],…],"user","role","address"} to one node, and "answer" {"id","status"}
/// with "body":{…} or "text" and its "content_type" from it. What answers is nodeanswers::listen(). Lives on the main
/// thread.
class NodeRequests final : public QObject, public PeerNodes
{
    Q_OBJECT
public:
    static constexpr std::chrono::milliseconds kPatience{ 2000 }; ///< until a node counts as not answering
    static constexpr std::chrono::milliseconds kLookEvery{ 100 };
    static constexpr size_t kMostWaiting = 1000; ///< questions; one more is not asked

    /// Both outlive it.
    NodeRequests(ClusterPubSub &pubSub, const Clock &clock, QObject *parent = nullptr);

    void ask(const NodeInfo &node, const PeerRequest &request, Done done) override;
    /// Gives up those who have not answered in time. Called by a timer while somebody waits.
    void checkDeadlines();

private:
    struct Waiting
    {
        QString run; ///< who alone may answer
        MonoTime deadline;
        Done done;
    };
    void answered(const QJsonObject &signal);

    ClusterPubSub &m_pubSub;
    const Clock &m_clock;
    std::map<qint64, Waiting> m_waiting; ///< by id, so that the oldest is first
    qint64 m_nextId = 1;
    QTimer m_timer;
};

/// The other side: answers what other nodes ask of this one. On the main thread.
namespace nodeanswers {

/// Answers a request; its responder may be called on any thread.
using Answer = std::function<void(const PeerRequest &, const Responder &)>;

/// From now on questions are answered by `answer`; without it those who ask give up. `pubSub` outlives what waits for
/// an answer.
void listen(ClusterPubSub &pubSub, Answer answer);

} // namespace nodeanswers

} // namespace gatehouse
