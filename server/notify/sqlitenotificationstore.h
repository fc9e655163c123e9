// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/notify/historyruns.h"
#include "server/notify/inboxhandover.h"
#include "server/notify/notificationstore.h"
#include "server/notify/quietinboxes.h"
#include "server/notify/retentionqueries.h"
#include "server/store/storethread.h"
#include "shared/util/ulid.h"

namespace gatehouse {

/// The embedded NotificationStore. A notification is stored once, whomever it is for; who has read it is a mark per
/// user. A user gets those to groups and to all that were created after the server first saw the user. What is written
/// is written on the store thread; lists are read on the reader threads, in portions and fairly over users, one after
/// the other for each user. Callbacks come on either.
class SqliteNotificationStore final : public NotificationStore
{
public:
    /// `store` and `clock` outlive this object, and the store thread ends before it is destroyed.
    SqliteNotificationStore(StoreThread &store, const Clock &clock);

    /// The tables, for StoreThread::start().
    [[nodiscard]] static Status createTables(Database &database);
    /// Puts right what is left when rows of these tables are missing.
    [[nodiscard]] static Status afterLoss(Database &database);

    void append(std::vector<PublishRequest> requests,
        std::function<void(Result<std::vector<StoredNotification>>)> done) override;
    void appendOnce(PublishKey key, QStringList ids, std::vector<PublishRequest> requests,
        std::function<void(Result<KeyedOutcome>)> done) override;
    void loadInbox(const InboxQuery &query, std::function<void(Result<Inbox>)> answer) override;
    [[nodiscard]] std::optional<Inbox> knownInbox(const InboxQuery &query) const override;
    [[nodiscard]] quint32 run() const override { return m_runs.mark(); }
    void markRead(const QString &user, const QStringList &groups, const QStringList &ids,
        std::function<void(Result<std::pair<QStringList, qint64>>)> done) override;
    void markAllRead(const QString &user, const QStringList &groups,
        std::function<void(Result<std::pair<QStringList, qint64>>)> done) override;

    /// Where notifications are that were elsewhere, and what was new of them.
    struct TakenIn
    {
        std::vector<qint64> sequences; ///< of each, in order
        qint64 before = 0;             ///< the last sequence before
        qint64 count = 0;              ///< that were new
    };
    /// Takes in what another history has, each notification once, by its id; with its readers. Nobody is told.
    void takeIn(std::vector<HeldNotification> held, std::function<void(Result<TakenIn>)> done);
    /// Who is known there, since which sequence here.
    void makeKnown(std::vector<std::pair<qint64, QString>> users, std::function<void(Status)> done);

    /// Deletes what is expired, older than kInboxRetention, or beyond the bound of an inbox, and old keys, in portions
    /// between which others get their turn. To be called now and then (hourly), from any thread.
    void purge();

private:
    using MarkDone = std::function<void(Result<std::pair<QStringList, qint64>>)>;
    [[nodiscard]] Result<std::vector<StoredNotification>> store(
        Database &database, const std::vector<PublishRequest> &requests);
    [[nodiscard]] Result<KeyedOutcome> storeOnce(
        Database &database, const PublishKey &key, QStringList ids, const std::vector<PublishRequest> &requests);
    using Requests = std::shared_ptr<const std::vector<PublishRequest>>;
    /// Queues the work, and calls `done` with its value once that is durable.
    template <typename T>
    void appendBy(
        const Requests &requests, std::function<Result<T>(Database &)> work, std::function<void(Result<T>)> done);
    struct Listing;
    [[nodiscard]] StoreThread::Turn list(Database &database, const std::shared_ptr<Listing> &listing);
    void makeKnown(const std::shared_ptr<Listing> &listing);
    void remember(const InboxQuery &query, std::optional<qint64> after, const Inbox &inbox);
    void trim(const retentionqueries::Target &previous);
    void mark(const QString &user, const QStringList &groups, std::optional<QStringList> ids, MarkDone answer);
    struct Marking;
    [[nodiscard]] StoreThread::Turn mark(Database &database, const std::shared_ptr<Marking> &marking);
    void writeMarks(const std::shared_ptr<Marking> &marking);

    StoreThread &m_store;
    const Clock &m_clock;
    HistoryRuns m_runs;
    QuietInboxes m_quietInboxes;
    UlidGenerator m_ids; ///< used on the store thread only
};

} // namespace gatehouse
