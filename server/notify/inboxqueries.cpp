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

enum class TargetKind : qint64
{
    User = 0,
    Group = 1,
    All = 2
};

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

/// Adds what is unread for one target, newest first, at most `limit`.
Status collect(Database &database, TargetKind kind, const QString &target, const InboxReader &reader, qint64 limit,
    std::vector<UnreadEntry> &entries)
{
    Statement query = database.prepare(
        "SELECT a.seq, n.id FROM audience a JOIN notification n ON n.seq = a.seq WHERE a.kind = ?1 AND a.target = ?2"
        " AND a.seq > ?3 AND (n.expires_ms IS NULL OR n.expires_ms > ?4) AND n.created_ms > ?7"
        " AND NOT EXISTS (SELECT 1 FROM read_mark r WHERE r.user = ?5 AND r.seq = a.seq)"
        " ORDER BY a.seq DESC LIMIT ?6");
    query.bind(1, qint64(kind)).bind(2, target).bind(3, kind == TargetKind::User ? 0 : reader.since);
    query.bind(4, toEpochMillis(reader.now)).bind(5, reader.user).bind(6, limit);
    query.bind(7, toEpochMillis(reader.now - kInboxRetention));
    while (query.nextRow())
        entries.push_back({ query.integer(0), query.text(1) });
    return query.status();
}

/// Deletes notifications by a statement that takes a time and a number, and all that hangs on them. Returns how many.
Result<qint64> purgePortion(Database &database, const char *find, UtcTime time, qint64 limit)
{
    std::vector<qint64> sequences;
    Statement query = database.prepare(find);
    query.bind(1, toEpochMillis(time)).bind(2, limit);
    while (query.nextRow())
        sequences.push_back(query.integer(0));
    Status status = query.status();
    for (const qint64 sequence : sequences) {
        for (const char *sql : { "DELETE FROM audience WHERE seq = ?1", "DELETE FROM read_mark WHERE seq = ?1",
                 "DELETE FROM notification WHERE seq = ?1" }) {
            if (status)
                status = database.prepare(sql).bind(1, sequence).run();
        }
    }
    if (!status)
        return status.error();
    return qint64(sequences.size());
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
        "CREATE INDEX IF NOT EXISTS read_mark_by_seq ON read_mark (seq);");
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

Result<std::vector<UnreadEntry>> unreadEntries(Database &database, const InboxReader &reader, qint64 limit)
{
    std::vector<UnreadEntry> entries;
    Status status = collect(database, TargetKind::User, reader.user, reader, limit, entries);
    if (status)
        status = collect(database, TargetKind::All, QString(), reader, limit, entries);
    for (const QString &group : reader.groups) {
        if (status)
            status = collect(database, TargetKind::Group, group, reader, limit, entries);
    }
    if (!status)
        return status.error();
    std::sort(entries.begin(), entries.end());
    entries.erase(std::unique(entries.begin(), entries.end()), entries.end()); // of two groups, or a group named twice
    return entries;
}

Result<Inbox> unread(Database &database, const InboxReader &reader)
{
    Result<qint64> last = lastSequence(database);
    if (!last)
        return last.error();
    Result<std::vector<UnreadEntry>> entries = unreadEntries(database, reader, kMaxUnreadPerUser + 1);
    if (!entries)
        return entries.error();
    Inbox inbox;
    inbox.lastSequence = *last;
    inbox.isTruncated = qint64(entries->size()) > kMaxUnreadPerUser;
    if (inbox.isTruncated) // the oldest are out
        entries->erase(entries->begin(), entries->end() - kMaxUnreadPerUser);
    inbox.unreadCount = qint64(entries->size());
    qint64 bytes = 0;
    for (auto entry = entries->rbegin(); entry != entries->rend(); ++entry) {
        Statement row
            = database.prepare("SELECT seq, id, title, body, level, data, created_ms FROM notification WHERE seq = ?1");
        row.bind(1, entry->sequence);
        if (row.nextRow()) {
            bytes += listedBytes(row);
            if (bytes > kMaxInboxBytes) {
                inbox.isTruncated = true;
                break;
            }
            inbox.unread.push_back(readRow(row));
        }
        if (const Status status = row.status(); !status)
            return status.error();
    }
    std::reverse(inbox.unread.begin(), inbox.unread.end());
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

Result<qint64> purge(Database &database, UtcTime now, qint64 limit)
{
    Result<qint64> old = purgePortion(
        database, "SELECT seq FROM notification WHERE created_ms <= ?1 LIMIT ?2", now - kInboxRetention, limit);
    if (!old)
        return old;
    const Result<qint64> expired
        = purgePortion(database, "SELECT seq FROM notification WHERE expires_ms <= ?1 LIMIT ?2", now, limit - *old);
    return expired ? Result<qint64>(*old + *expired) : expired;
}

Status trimOverfull(Database &database)
{
    // One beyond the bound stays, so that the inbox still says that it is truncated.
    Status status
        = database.execute("DELETE FROM audience WHERE kind = 0 AND target IN"
                           " (SELECT target FROM audience WHERE kind = 0 GROUP BY target HAVING count(*) > 1001)"
                           " AND seq < (SELECT seq FROM audience a WHERE a.kind = 0 AND a.target = audience.target"
                           " ORDER BY a.seq DESC LIMIT 1 OFFSET 1000)");
    static_assert(kMaxUnreadPerUser == 1000);
    if (!status || database.changes() == 0)
        return status;
    status = database.execute("DELETE FROM notification WHERE NOT EXISTS"
                              " (SELECT 1 FROM audience WHERE audience.seq = notification.seq)");
    return status ? database.execute("DELETE FROM read_mark WHERE seq NOT IN (SELECT seq FROM notification)") : status;
}

} // namespace gatehouse::inboxqueries
