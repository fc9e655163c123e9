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

enum class TargetKind : qint64 { User = 0, Group = 1, All = 2 };

QString encodeData(const QJsonValue &data)
{
    return data.isNull() ? QString()
                         : QString::fromUtf8(QJsonDocument(QJsonArray { data }).toJson(QJsonDocument::Compact));
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

/// The unread sequences for one target, newest first, at most one more than an inbox holds.
Status collect(Database &database, TargetKind kind, const QString &target, const QString &user, qint64 since, UtcTime now,
    std::vector<qint64> &sequences)
{
    Statement query = database.prepare(
        "SELECT a.seq FROM audience a JOIN notification n ON n.seq = a.seq WHERE a.kind = ?1 AND a.target = ?2 AND a.seq > ?3"
        " AND n.created_ms > ?7 AND (n.expires_ms IS NULL OR n.expires_ms > ?4)"
        " AND NOT EXISTS (SELECT 1 FROM read_mark r WHERE r.user = ?5 AND r.seq = a.seq)"
        " ORDER BY a.seq DESC LIMIT ?6");
    query.bind(1, qint64(kind)).bind(2, target).bind(3, since).bind(4, toEpochMillis(now)).bind(5, user);
    query.bind(6, kMaxUnreadPerUser + 1).bind(7, toEpochMillis(now - kInboxRetention)); // whether purged yet or not
    while (query.nextRow())
        sequences.push_back(query.integer(0));
    return query.status();
}

} // namespace

Status createTables(Database &database)
{
    return database.execute(
        "CREATE TABLE IF NOT EXISTS notification (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
        " title TEXT NOT NULL, body TEXT NOT NULL, level TEXT NOT NULL, data TEXT NOT NULL, created_ms INTEGER NOT NULL,"
        " expires_ms INTEGER);"
        "CREATE TABLE IF NOT EXISTS audience (kind INTEGER NOT NULL, target TEXT NOT NULL, seq INTEGER NOT NULL,"
        " PRIMARY KEY (kind, target, seq)) WITHOUT ROWID;"
        "CREATE INDEX IF NOT EXISTS audience_by_seq ON audience (seq);"
        "CREATE TABLE IF NOT EXISTS known_user (user TEXT PRIMARY KEY, since_seq INTEGER NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE IF NOT EXISTS read_mark (user TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (user, seq))"
        " WITHOUT ROWID;"
        "CREATE INDEX IF NOT EXISTS read_mark_by_seq ON read_mark (seq);");
}

Result<qint64> insert(Database &database, const Notification &notification, const Audience &to,
    std::optional<UtcTime> expiresAt)
{
    Statement insert = database.prepare("INSERT INTO notification (id, title, body, level, data, created_ms, expires_ms)"
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

Result<Inbox> unread(Database &database, const QString &user, const QStringList &groups, qint64 since, UtcTime now)
{
    Result<qint64> last = lastSequence(database);
    if (!last)
        return last.error();
    Inbox inbox;
    inbox.lastSequence = *last;
    std::vector<qint64> sequences;
    Status status = collect(database, TargetKind::User, user, user, 0, now, sequences);
    if (status)
        status = collect(database, TargetKind::All, QString(), user, since, now, sequences);
    for (const QString &group : groups) {
        if (status)
            status = collect(database, TargetKind::Group, group, user, since, now, sequences);
    }
    if (!status)
        return status.error();
    std::sort(sequences.begin(), sequences.end());
    sequences.erase(std::unique(sequences.begin(), sequences.end()), sequences.end()); // of two groups, or a user twice
    inbox.isTruncated = qint64(sequences.size()) > kMaxUnreadPerUser;
    if (inbox.isTruncated) // the oldest are out
        sequences.erase(sequences.begin(), sequences.end() - kMaxUnreadPerUser);
    inbox.unreadCount = qint64(sequences.size());
    for (const qint64 sequence : sequences) {
        Statement row = database.prepare(
            "SELECT seq, id, title, body, level, data, created_ms FROM notification WHERE seq = ?1");
        row.bind(1, sequence);
        if (row.nextRow())
            inbox.unread.push_back(readRow(row));
    }
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

Status purge(Database &database, UtcTime now, UtcTime createdBefore)
{
    Status status = database.prepare("DELETE FROM notification WHERE created_ms < ?1 OR expires_ms <= ?2")
                        .bind(1, toEpochMillis(createdBefore))
                        .bind(2, toEpochMillis(now))
                        .run();
    if (!status || database.changes() == 0)
        return status;
    status = database.execute("DELETE FROM audience WHERE seq NOT IN (SELECT seq FROM notification)");
    return status ? database.execute("DELETE FROM read_mark WHERE seq NOT IN (SELECT seq FROM notification)") : status;
}

} // namespace gatehouse::inboxqueries
