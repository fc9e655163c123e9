// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/notify/sqlitenotificationstore.h"

#include <algorithm>

#include <QtCore/QSet>

#include "server/notify/inboxqueries.h"
#include "server/notify/publishkeys.h"

namespace gatehouse {

namespace {

constexpr qint64 kPurgePortion = 500;

/// Marks the unread ones among `ids` (all of them without `ids`), and says which those were and how many are left.
Result<std::pair<QStringList, qint64>> markUnread(
    Database &database, InboxReader reader, const std::optional<QStringList> &ids)
{
    const std::optional<qint64> since = inboxqueries::findKnownSince(database, reader.user);
    const Result<qint64> last = inboxqueries::lastSequence(database);
    if (!last)
        return last.error();
    reader.since = since.value_or(*last);
    const Result<std::vector<InboxEntry>> entries = inboxqueries::unreadEntries(database, reader);
    if (!entries)
        return entries.error();
    const QSet<QString> wanted = ids ? QSet<QString>(ids->begin(), ids->end()) : QSet<QString>();
    QStringList marked;
    std::vector<qint64> sequences;
    for (const InboxEntry &entry : *entries) {
        if (ids && !wanted.contains(entry.id))
            continue;
        marked.append(entry.id);
        sequences.push_back(entry.sequence);
    }
    if (Status status = inboxqueries::markRead(database, reader.user, sequences); !status)
        return status.error();
    return std::pair(marked, std::min(qint64(entries->size()) - qint64(marked.size()), kMaxUnreadPerUser));
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
    return status ? publishkeys::createTables(database) : status;
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
        m_quietInboxes.published(request.to, *sequence);
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
    if (*used)
        return KeyedOutcome{ KeyedOutcome::Kind::Replayed, {}, (*used)->ids };
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
void SqliteNotificationStore::appendBy(std::function<Result<T>(Database &)> work, std::function<void(Result<T>)> done)
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
        [this, value, done = std::move(done)](const Status &status) {
            if (!status) {
                done(status.error());
                return;
            }
            m_runs.confirm();
            done(std::move(*value));
        });
}

void SqliteNotificationStore::append(
    std::vector<PublishRequest> requests, std::function<void(Result<std::vector<StoredNotification>>)> done)
{
    appendBy<std::vector<StoredNotification>>(
        [this, requests = std::move(requests)](Database &database) { return store(database, requests); },
        std::move(done));
}

void SqliteNotificationStore::appendOnce(PublishKey key, QStringList ids, std::vector<PublishRequest> requests,
    std::function<void(Result<KeyedOutcome>)> done)
{
    appendBy<KeyedOutcome>([this, key = std::move(key), ids = std::move(ids), requests = std::move(requests)](
                               Database &database) { return storeOnce(database, key, ids, requests); },
        std::move(done));
}

void SqliteNotificationStore::loadInbox(const InboxQuery &query, std::function<void(Result<Inbox>)> done)
{
    // A known user's inbox is a read; only a user's very first connection has something to write.
    m_store.read([this, query, done = std::move(done)](Database &database) {
        if (const std::optional<qint64> since = inboxqueries::findKnownSince(database, query.user)) {
            done(readInbox(database, query, *since, true));
            return;
        }
        auto inbox = std::make_shared<Result<Inbox>>(Inbox{});
        m_store.write(
            [this, query, inbox](Database &writable) -> Status {
                const Result<qint64> since = inboxqueries::knownSince(writable, query.user);
                if (!since)
                    return since.error();
                *inbox = readInbox(writable, query, *since, false);
                return *inbox ? ok() : Status(inbox->error());
            },
            [inbox, done](const Status &status) { done(status ? std::move(*inbox) : Result<Inbox>(status.error())); });
    });
}

Result<Inbox> SqliteNotificationStore::readInbox(
    Database &database, const InboxQuery &query, qint64 since, bool isDurable)
{
    const InboxReader reader{ query.user, query.groups, since, m_clock.utc() };
    std::optional<qint64> after;
    if (query.after) {
        const Result<qint64> last = inboxqueries::lastSequence(database);
        if (!last)
            return last.error();
        after = m_runs.sequenceOf(*query.after, *last);
    }
    Result<ReaderIndex> index = inboxqueries::readIndex(database, reader, after);
    if (!index)
        return index.error();
    index->run = m_runs.mark();
    InboxMerge merge(*index, query, reader.now);
    Result<ReadContents> contents = inboxqueries::readContents(database, merge.toRead());
    if (!contents)
        return contents.error();
    Inbox inbox = merge.finish(std::move(contents).value());
    if (isDurable)
        remember(query, after, inbox);
    return inbox;
}

void SqliteNotificationStore::remember(const InboxQuery &query, std::optional<qint64> after, const Inbox &inbox)
{
    if (inbox.hasMore)
        return;
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

void SqliteNotificationStore::mark(
    const QString &user, const QStringList &groups, std::optional<QStringList> ids, MarkDone done)
{
    auto outcome = std::make_shared<std::pair<QStringList, qint64>>();
    m_store.write(
        [this, user, groups, ids = std::move(ids), outcome](Database &database) -> Status {
            Result<std::pair<QStringList, qint64>> result
                = markUnread(database, { user, groups, 0, m_clock.utc() }, ids);
            if (!result)
                return result.error();
            *outcome = std::move(result).value();
            if (!outcome->first.isEmpty())
                m_quietInboxes.forget(user); // it says how many are unread
            return ok();
        },
        [outcome, done = std::move(done)](const Status &status) {
            if (status)
                done(std::move(*outcome));
            else
                done(status.error());
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
