// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QHashFunctions>
#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "server/cluster/admission/admissionscripts.h"
#include "server/cluster/admission/opencounts.h"
#include "server/redis/rediscalls.h"

namespace gatehouse {

/// What this node counts for the other nodes, and that Redis holds the same. Redis is told at once what ended; with
/// every heartbeat it is told the absolute numbers of what has changed since the last one, so that nothing that was
/// lost or came late leaves a number wrong for longer; and whenever the link has come up, everything. In portions, so
/// that nobody waits long for Redis behind it. Lives on the thread of its calls.
class NodeCounts final : public QObject
{
    Q_OBJECT
public:
    static constexpr std::chrono::seconds kHeartbeat{ 5 };
    static constexpr qsizetype kRowsPerCall = 500;

    /// `calls` outlives it.
    NodeCounts(NodeIdentity node, RedisCalls &calls, QObject *parent = nullptr);
    Q_DISABLE_COPY_MOVE(NodeCounts)

    void linkUp();
    void linkDown();
    /// Whether Redis holds what this node counts.
    [[nodiscard]] bool hasJoined() const { return m_hasJoined; }
    /// Whether what ends is told at once, or with the next heartbeat only because Redis is slow.
    void setPrompt(bool isPrompt) { m_isPrompt = isPrompt; }

    void asked(const PeerAttempt &attempt);
    /// Redis has answered, or never will. `isAdmitted`: it counts the connection, and so does this node from now on.
    void answered(const PeerAttempt &attempt, bool isAdmitted);
    void enter(const std::optional<AddressKey> &bucket, const QString &user);
    void leave(const AddressKey &bucket);
    void leave(const QString &user);
    /// A connection that Redis has been told of in another way has ended.
    void forget(const PeerAttempt &attempt);
    /// What Redis holds of the attempt is uncertain.
    void doubt(const PeerAttempt &attempt);
    /// Tells what has ended; to be called before the next question, and when there is no more.
    void flush();
    /// Tells what has changed until now, in absolute numbers; `done` comes when Redis has it, or has failed.
    void tellNews(std::function<void()> done);
    /// The same in a moment, together with what changes until then.
    void tellSoon();
    /// A heartbeat that is not part of the rhythm, to see whether Redis answers; `done` comes with the answer.
    void probe(RedisCalls::Done done);
    /// Takes this node and all it counts out of Redis; no heartbeat comes after that.
    void resign(std::function<void()> done);
    /// The heartbeat, which comes by itself while the link is up.
    void beat();

    [[nodiscard]] size_t addresses() const { return m_addresses.size(); }
    [[nodiscard]] size_t users() const { return m_users.size(); }

Q_SIGNALS:
    /// Redis holds everything. Comes after each linkUp(), and when this node had been taken for dead.
    void joined();
    void heartbeatAnswered(const gatehouse::admissionscripts::HeartbeatAnswer &answer);
    void failed(const QString &reason);

private:
    struct BucketHash
    {
        KeyedHash hash;
        size_t operator()(const AddressKey &key) const { return size_t(key.hash(hash)); }
    };
    struct UserHash
    {
        size_t operator()(const QString &user) const { return qHash(user, QHashSeed::globalSeed()); }
    };
    /// Everything, on its way to Redis.
    struct Telling
    {
        admissionscripts::CountRows buckets;
        admissionscripts::CountRows users;
    };

    void run(const RedisScript &script, const admissionscripts::Call &call, RedisCalls::Done done);
    void heartbeatReceived(const Result<RedisReply> &reply);
    void tellRound(std::function<void()> done);
    void tellEverything();
    void tellPortion();
    void adopt();

    NodeIdentity m_node;
    admissionscripts::CountKeys m_keys;
    RedisCalls &m_calls;
    OpenCounts<AddressKey, BucketHash> m_addresses;
    OpenCounts<QString, UserHash> m_users;
    QByteArrayList m_endedBuckets;
    QByteArrayList m_endedUsers;
    Telling m_telling;
    QTimer m_heartbeat;
    QTimer m_soon;
    bool m_isUp = false;
    bool m_hasJoined = false;
    bool m_isPrompt = false;
    bool m_isBeating = false; ///< a heartbeat, or what follows from it, has not been answered
};

} // namespace gatehouse
