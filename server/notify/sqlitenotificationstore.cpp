// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/notify/sqlitenotificationstore.h"

#include <algorithm>

#include <QtCore/QSet>

#include "server/notify/inboxqueries.h"

namespace gatehouse {

namespace {

constexpr qint64 kPurgePortion = 500;

Result<std::vector<StoredNotification>> store(Database &database, const std::vector<PublishRequest> &requests,
    UtcTime now, UlidGenerator &ids, EmptyInboxes &emptyInboxes)
{
    std::vector<StoredNotification> stored;
    stored.reserve(requests.size());
    for (const PublishRequest &request : requests) {
        Notification notification{ ids.next(now), request.title, request.body, request.level, request.data, now,
            false };
        const std::optional<UtcTime> expiresAt
            = request.ttl ? std::optional<UtcTime>(now + *request.ttl) : std::nullopt;
        Result<qint64> sequence = inboxqueries::insert(database, notification, request.to, expiresAt);
        if (!sequence)
            return sequence.error();
        emptyInboxes.published(request.to, *sequence);
        stored.push_back({ *sequence, std::move(notification) });
    }
    return stored;
}

/// Marks the unread ones among `ids` (all of them without `ids`), and says which those were and how many are left.
Result<std::pair<QStringList, qint64>> markUnread(
    Database &database, InboxReader reader, const std::optional<QStringList> &ids)
{
    const std::optional<qint64> since = inboxqueries::findKnownSince(database, reader.user);
    const Result<qint64> last = inboxqueries::lastSequence(database);
    if (!last)
        return last.error();
    reader.since = since.value_or(*last);
    const Result<std::vector<UnreadEntry>> entries = inboxqueries::unreadEntries(database, reader, -1);
    if (!entries)
        return entries.error();
    const QSet<QString> wanted = ids ? QSet<QString>(ids->begin(), ids->end()) : QSet<QString>();
    QStringList marked;
    std::vector<qint64> sequences;
    for (const UnreadEntry &entry : *entries) {
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
}

Status SqliteNotificationStore::createTables(Database &database)
{
    return inboxqueries::createTables(database);
}

void SqliteNotificationStore::append(
    std::vector<PublishRequest> requests, std::function<void(Result<std::vector<StoredNotification>>)> done)
{
    auto stored = std::make_shared<std::vector<StoredNotification>>();
    m_store.write(
        [this, stored, requests = std::move(requests)](Database &database) -> Status {
            Result<std::vector<StoredNotification>> result = store(database, requests, m_clock.utc(), m_ids, m_emptyInboxes);
            if (!result)
                return result.error();
            *stored = std::move(result).value();
            return ok();
        },
        [stored, done = std::move(done)](const Status &status) {
            if (status)
                done(std::move(*stored));
            else
                done(status.error());
        });
}

void SqliteNotificationStore::loadInbox(
    const QString &user, const QStringList &groups, std::function<void(Result<Inbox>)> done)
{
    // A known user's inbox is a read; only a user's very first connection has something to write.
    m_store.read([this, user, groups, done = std::move(done)](Database &database) {
        if (const std::optional<qint64> since = inboxqueries::findKnownSince(database, user)) {
            done(readInbox(database, user, groups, *since));
            return;
        }
        auto inbox = std::make_shared<Result<Inbox>>(Inbox{});
        m_store.write(
            [this, user, groups, inbox](Database &writable) -> Status {
                const Result<qint64> since = inboxqueries::knownSince(writable, user);
                if (!since)
                    return since.error();
                *inbox = inboxqueries::unread(writable, { user, groups, *since, m_clock.utc() }); // not durable yet: not remembered
                return *inbox ? ok() : Status(inbox->error());
            },
            [inbox, done](const Status &status) { done(status ? std::move(*inbox) : Result<Inbox>(status.error())); });
    });
}

Result<Inbox> SqliteNotificationStore::readInbox(
    Database &database, const QString &user, const QStringList &groups, qint64 since)
{
    Result<Inbox> inbox = inboxqueries::unread(database, { user, groups, since, m_clock.utc() });
    if (inbox && inbox->unreadCount == 0)
        m_emptyInboxes.remember(user, groups, inbox->lastSequence);
    return inbox;
}

std::optional<Inbox> SqliteNotificationStore::knownInbox(const QString &user, const QStringList &groups) const
{
    const std::optional<qint64> sequence = m_emptyInboxes.find(user, groups);
    return sequence ? std::optional(Inbox{ {}, 0, *sequence, false }) : std::nullopt;
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
            const Result<qint64> count = inboxqueries::purge(database, m_clock.utc(), kPurgePortion);
            if (!count)
                return count.error();
            *deleted = *count;
            return *count < kPurgePortion ? inboxqueries::trimOverfull(database) : ok();
        },
        [this, deleted](const Status &status) {
            if (status && *deleted == kPurgePortion)
                purge();
        });
}

} // namespace gatehouse
