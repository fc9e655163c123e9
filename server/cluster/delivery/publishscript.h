// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/cluster/delivery/redishistory.h"
#include "server/notify/notificationstore.h"
#include "shared/util/ulid.h"

namespace gatehouse {

/// What one run of the publish script is asked to do.
struct RedisPublish
{
    std::vector<PublishRequest> requests; ///< to be stored: no ephemeral ones; may be none
    std::optional<PublishKey> key{};
    /// With a key: those of the whole request in its order, empty where one of `requests` is to be.
    QStringList ids{};
    /// The entry of `gatehouse:publish` that this publishes, and the consumer group that it was given to: it is
    /// acknowledged and deleted in the same moment, so that it is published once, however many nodes try.
    QByteArray entry{};
    QByteArray group{};
};

/// What has become of it.
struct RedisPublished
{
    enum class Kind
    {
        Stored,
        Replayed, ///< the key was used for the same: nothing was published; the entry, if any, is done with
        Refused,  ///< the key was used for something else: nothing was done, the entry is where it was
        Taken     ///< the entry is gone, as another node has published it: nothing was done
    };
    Kind kind = Kind::Stored;
    std::vector<StoredNotification> notifications{}; ///< if stored, in order
    QStringList ids{};                               ///< if stored or replayed, with a key: of the whole request
    quint32 run = 0;                                 ///< if stored: of the cursors
};

/// The one script that publishes: sequences, contents, inboxes, streams and the key, all or nothing. Ids and times are
/// this node's, and one generator makes them all: the store and the ingest of `gatehouse:publish` share one object. On
/// the thread of the history's calls.
class PublishScript final
{
public:
    /// Longer than a call's: a request may name a quarter of a million inboxes.
    static constexpr std::chrono::milliseconds kDeadline{ 4000 };
    using Done = std::function<void(Result<RedisPublished>)>;

    /// Both outlive it.
    PublishScript(RedisHistory &history, const Clock &clock);
    Q_DISABLE_COPY_MOVE(PublishScript)

    /// The error's field is one of rediserrors.
    void publish(const RedisPublish &publish, Done done);

private:
    RedisHistory &m_history;
    const Clock &m_clock;
    UlidGenerator m_ids;
};

} // namespace gatehouse
