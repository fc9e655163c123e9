// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/notify/inboxqueries.h"

#include <algorithm>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include "server/notify/sqlitenotificationstore.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse::inboxqueries {

namespace {

QString encodeData(const QJsonValue &data)
{
    return data.isNull() ? QString()
                         : QString::fromUtf8(QJsonDocument(QJsonArray{ data }).toJson(QJsonDocument::Compact));
}

QJsonValue decodeData(const QString &text)
{
    return text.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonDocument::fromJson(text.toUtf8()).array().at(0);
}

Status addTarget(Database &database, TargetKind kind, const QString &target, qint64 sequence)
{
    return database.prepare("INSERT OR IGNORE INTO audience (kind, target, seq) VALUES (?1, ?2, ?3)")
        .bind(1, qint64(kind))
        .bind(2, target)
        .bind(3, sequence)
        .run();
}

Status addAudience(Database &database, const Audience &to, qint64 sequence)
{
    if (const ToUsers *users = std::get_if<ToUsers>(&to)) {
        for (const QString &user : users->users) {
            if (Status status = addTarget(database, TargetKind::User, user, sequence); !status)
                return status;
        }
        return ok();
    }
    if (const ToGroups *groups = std::get_if<ToGroups>(&to)) {
        for (const QString &group : groups->groups) {
            if (Status status = addTarget(database, TargetKind::Group, group, sequence); !status)
                return status;
        }
        return ok();
    }
    return addTarget(database, TargetKind::All, QString(), sequence);
}

StoredNotification readRow(const Statement &row)
{
    StoredNotification stored;
    stored.sequence = row.integer(0);
    stored.notification = { row.text(1), row.text(2), row.text(3), row.text(4), decodeData(row.text(5)),
        fromEpochMillis(row.integer(6)), false };
    return stored;
}

/// At most so many bytes it takes in a list, as JSON in UTF-8.
qint64 listedBytes(const Statement &row)
{
    constexpr qint64 kNamesAndTimes = 200;
    qint64 bytes = kNamesAndTimes;
    for (const int column : { 2, 3, 5 }) {
        const QString text = row.text(column);
        for (const QChar c : text) {
            if (c < u' ')
                bytes += 6;
            else if (c < u'\x80')
                bytes += c == u'"' || c == u'\\' ? 2 : 1;
            else
                bytes += c < u'\u0800' || c.isSurrogate() ? 2 : 3;
        }
    }
    return bytes;
}

UtcTime horizon(const InboxReader &reader)
{
    return reader.now - kInboxRetention;
}

InboxEntry readEntry(const Statement &row)
{
    InboxEntry entry{ row.integer(0), row.text(1), fromEpochMillis(row.integer(2)) + kInboxRetention,
        row.integer(4) != 0 };
    if (!row.isNull(3))
        entry.until = std::min(entry.until, fromEpochMillis(row.integer(3)));
    return entry;
}

/// Binds what the statements that look through one target have in common.
void bindTarget(Statement &query, TargetKind kind, const QString &target, const InboxReader &reader, qint64 after)
{
    query.bind(1, qint64(kind))
        .bind(2, target)
        .bind(3, kind == TargetKind::User ? after : std::max(after, reader.since));
    query.bind(4, toEpochMillis(reader.now)).bind(5, reader.user);
}

/// Adds what is unread for one target, newest first, at most `limit`.
Status collectUnread(Database &database, TargetKind kind, const QString &target, const InboxReader &reader,
    qint64 limit, std::vector<InboxEntry> &entries)
{
    Statement query = database.prepare(
        "SELECT a.seq, n.id, n.created_ms, n.expires_ms, 0 FROM audience a JOIN notification n ON n.seq = a.seq"
        " WHERE a.kind = ?1 AND a.target = ?2 AND a.seq > ?3 AND (n.expires_ms IS NULL OR n.expires_ms > ?4)"
        " AND n.created_ms > ?7 AND NOT EXISTS (SELECT 1 FROM read_mark r WHERE r.user = ?5 AND r.seq = a.seq)"
        " ORDER BY a.seq DESC LIMIT ?6");
    bindTarget(query, kind, target, reader, 0);
    query.bind(6, limit).bind(7, toEpochMillis(horizon(reader)));
    while (query.nextRow())
        entries.push_back(readEntry(query));
    return query.status();
}

/// The same for all that came to one target after a sequence, however old: the caller wants to know that something is
/// too old.
Status collectMissed(Database &database, TargetKind kind, const QString &target, const InboxReader &reader,
    qint64 after, std::vector<InboxEntry> &entries)
{
    Statement query = database.prepare(
        "SELECT a.seq, n.id, n.created_ms, n.expires_ms,"
        " EXISTS (SELECT 1 FROM read_mark r WHERE r.user = ?5 AND r.seq = a.seq)"
        " FROM audience a JOIN notification n ON n.seq = a.seq WHERE a.kind = ?1 AND a.target = ?2 AND a.seq > ?3"
        " AND (n.expires_ms IS NULL OR n.expires_ms > ?4) ORDER BY a.seq DESC LIMIT ?6");
    bindTarget(query, kind, target, reader, after);
    query.bind(6, kMaxUnreadPerUser + 1);
    while (query.nextRow())
        entries.push_back(readEntry(query));
    return query.status();
}

/// Calls `collect(kind, target)` for each target that the reader is in, and puts what they collected in order.
template <typename Collect>
Status collectAll(const InboxReader &reader, std::vector<InboxEntry> &entries, Collect collect)
{
    Status status = collect(TargetKind::User, reader.user);
    if (status)
        status = collect(TargetKind::All, QString());
    for (const QString &group : reader.groups) {
        if (status)
            status = collect(TargetKind::Group, group);
    }
    std::sort(entries.begin(), entries.end());
    entries.erase(std::unique(entries.begin(), entries.end()), entries.end()); // of two groups, or a group named twice
    return status;
}

/// Whether something that came to one of the reader's targets after the sequence has been deleted because of its age or
/// number.
Result<bool> isHistoryCut(Database &database, const InboxReader &reader, qint64 after)
{
    bool isCut = false;
    std::vector<InboxEntry> none;
    const Status status = collectAll(reader, none, [&](TargetKind kind, const QString &target) {
        Statement query
            = database.prepare("SELECT seq FROM history_floor WHERE kind = ?1 AND target = ?2 AND seq > ?3");
        query.bind(1, qint64(kind))
            .bind(2, target)
            .bind(3, kind == TargetKind::User ? after : std::max(after, reader.since));
        isCut = query.nextRow() || isCut;
        return query.status();
    });
    return status ? Result<bool>(isCut) : Result<bool>(status.error());
}

/// Reads the content of entries, in the order of the iterators, up to kMaxInboxBytes.
template <typename Iterator>
Result<std::vector<StoredNotification>> readContent(Database &database, Iterator entry, Iterator end)
{
    std::vector<StoredNotification> notifications;
    qint64 bytes = 0;
    for (; entry != end; ++entry) {
        Statement row
            = database.prepare("SELECT seq, id, title, body, level, data, created_ms FROM notification WHERE seq = ?1");
        row.bind(1, entry->sequence);
        if (row.nextRow()) {
            bytes += listedBytes(row);
            if (bytes > kMaxInboxBytes)
                break;
            notifications.push_back(readRow(row));
            notifications.back().notification.isRead = entry->isRead;
        }
        if (const Status status = row.status(); !status)
            return status.error();
    }
    return notifications;
}

/// What is unread, and an inbox that says how many that are.
Result<Inbox> countUnread(Database &database, const InboxReader &reader, std::vector<InboxEntry> &entries)
{
    const Result<qint64> last = inboxqueries::lastSequence(database);
    if (!last)
        return last.error();
    Result<std::vector<InboxEntry>> unread = inboxqueries::unreadEntries(database, reader, kMaxUnreadPerUser + 1);
    if (!unread)
        return unread.error();
    entries = std::move(unread).value();
    Inbox inbox;
    inbox.lastSequence = *last;
    inbox.unreadCount = std::min(qint64(entries.size()), kMaxUnreadPerUser);
    for (const InboxEntry &entry : entries)
        inbox.unreadUntil = std::min(inbox.unreadUntil, entry.until);
    return inbox;
}

} // namespace

Status createTables(Database &database)
{
    return database.execute(
        "CREATE TABLE IF NOT EXISTS notification (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
        " title TEXT NOT NULL, body TEXT NOT NULL, level TEXT NOT NULL, data TEXT NOT NULL, created_ms INTEGER NOT "
        "NULL,"
        " expires_ms INTEGER);"
        "CREATE INDEX IF NOT EXISTS notification_by_age ON notification (created_ms);"
        "CREATE INDEX IF NOT EXISTS notification_by_expiry ON notification (expires_ms) WHERE expires_ms IS NOT NULL;"
        "CREATE TABLE IF NOT EXISTS audience (kind INTEGER NOT NULL, target TEXT NOT NULL, seq INTEGER NOT NULL,"
        " PRIMARY KEY (kind, target, seq)) WITHOUT ROWID;"
        "CREATE INDEX IF NOT EXISTS audience_by_seq ON audience (seq);"
        "CREATE TABLE IF NOT EXISTS known_user (user TEXT PRIMARY KEY, since_seq INTEGER NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS read_mark (user TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (user, seq))"
        " WITHOUT ROWID;"
        "CREATE INDEX IF NOT EXISTS read_mark_by_seq ON read_mark (seq);"
        // Up to where notifications to a target have been deleted although they had not expired.
        "CREATE TABLE IF NOT EXISTS history_floor (kind INTEGER NOT NULL, target TEXT NOT NULL, seq INTEGER NOT NULL,"
        " PRIMARY KEY (kind, target)) WITHOUT ROWID;");
}

Result<qint64> insert(
    Database &database, const Notification &notification, const Audience &to, std::optional<UtcTime> expiresAt)
{
    Statement insert
        = database.prepare("INSERT INTO notification (id, title, body, level, data, created_ms, expires_ms)"
                           " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    insert.bind(1, notification.id).bind(2, notification.title).bind(3, notification.body).bind(4, notification.level);
    insert.bind(5, encodeData(notification.data)).bind(6, toEpochMillis(notification.createdAt));
    if (expiresAt)
        insert.bind(7, toEpochMillis(*expiresAt));
    else
        insert.bindNull(7);
    if (Status status = insert.run(); !status)
        return status.error();
    const qint64 sequence = database.lastInsertRowId();
    if (Status status = addAudience(database, to, sequence); !status)
        return status.error();
    return sequence;
}

std::optional<qint64> findKnownSince(Database &database, const QString &user)
{
    Statement query = database.prepare("SELECT since_seq FROM known_user WHERE user = ?1");
    query.bind(1, user);
    return query.nextRow() ? std::optional(query.integer(0)) : std::nullopt;
}

Result<qint64> knownSince(Database &database, const QString &user)
{
    if (const std::optional<qint64> since = findKnownSince(database, user))
        return *since;
    Result<qint64> last = lastSequence(database);
    if (!last)
        return last.error();
    Statement insert = database.prepare("INSERT INTO known_user (user, since_seq) VALUES (?1, ?2)");
    if (Status status = insert.bind(1, user).bind(2, *last).run(); !status)
        return status.error();
    return *last;
}

Result<qint64> lastSequence(Database &database)
{
    // Not MAX(seq): the newest may have been purged, and a sequence is never used twice.
    Statement query = database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'notification'");
    const qint64 last = query.nextRow() ? query.integer(0) : 0;
    if (Status status = query.status(); !status)
        return status.error();
    return last;
}

Result<std::vector<InboxEntry>> unreadEntries(Database &database, const InboxReader &reader, qint64 limit)
{
    std::vector<InboxEntry> entries;
    const Status status = collectAll(reader, entries, [&](TargetKind kind, const QString &target) {
        return collectUnread(database, kind, target, reader, limit, entries);
    });
    if (!status)
        return status.error();
    return entries;
}

Result<Inbox> unread(Database &database, const InboxReader &reader, qint64 limit)
{
    std::vector<InboxEntry> entries;
    Result<Inbox> inbox = countUnread(database, reader, entries);
    if (!inbox)
        return inbox;
    const qint64 listed = std::min(qint64(entries.size()), limit);
    Result<std::vector<StoredNotification>> content
        = readContent(database, entries.rbegin(), entries.rbegin() + listed); // the oldest are out
    if (!content)
        return content.error();
    inbox->isTruncated = content->size() < entries.size();
    inbox->notifications = std::move(content).value();
    std::reverse(inbox->notifications.begin(), inbox->notifications.end());
    return inbox;
}

Result<Inbox> missed(Database &database, const InboxReader &reader, qint64 after, qint64 limit)
{
    std::vector<InboxEntry> entries;
    Result<Inbox> inbox = countUnread(database, reader, entries);
    if (!inbox)
        return inbox;
    entries.clear();
    const Status status = collectAll(reader, entries, [&](TargetKind kind, const QString &target) {
        return collectMissed(database, kind, target, reader, after, entries);
    });
    const Result<bool> isCut = isHistoryCut(database, reader, after);
    if (!status || !isCut)
        return status ? isCut.error() : status.error();
    const auto tooOld = std::erase_if(entries, [&](const InboxEntry &entry) { return entry.until <= reader.now; });
    inbox->isTruncated = *isCut || tooOld > 0 || qint64(entries.size()) > kMaxUnreadPerUser;
    if (qint64(entries.size()) > kMaxUnreadPerUser) // the oldest are out
        entries.erase(entries.begin(), entries.end() - kMaxUnreadPerUser);
    const qint64 listed = std::min(qint64(entries.size()), limit);
    Result<std::vector<StoredNotification>> content = readContent(database, entries.begin(), entries.begin() + listed);
    if (!content)
        return content.error();
    inbox->notifications = std::move(content).value();
    inbox->hasMore = inbox->notifications.size() < entries.size();
    if (inbox->hasMore)
        inbox->lastSequence = inbox->notifications.back().sequence;
    return inbox;
}

Status markRead(Database &database, const QString &user, const std::vector<qint64> &sequences)
{
    for (const qint64 sequence : sequences) {
        Statement insert = database.prepare("INSERT OR IGNORE INTO read_mark (user, seq) VALUES (?1, ?2)");
        if (Status status = insert.bind(1, user).bind(2, sequence).run(); !status)
            return status;
    }
    return ok();
}

} // namespace gatehouse::inboxqueries
