// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/notify/sqlitenotificationstore.h"

#include <algorithm>

#include "server/base/answeronce.h"
#include "server/notify/inboxmarking.h"
#include "server/notify/inboxreading.h"
#include "server/notify/publishkeys.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qint64 kPurgePortion = 100; // deleting large ones takes its time, and publishes wait for it

const std::vector<StoredNotification> &storedBy(const std::vector<StoredNotification> &outcome)
{
    return outcome;
}

const std::vector<StoredNotification> &storedBy(const KeyedOutcome &outcome)
{
    return outcome.notifications;
}

Error tooMuch()
{
    return { u"too much is asked for at the same time"_s, kStoreBusy };
}

} // namespace

SqliteNotificationStore::SqliteNotificationStore(StoreThread &store, const Clock &clock)
    : m_store(store)
    , m_clock(clock)
    , m_ids(UlidGenerator::withSystemEntropy())
{
    // If the disk is full just now, the first publish that can be stored does it.
    m_store.write([this](Database &database) { return m_runs.record(database); },
        [this](const Status &status) {
            if (status)
                m_runs.confirm();
        });
}

Status SqliteNotificationStore::createTables(Database &database)
{
    Status status = inboxqueries::createTables(database);
    if (status)
        status = HistoryRuns::createTables(database);
    if (status)
        status = inboxhandover::createTables(database);
    return status ? publishkeys::createTables(database) : status;
}

Status SqliteNotificationStore::afterLoss(Database &database)
{
    // What is left of notifications that are gone, in tables of their own, would be counted as unread for ever. And no
    // cursor holds any more: whoever comes with one is told that something may be missing.
    // What is nobody's can be listed by nobody.
    return database.execute("DELETE FROM audience WHERE seq NOT IN (SELECT seq FROM notification);"
                            "DELETE FROM notification WHERE seq NOT IN (SELECT seq FROM audience);"
                            "DELETE FROM inbox_taken_in WHERE seq NOT IN (SELECT seq FROM notification);"
                            "DELETE FROM read_mark WHERE seq NOT IN (SELECT seq FROM notification);"
                            "DELETE FROM history_run");
}

Result<std::vector<StoredNotification>> SqliteNotificationStore::store(
    Database &database, const std::vector<PublishRequest> &requests)
{
    const UtcTime now = m_clock.utc();
    std::vector<StoredNotification> stored;
    stored.reserve(requests.size());
    for (const PublishRequest &request : requests) {
        Notification notification{ m_ids.next(now), request.title, request.body, request.level, request.data, now,
            false };
        const std::optional<UtcTime> expiresAt
            = request.ttl ? std::optional<UtcTime>(now + *request.ttl) : std::nullopt;
        Result<qint64> sequence = inboxqueries::insert(database, notification, request.to, expiresAt);
        if (!sequence)
            return sequence.error();
        stored.push_back({ *sequence, std::move(notification) });
    }
    return stored;
}

Result<KeyedOutcome> SqliteNotificationStore::storeOnce(
    Database &database, const PublishKey &key, QStringList ids, const std::vector<PublishRequest> &requests)
{
    Result<std::optional<publishkeys::Used>> used = publishkeys::find(database, key, m_clock.utc());
    if (!used)
        return used.error();
    if (*used && (*used)->digest != key.digest)
        return KeyedOutcome{ KeyedOutcome::Kind::Refused };
    if (*used) {
        // Who has no name is a stream that gives the same entry for as long as it holds it.
        if (key.user.isEmpty()) {
            if (Status status = publishkeys::remember(database, key, (*used)->ids, m_clock.utc()); !status)
                return status.error();
        }
        return KeyedOutcome{ KeyedOutcome::Kind::Replayed, {}, (*used)->ids };
    }
    Result<std::vector<StoredNotification>> stored = store(database, requests);
    if (!stored)
        return stored.error();
    auto next = stored->begin();
    for (QString &id : ids) {
        if (id.isEmpty())
            id = (next++)->notification.id;
    }
    if (Status status = publishkeys::remember(database, key, ids, m_clock.utc()); !status)
        return status.error();
    return KeyedOutcome{ KeyedOutcome::Kind::Stored, std::move(stored).value() };
}

template <typename T>
void SqliteNotificationStore::appendBy(
    const Requests &requests, std::function<Result<T>(Database &)> work, std::function<void(Result<T>)> done)
{
    auto value = std::make_shared<T>();
    m_store.write(
        [this, value, work = std::move(work)](Database &database) -> Status {
            if (Status recorded = m_runs.record(database); !recorded)
                return recorded;
            Result<T> result = work(database);
            if (!result)
                return result.error();
            *value = std::move(result).value();
            return ok();
        },
        [this, value, requests, done = std::move(done)](const Status &status) {
            if (!status) {
                done(status.error());
                return;
            }
            m_runs.confirm();
            const std::vector<StoredNotification> &stored = storedBy(*value);
            for (size_t i = 0; i < stored.size(); ++i) // before anybody hears of them
                m_quietInboxes.published((*requests)[i].to, stored[i].sequence);
            done(std::move(*value));
        });
}

void SqliteNotificationStore::append(
    std::vector<PublishRequest> requests, std::function<void(Result<std::vector<StoredNotification>>)> done)
{
    const auto shared = std::make_shared<const std::vector<PublishRequest>>(std::move(requests));
    appendBy<std::vector<StoredNotification>>(
        shared, [this, shared](Database &database) { return store(database, *shared); }, std::move(done));
}

void SqliteNotificationStore::appendOnce(PublishKey key, QStringList ids, std::vector<PublishRequest> requests,
    std::function<void(Result<KeyedOutcome>)> done)
{
    const auto shared = std::make_shared<const std::vector<PublishRequest>>(std::move(requests));
    appendBy<KeyedOutcome>(
        shared,
        [this, key = std::move(key), ids = std::move(ids), shared](
            Database &database) { return storeOnce(database, key, ids, *shared); },
        std::move(done));
}

/// A list on its way.
struct SqliteNotificationStore::Listing
{
    InboxQuery query;
    std::function<void(Result<Inbox>)> done;
    std::optional<InboxReading> reading{}; ///< once the user is known

    /// The disk does not answer: clients stay, and ask again.
    void late(const Error &error) const { done(Error{ error.message, kStoreAway }); }
};

void SqliteNotificationStore::loadInbox(const InboxQuery &query, std::function<void(Result<Inbox>)> answer)
{
    const auto listing = std::make_shared<Listing>(Listing{ query, answerOnce<Result<Inbox>>(std::move(answer)) });
    if (!m_store.readInTurns(
            query.user, [this, listing](Database &database) { return list(database, listing); },
            [listing](const Error &error) { listing->late(error); }))
        listing->done(tooMuch());
}

StoreThread::Turn SqliteNotificationStore::list(Database &database, const std::shared_ptr<Listing> &listing)
{
    const InboxQuery &query = listing->query;
    if (!listing->reading) {
        m_quietInboxes.beginReading(query.user); // before anything is read: from the first row on it is of one moment
        const Result<std::optional<qint64>> since = inboxqueries::findKnownSince(database, query.user);
        if (!since || !*since)
            m_quietInboxes.giveUp(query.user);
        if (!since) {
            listing->done(since.error());
            return StoreThread::Turn::Done;
        }
        if (!*since) {
            makeKnown(listing);
            return StoreThread::Turn::Waits;
        }
        listing->reading.emplace(m_runs, query, **since, m_clock.utc());
    }
    Result<std::optional<Inbox>> inbox = listing->reading->step(database);
    if (inbox && !*inbox)
        return StoreThread::Turn::More;
    if (inbox && !(*inbox)->hasMore)
        remember(query, listing->reading->after(), **inbox);
    else
        m_quietInboxes.giveUp(query.user);
    listing->done(inbox ? Result<Inbox>(**std::move(inbox)) : Result<Inbox>(inbox.error()));
    return StoreThread::Turn::Done;
}

/// Only a user's very first connection has something to write.
void SqliteNotificationStore::makeKnown(const std::shared_ptr<Listing> &listing)
{
    m_store.write(
        [listing](Database &database) -> Status {
            const Result<qint64> since = inboxqueries::knownSince(database, listing->query.user);
            return since ? ok() : Status(since.error());
        },
        [this, listing](const Status &status) {
            const QString user = listing->query.user;
            if (status) {
                m_store.resume(user, [this, listing](Database &database) { return list(database, listing); });
                return;
            }
            if (status.error().field == storeerrors::kHanging)
                listing->late(status.error());
            else
                listing->done(status.error());
            m_store.finishTurn(user);
        },
        [listing](const Error &error) { listing->late(error); });
}

void SqliteNotificationStore::remember(const InboxQuery &query, std::optional<qint64> after, const Inbox &inbox)
{
    qint64 quietSince = inbox.lastSequence;
    if (after)
        quietSince = inbox.notifications.empty() ? *after : inbox.notifications.back().sequence;
    m_quietInboxes.remember(
        query.user, query.groups, { quietSince, inbox.lastSequence, inbox.unreadCount, inbox.unreadUntil });
}

std::optional<Inbox> SqliteNotificationStore::knownInbox(const InboxQuery &query) const
{
    const std::optional<QuietInbox> quiet = m_quietInboxes.find(query.user, query.groups);
    if (!quiet || (quiet->unread > 0 && quiet->unreadUntil <= m_clock.utc()))
        return std::nullopt;
    const bool hasNothing = query.after
        ? query.after->run == m_runs.mark() && query.after->sequence >= quiet->quietSince
        : quiet->unread == 0;
    if (!hasNothing)
        return std::nullopt;
    Inbox inbox;
    inbox.unreadCount = quiet->unread;
    inbox.lastSequence = quiet->sequence;
    inbox.run = m_runs.mark();
    return inbox;
}

void SqliteNotificationStore::markRead(
    const QString &user, const QStringList &groups, const QStringList &ids, MarkDone done)
{
    mark(user, groups, ids, std::move(done));
}

void SqliteNotificationStore::markAllRead(const QString &user, const QStringList &groups, MarkDone done)
{
    mark(user, groups, std::nullopt, std::move(done));
}

/// A marking on its way.
struct SqliteNotificationStore::Marking
{
    QString user;
    InboxMarking marking;
    MarkDone done;
};

void SqliteNotificationStore::mark(
    const QString &user, const QStringList &groups, std::optional<QStringList> ids, MarkDone answer)
{
    const auto marking
        = std::make_shared<Marking>(Marking{ user, InboxMarking({ user, groups, 0, m_clock.utc() }, std::move(ids)),
            answerOnce<Result<std::pair<QStringList, qint64>>>(std::move(answer)) });
    if (!m_store.readInTurns(
            user, [this, marking](Database &database) { return mark(database, marking); },
            [marking](const Error &error) { marking->done(error); }))
        marking->done(tooMuch());
}

StoreThread::Turn SqliteNotificationStore::mark(Database &database, const std::shared_ptr<Marking> &marking)
{
    const Result<InboxMarking::Next> next = marking->marking.read(database);
    if (!next) {
        marking->done(next.error());
        return StoreThread::Turn::Done;
    }
    switch (*next) {
    case InboxMarking::Next::Read:
        return StoreThread::Turn::More;
    case InboxMarking::Next::Write:
        writeMarks(marking);
        return StoreThread::Turn::Waits;
    case InboxMarking::Next::Done:
        break;
    }
    marking->done(std::pair(marking->marking.marked(), marking->marking.left()));
    return StoreThread::Turn::Done;
}

void SqliteNotificationStore::writeMarks(const std::shared_ptr<Marking> &marking)
{
    m_store.write([marking](Database &database) { return marking->marking.write(database); },
        [this, marking](const Status &status) {
            const QString user = marking->user;
            if (!status) {
                marking->done(status.error());
                m_store.finishTurn(user);
                return;
            }
            marking->marking.written();
            m_quietInboxes.forget(user); // it says how many are unread
            m_store.resume(user, [this, marking](Database &database) { return mark(database, marking); });
        },
        [marking](const Error &error) { marking->done(error); });
}

void SqliteNotificationStore::takeIn(std::vector<HeldNotification> held, std::function<void(Result<TakenIn>)> done)
{
    struct Work
    {
        std::vector<HeldNotification> held;
        std::vector<inboxhandover::TakenIn> rows;
        TakenIn result;
    };
    auto work = std::make_shared<Work>(Work{ std::move(held), {}, {} });
    m_store.write(
        [work](Database &database) -> Status {
            const Result<qint64> last = inboxqueries::lastSequence(database);
            if (!last)
                return last.error();
            work->rows.clear(); // it may be done again
            work->result = TakenIn{ {}, *last, 0 };
            for (const HeldNotification &one : work->held) {
                const Result<inboxhandover::TakenIn> row = inboxhandover::takeIn(database, one);
                if (!row)
                    return row.error();
                work->rows.push_back(*row);
                work->result.sequences.push_back(row->sequence);
                work->result.count += row->isNew ? 1 : 0;
            }
            return ok();
        },
        [this, work, done = std::move(done)](const Status &status) {
            if (!status)
                return done(status.error());
            for (size_t i = 0; i < work->rows.size(); ++i) {
                if (work->rows[i].isNew)
                    m_quietInboxes.published(work->held[i].to, work->rows[i].sequence);
                for (const QString &reader : work->held[i].readers)
                    m_quietInboxes.forget(reader);
            }
            done(work->result);
        });
}

void SqliteNotificationStore::makeKnown(std::vector<std::pair<qint64, QString>> users, std::function<void(Status)> done)
{
    auto shared = std::make_shared<const std::vector<std::pair<qint64, QString>>>(std::move(users));
    m_store.write([shared](Database &database) { return inboxhandover::makeKnown(database, *shared); },
        [this, shared, done = std::move(done)](const Status &status) {
            for (const auto &[since, user] : *shared)
                m_quietInboxes.forget(user);
            done(status);
        });
}

void SqliteNotificationStore::purge()
{
    auto deleted = std::make_shared<qint64>(0);
    m_store.write(
        [this, deleted](Database &database) -> Status {
            const Result<qint64> count = retentionqueries::purge(database, m_clock.utc(), kPurgePortion);
            if (!count)
                return count.error();
            const Result<qint64> keys = publishkeys::purge(database, m_clock.utc(), kPurgePortion);
            if (!keys)
                return keys.error();
            *deleted = std::max(*count, *keys);
            return ok();
        },
        [this, deleted](const Status &status) {
            if (status && *deleted == kPurgePortion)
                purge();
            else if (status)
                trim(retentionqueries::kBeforeAll);
        });
}

void SqliteNotificationStore::trim(const retentionqueries::Target &previous)
{
    auto next = std::make_shared<std::optional<retentionqueries::Target>>();
    m_store.write(
        [previous, next](Database &database) -> Status {
            Result<std::optional<retentionqueries::Target>> last
                = retentionqueries::trim(database, previous, kPurgePortion);
            if (!last)
                return last.error();
            *next = std::move(last).value();
            return ok();
        },
        [this, next](const Status &status) {
            if (status && *next)
                trim(**next);
        });
}

} // namespace gatehouse
