// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>

#include <QtCore/QObject>

#include "server/net/httpmessage.h"
#include "server/notify/messagebus.h"
#include "server/notify/notificationstore.h"
#include "shared/util/ulid.h"

namespace gatehouse {

/// Largest body of POST /api/notifications/.
inline constexpr qsizetype kMaxPublishBytes = 1024 * 1024;

/// POST /api/notifications/: checks, stores, then fans out; the answer comes only after what was asked for is durable.
/// Batches are all or nothing. Lives on the main thread.
class Publisher final : public QObject
{
    Q_OBJECT
public:
    /// All outlive the publisher.
    Publisher(NotificationStore &store, MessageBus &bus, const Clock &clock, QObject *parent = nullptr);

    /// Answers 202 {"ids":[…],"reached":n}; 400 for what is no JSON, 413 over kMaxPublishBytes, 422 for a bad member,
    /// 503 if it could not be stored. With a key (empty: none), a retry of the same user within 24 hours gets the same
    /// ids, reached 0 and "Idempotent-Replayed: true", and publishes nothing; with another body it gets 422.
    void publish(const QByteArray &body, const QByteArray &key, const QString &user, Responder respond);

    /// What came by another way than publish(): how many have been stored, and those that are ephemeral, which are sent
    /// now.
    void ingested(qint64 stored, std::vector<PublishRequest> ephemeral);

    /// What came by another way and is published once, however often it comes: `key` is its name, by which it is
    /// recognised as one of publish() is. No ephemeral ones. Answers when it is durable, on the main thread: whether
    /// that was now. An error is one of the store.
    void publishOnce(
        const PublishKey &key, std::vector<PublishRequest> requests, std::function<void(const Result<bool> &)> done);

    /// Notifications published so far. Any thread.
    [[nodiscard]] qint64 published() const { return m_published.load(std::memory_order_relaxed); }

private:
    struct Batch;
    void store(const std::shared_ptr<Batch> &batch, const QByteArray &body, const QByteArray &key, const QString &user);
    void storedOnce(const std::shared_ptr<Batch> &batch, const Result<KeyedOutcome> &result);
    /// A callback for the store that calls a function of this object on the main thread, if it still exists.
    template <typename T>
    [[nodiscard]] std::function<void(Result<T>)> onMain(const std::shared_ptr<Batch> &batch,
        void (Publisher::*done)(const std::shared_ptr<Batch> &, const Result<T> &));
    [[nodiscard]] QStringList idsOfEphemeral(const std::vector<PublishRequest> &requests);
    void deliverAll(const std::shared_ptr<Batch> &batch);
    void stored(const std::shared_ptr<Batch> &batch, const Result<std::vector<StoredNotification>> &result);

    NotificationStore &m_store;
    MessageBus &m_bus;
    const Clock &m_clock;
    UlidGenerator m_ids; ///< for ephemeral ones
    std::atomic<qint64> m_published{ 0 };
};

} // namespace gatehouse
