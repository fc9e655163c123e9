// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/notify/inboxqueries.h"

#include <algorithm>

#include <QtCore/QJsonArray>

#include "server/notify/sqlitenotificationstore.h"
#include "server/store/columns.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse::inboxqueries {

namespace {

QString encodeData(const QJsonValue &data)
{
    return data.isNull() ? QString() : jsoncolumn::ofValue(data);
}

QJsonValue decodeData(QByteArrayView text)
{
    return text.isEmpty() ? QJsonValue(QJsonValue::Null) : jsoncolumn::valueIn(text);
}

/// The times stand beside the target too, where they are found without the content, which may be large.
Status addTarget(Database &database, TargetKind kind, const QString &target, qint64 sequence, UtcTime createdAt,
    std::optional<UtcTime> expiresAt)
{
    Statement insert = database.prepare(
        "INSERT OR IGNORE INTO audience (kind, target, seq, created_ms, expires_ms) VALUES (?1, ?2, ?3, ?4, ?5)");
    insert.bind(1, qint64(kind)).bind(2, target).bind(3, sequence).bind(4, toEpochMillis(createdAt));
    if (expiresAt)
        insert.bind(5, toEpochMillis(*expiresAt));
    else
        insert.bindNull(5);
    return insert.run();
}

Status addAudience(
    Database &database, const Audience &to, qint64 sequence, UtcTime createdAt, std::optional<UtcTime> expiresAt)
{
    const auto *users = std::get_if<ToUsers>(&to);
    const auto *groups = std::get_if<ToGroups>(&to);
    if (!users && !groups)
        return addTarget(database, TargetKind::All, QString(), sequence, createdAt, expiresAt);
    Status status = ok();
    for (const QString &name : users ? users->users : groups->groups) {
        if (status)
            status = addTarget(
                database, users ? TargetKind::User : TargetKind::Group, name, sequence, createdAt, expiresAt);
    }
    return status;
}

/// At most so many bytes it takes in a list, as JSON in UTF-8.
qint64 listedBytes(const Statement &row)
{
    constexpr qint64 kNamesAndTimes = 200;
    qint64 bytes = kNamesAndTimes;
    for (const int column : { 1, 2, 4 }) {
        const QByteArrayView text = row.utf8(column);
        bytes += text.size();
        for (const char c : text) {
            if (uchar(c) < 0x20)
                bytes += 5;
            else if (c == '"' || c == '\\')
                bytes += 1;
        }
    }
    return bytes;
}

InboxEntry readEntry(const Statement &row)
{
    InboxEntry entry{ row.integer(0), {}, fromEpochMillis(row.integer(1)) + kInboxRetention, row.integer(3) != 0 };
    if (!row.isNull(2))
        entry.until = std::min(entry.until, fromEpochMillis(row.integer(2)));
    return entry;
}

// An audience that was stored by an earlier version has no times of its own (until it is gone by its age).
constexpr char kEntries[]
    = "SELECT seq, created, expires, is_read FROM (SELECT a.seq AS seq,"
      " CASE WHEN a.created_ms IS NULL THEN (SELECT n.created_ms FROM notification n WHERE n.seq = a.seq)"
      " ELSE a.created_ms END AS created,"
      " CASE WHEN a.created_ms IS NULL THEN (SELECT n.expires_ms FROM notification n WHERE n.seq = a.seq)"
      " ELSE a.expires_ms END AS expires,"
      " EXISTS (SELECT 1 FROM read_mark r WHERE r.user = ?5 AND r.seq = a.seq) AS is_read"
      " FROM audience a WHERE a.kind = ?1 AND a.target = ?2 AND a.seq > ?3 AND a.seq <= ?6)"
      " WHERE expires IS NULL OR expires > ?4 ORDER BY seq DESC LIMIT ?7";

} // namespace

Notification readNotification(const Statement &row, int first)
{
    return { row.text(first), row.text(first + 1), row.text(first + 2), row.text(first + 3),
        decodeData(row.utf8(first + 4)), fromEpochMillis(row.integer(first + 5)), false };
}

Status createTables(Database &database)
{
    const Status status = database.execute(
        "CREATE TABLE IF NOT EXISTS notification (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
        " title TEXT NOT NULL, body TEXT NOT NULL, level TEXT NOT NULL, data TEXT NOT NULL, created_ms INTEGER NOT "
        "NULL,"
        " expires_ms INTEGER);"
        "CREATE INDEX IF NOT EXISTS notification_by_age ON notification (created_ms);"
        "CREATE INDEX IF NOT EXISTS notification_by_expiry ON notification (expires_ms) WHERE expires_ms IS NOT NULL;"
        "CREATE TABLE IF NOT EXISTS audience (kind INTEGER NOT NULL, target TEXT NOT NULL, seq INTEGER NOT NULL,"
        " created_ms INTEGER, expires_ms INTEGER, PRIMARY KEY (kind, target, seq)) WITHOUT ROWID;"
        "CREATE INDEX IF NOT EXISTS audience_by_seq ON audience (seq);"
        "CREATE TABLE IF NOT EXISTS known_user (user TEXT PRIMARY KEY, since_seq INTEGER NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS read_mark (user TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (user, seq))"
        " WITHOUT ROWID;"
        "CREATE INDEX IF NOT EXISTS read_mark_by_seq ON read_mark (seq);"
        // Up to where notifications to a target have been deleted although they had not expired.
        "CREATE TABLE IF NOT EXISTS history_floor (kind INTEGER NOT NULL, target TEXT NOT NULL, seq INTEGER NOT NULL,"
        " PRIMARY KEY (kind, target)) WITHOUT ROWID;");
    return status ? addColumns(database, u"audience"_s, u"created_ms"_s,
               "ALTER TABLE audience ADD COLUMN created_ms INTEGER;"
               "ALTER TABLE audience ADD COLUMN expires_ms INTEGER;")
                  : status;
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
    if (Status status = addAudience(database, to, sequence, notification.createdAt, expiresAt); !status)
        return status.error();
    return sequence;
}

Result<std::optional<qint64>> findKnownSince(Database &database, const QString &user)
{
    Statement query = database.prepare("SELECT since_seq FROM known_user WHERE user = ?1");
    query.bind(1, user);
    const std::optional<qint64> since = query.nextRow() ? std::optional(query.integer(0)) : std::nullopt;
    if (const Status status = query.status(); !status)
        return status.error();
    return since;
}

Result<qint64> knownSince(Database &database, const QString &user)
{
    const Result<std::optional<qint64>> since = findKnownSince(database, user);
    if (!since)
        return since.error();
    if (*since)
        return **since;
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

std::vector<InboxTarget> targetsOf(const InboxReader &reader)
{
    std::vector<InboxTarget> targets{ { TargetKind::User, reader.user, 0 },
        { TargetKind::All, QString(), reader.since } };
    for (const QString &group : reader.groups)
        targets.push_back({ TargetKind::Group, group, reader.since });
    return targets;
}

Result<std::vector<InboxEntry>> entries(
    Database &database, const InboxTarget &target, const InboxReader &reader, qint64 upTo, qint64 limit)
{
    Statement query = database.prepare(kEntries);
    query.bind(1, qint64(target.kind)).bind(2, target.name).bind(3, target.from);
    query.bind(4, toEpochMillis(reader.now)).bind(5, reader.user).bind(6, upTo).bind(7, limit);
    std::vector<InboxEntry> found;
    while (query.nextRow())
        found.push_back(readEntry(query));
    if (const Status status = query.status(); !status)
        return status.error();
    return found;
}

Result<qint64> floorOf(Database &database, const InboxTarget &target)
{
    Statement query = database.prepare("SELECT seq FROM history_floor WHERE kind = ?1 AND target = ?2");
    query.bind(1, qint64(target.kind)).bind(2, target.name);
    const qint64 floor = query.nextRow() ? query.integer(0) : 0;
    if (const Status status = query.status(); !status)
        return status.error();
    return floor;
}

Status readContents(Database &database, const std::vector<InboxEntry> &entries, qint64 maxBytes, ReadContents &contents)
{
    const qint64 end = contents.bytes + maxBytes;
    while (contents.notifications.size() < entries.size() && !contents.isFull && contents.bytes < end) {
        Statement row
            = database.prepare("SELECT id, title, body, level, data, created_ms FROM notification WHERE seq = ?1");
        row.bind(1, entries[contents.notifications.size()].sequence);
        const bool isThere = row.nextRow();
        if (const Status status = row.status(); !status)
            return status;
        const qint64 bytes = isThere ? listedBytes(row) : 0;
        contents.isFull = contents.bytes + bytes > kMaxInboxBytes;
        if (contents.isFull)
            break;
        contents.bytes += bytes;
        contents.notifications.push_back(isThere ? std::optional(readNotification(row, 0)) : std::nullopt);
    }
    return ok();
}

Result<std::optional<InboxEntry>> findUnread(
    Database &database, const std::vector<InboxTarget> &targets, const InboxReader &reader, const QString &id)
{
    qint64 sequence = 0;
    {
        Statement query = database.prepare("SELECT seq FROM notification WHERE id = ?1");
        query.bind(1, id);
        sequence = query.nextRow() ? query.integer(0) : 0;
        if (const Status status = query.status(); !status)
            return status.error();
    }
    for (const InboxTarget &target : targets) {
        if (sequence <= target.from)
            continue;
        const InboxTarget here{ target.kind, target.name, sequence - 1 };
        Result<std::vector<InboxEntry>> found = entries(database, here, reader, sequence, 1);
        if (!found)
            return found.error();
        if (!found->empty() && !found->front().isRead && found->front().until > reader.now)
            return std::optional(found->front());
    }
    return std::optional<InboxEntry>();
}

Result<QString> idOf(Database &database, qint64 sequence)
{
    Statement query = database.prepare("SELECT id FROM notification WHERE seq = ?1");
    query.bind(1, sequence);
    const QString id = query.nextRow() ? query.text(0) : QString();
    if (const Status status = query.status(); !status)
        return status.error();
    return id;
}

Result<bool> markRead(Database &database, const QString &user, qint64 sequence)
{
    // Not of one that a purge has deleted: nothing would ever delete its mark.
    Statement insert = database.prepare(
        "INSERT OR IGNORE INTO read_mark (user, seq) SELECT ?1, seq FROM notification WHERE seq = ?2");
    if (const Status status = insert.bind(1, user).bind(2, sequence).run(); !status)
        return status.error();
    return database.changes() > 0;
}

} // namespace gatehouse::inboxqueries
