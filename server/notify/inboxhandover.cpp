// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/notify/inboxhandover.h"

#include "server/notify/inboxqueries.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse::inboxhandover {

namespace {

constexpr int kMostAtOnce = 20; // of up to 40 KiB each

HeldNotification readRow(const Statement &row)
{
    HeldNotification held;
    held.stored.sequence = row.integer(0);
    held.stored.notification = inboxqueries::readNotification(row, 1);
    if (!row.isNull(7))
        held.expiresAt = fromEpochMillis(row.integer(7));
    return held;
}

Status readAudience(Database &database, HeldNotification &held)
{
    Statement row = database.prepare("SELECT kind, target FROM audience WHERE seq = ?1 ORDER BY kind, target");
    row.bind(1, held.stored.sequence);
    QStringList users;
    QStringList groups;
    while (row.nextRow()) {
        const auto kind = TargetKind(row.integer(0));
        if (kind != TargetKind::All)
            (kind == TargetKind::User ? users : groups).append(row.text(1));
    }
    if (!users.isEmpty())
        held.to = ToUsers{ users };
    else if (!groups.isEmpty())
        held.to = ToGroups{ groups };
    else
        held.to = ToAll{};
    return row.status();
}

Status readReaders(Database &database, HeldNotification &held)
{
    Statement row = database.prepare("SELECT user FROM read_mark WHERE seq = ?1 ORDER BY user");
    row.bind(1, held.stored.sequence);
    while (row.nextRow())
        held.readers.append(row.text(0));
    return row.status();
}

qint64 targetsOf(const HeldNotification &held)
{
    if (const auto *users = std::get_if<ToUsers>(&held.to))
        return users->users.size();
    const auto *groups = std::get_if<ToGroups>(&held.to);
    return groups ? groups->groups.size() : 1;
}

} // namespace

Status createTables(Database &database)
{
    return database.execute("CREATE TABLE IF NOT EXISTS inbox_taken_in (seq INTEGER PRIMARY KEY);"
                            "CREATE TABLE IF NOT EXISTS inbox_origin (id TEXT NOT NULL);"
                            "INSERT INTO inbox_origin (id) SELECT lower(hex(randomblob(16)))"
                            " WHERE NOT EXISTS (SELECT 1 FROM inbox_origin)");
}

Result<QByteArray> originOf(Database &database)
{
    // After a rescue there are two: the one that the new file was given, and the one that was saved into it.
    Statement row = database.prepare("SELECT id FROM inbox_origin ORDER BY rowid DESC LIMIT 1");
    const QByteArray origin = row.nextRow() ? row.text(0).toLatin1() : QByteArray();
    if (const Status status = row.status(); !status)
        return status.error();
    return origin.isEmpty() ? Result<QByteArray>(Error{ u"the state file has no name for its inboxes"_s, {} })
                            : Result<QByteArray>(origin);
}

Result<std::vector<HeldNotification>> read(Database &database, qint64 after, qint64 most, bool withTakenIn)
{
    std::vector<HeldNotification> all;
    Statement row = database.prepare("SELECT seq, id, title, body, level, data, created_ms, expires_ms"
                                     " FROM notification n WHERE seq > ?1 AND (?3 OR NOT EXISTS"
                                     " (SELECT 1 FROM inbox_taken_in t WHERE t.seq = n.seq))"
                                     " AND EXISTS (SELECT 1 FROM audience a WHERE a.seq = n.seq)" // else whose is it?
                                     " ORDER BY seq LIMIT ?2");
    row.bind(1, after).bind(2, qint64(kMostAtOnce)).bind(3, qint64(withTakenIn ? 1 : 0));
    qint64 size = 0;
    while (size < most && row.nextRow()) {
        HeldNotification held = readRow(row);
        Status status = readAudience(database, held);
        if (status)
            status = readReaders(database, held);
        if (!status)
            return status.error();
        size += targetsOf(held) + held.readers.size();
        all.push_back(std::move(held));
    }
    if (const Status status = row.status(); !status)
        return status.error();
    return all;
}

Result<std::vector<std::pair<qint64, QString>>> knownUsers(Database &database)
{
    std::vector<std::pair<qint64, QString>> users;
    Statement row = database.prepare("SELECT since_seq, user FROM known_user ORDER BY since_seq, user");
    while (row.nextRow())
        users.emplace_back(row.integer(0), row.text(1));
    if (const Status status = row.status(); !status)
        return status.error();
    return users;
}

Result<TakenIn> takeIn(Database &database, const HeldNotification &held)
{
    TakenIn taken;
    {
        Statement row = database.prepare("SELECT seq FROM notification WHERE id = ?1");
        row.bind(1, held.stored.notification.id);
        taken.sequence = row.nextRow() ? row.integer(0) : 0;
        if (const Status status = row.status(); !status)
            return status.error();
    }
    if (taken.sequence == 0) {
        const Result<qint64> sequence
            = inboxqueries::insert(database, held.stored.notification, held.to, held.expiresAt);
        if (!sequence)
            return sequence.error();
        taken = { *sequence, true };
        Statement insert = database.prepare("INSERT OR IGNORE INTO inbox_taken_in (seq) VALUES (?1)");
        if (const Status status = insert.bind(1, taken.sequence).run(); !status)
            return status.error();
    }
    for (const QString &reader : held.readers) {
        if (const Result<bool> marked = inboxqueries::markRead(database, reader, taken.sequence); !marked)
            return marked.error();
    }
    return taken;
}

Status makeKnown(Database &database, const std::vector<std::pair<qint64, QString>> &users)
{
    for (const auto &[since, user] : users) {
        Statement insert
            = database.prepare("INSERT INTO known_user (user, since_seq) VALUES (?1, ?2) ON CONFLICT (user)"
                               " DO UPDATE SET since_seq = min(since_seq, excluded.since_seq)");
        if (Status status = insert.bind(1, user).bind(2, since).run(); !status)
            return status;
    }
    return ok();
}

} // namespace gatehouse::inboxhandover
