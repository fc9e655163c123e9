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

Notification readRow(const Statement &row)
{
    return { row.text(0), row.text(1), row.text(2), row.text(3), decodeData(row.text(4)),
        fromEpochMillis(row.integer(5)), false };
}

/// At most so many bytes it takes in a list, as JSON in UTF-8.
qint64 listedBytes(const Statement &row)
{
    constexpr qint64 kNamesAndTimes = 200;
    qint64 bytes = kNamesAndTimes;
    for (const int column : { 1, 2, 4 }) {
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

InboxEntry readEntry(const Statement &row, bool isRead)
{
    InboxEntry entry{ row.integer(0), row.text(1), fromEpochMillis(row.integer(2)) + kInboxRetention, isRead };
    if (!row.isNull(3))
        entry.until = std::min(entry.until, fromEpochMillis(row.integer(3)));
    return entry;
}

// What came to one target after a sequence and has not expired, however old it is, newest first.
constexpr char kUnread[]
    = "SELECT a.seq, n.id, n.created_ms, n.expires_ms FROM audience a JOIN notification n ON n.seq = a.seq"
      " WHERE a.kind = ?1 AND a.target = ?2 AND a.seq > ?3 AND (n.expires_ms IS NULL OR n.expires_ms > ?4)"
      " AND NOT EXISTS (SELECT 1 FROM read_mark r WHERE r.user = ?5 AND r.seq = a.seq) ORDER BY a.seq DESC LIMIT ?6";
constexpr char kRead[]
    = "SELECT a.seq, n.id, n.created_ms, n.expires_ms FROM audience a JOIN notification n ON n.seq = a.seq"
      " WHERE a.kind = ?1 AND a.target = ?2 AND a.seq > ?3 AND (n.expires_ms IS NULL OR n.expires_ms > ?4)"
      " AND EXISTS (SELECT 1 FROM read_mark r WHERE r.user = ?5 AND r.seq = a.seq) ORDER BY a.seq DESC LIMIT ?6";

/// An audience that the reader is in, and from where on what came to it counts for the reader.
struct Target
{
    TargetKind kind;
    QString name;
    qint64 from;
};

std::vector<Target> targetsOf(const InboxReader &reader)
{
    std::vector<Target> targets{ { TargetKind::User, reader.user, 0 }, { TargetKind::All, QString(), reader.since } };
    for (const QString &group : reader.groups)
        targets.push_back({ TargetKind::Group, group, reader.since });
    return targets;
}

/// Adds what one of the two statements finds, at most `limit` (-1: all).
Status collect(Database &database, const char *sql, const Target &target, const InboxReader &reader, qint64 limit,
    std::vector<InboxEntry> &entries)
{
    Statement query = database.prepare(sql);
    query.bind(1, qint64(target.kind)).bind(2, target.name).bind(3, target.from);
    query.bind(4, toEpochMillis(reader.now)).bind(5, reader.user).bind(6, limit);
    while (query.nextRow())
        entries.push_back(readEntry(query, sql == kRead));
    return query.status();
}

/// Up to where what came to a target has been deleted because of its age or number.
Status readFloor(Database &database, const Target &target, qint64 &floor)
{
    Statement query = database.prepare("SELECT seq FROM history_floor WHERE kind = ?1 AND target = ?2");
    query.bind(1, qint64(target.kind)).bind(2, target.name);
    floor = query.nextRow() ? query.integer(0) : 0;
    return query.status();
}

/// What one target holds for the reader; with a cursor also what was read after it.
Status readInbox(
    Database &database, Target target, const InboxReader &reader, std::optional<qint64> after, InboxIndex &inbox)
{
    inbox.isOfUser = target.kind == TargetKind::User;
    Status status = collect(database, kUnread, target, reader, kMaxUnreadPerUser + 1, inbox.unread);
    if (!status || !after)
        return status;
    target.from = std::max(target.from, *after);
    status = collect(database, kRead, target, reader, kMaxUnreadPerUser + 1, inbox.read);
    return status ? readFloor(database, target, inbox.floor) : status;
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

Result<std::vector<InboxEntry>> unreadEntries(Database &database, const InboxReader &reader)
{
    std::vector<InboxEntry> entries;
    for (const Target &target : targetsOf(reader)) {
        if (const Status status = collect(database, kUnread, target, reader, -1, entries); !status)
            return status.error();
    }
    std::erase_if(entries, [&reader](const InboxEntry &entry) { return entry.until <= reader.now; });
    putInOrder(entries);
    return entries;
}

Result<ReaderIndex> readIndex(Database &database, const InboxReader &reader, std::optional<qint64> after)
{
    const Result<qint64> last = lastSequence(database);
    if (!last)
        return last.error();
    ReaderIndex index{ 0, *last, reader.since, after };
    for (const Target &target : targetsOf(reader)) {
        if (const Status status = readInbox(database, target, reader, after, index.inboxes.emplace_back()); !status)
            return status.error();
    }
    return index;
}

Result<ReadContents> readContents(Database &database, const std::vector<InboxEntry> &entries)
{
    ReadContents contents;
    qint64 bytes = 0;
    for (const InboxEntry &entry : entries) {
        Statement row
            = database.prepare("SELECT id, title, body, level, data, created_ms FROM notification WHERE seq = ?1");
        row.bind(1, entry.sequence);
        const bool isThere = row.nextRow();
        if (const Status status = row.status(); !status)
            return status.error();
        bytes += isThere ? listedBytes(row) : 0;
        if (bytes > kMaxInboxBytes)
            break;
        contents.notifications.push_back(isThere ? std::optional(readRow(row)) : std::nullopt);
    }
    return contents;
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
