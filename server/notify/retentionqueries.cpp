// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/notify/retentionqueries.h"

#include "server/notify/sqlitenotificationstore.h"
#include "shared/util/isotime.h"

namespace gatehouse::retentionqueries {

namespace {

Result<std::vector<qint64>> readSequences(Statement &query)
{
    std::vector<qint64> sequences;
    while (query.nextRow())
        sequences.push_back(query.integer(0));
    if (const Status status = query.status(); !status)
        return status.error();
    return sequences;
}

/// Runs statements whose one parameter is a sequence.
Status runEach(Database &database, std::initializer_list<const char *> statements, qint64 sequence)
{
    Status status = ok();
    for (const char *sql : statements) {
        if (status)
            status = database.prepare(sql).bind(1, sequence).run();
    }
    return status;
}

constexpr const char *kRaiseFloors
    = "INSERT INTO history_floor (kind, target, seq) SELECT kind, target, seq FROM audience WHERE seq = ?1"
      " ON CONFLICT (kind, target) DO UPDATE SET seq = max(seq, excluded.seq)";
constexpr const char *kDeleteAudience = "DELETE FROM audience WHERE seq = ?1";
constexpr const char *kDeleteMarks = "DELETE FROM read_mark WHERE seq = ?1";
constexpr const char *kDeleteTakenIn = "DELETE FROM inbox_taken_in WHERE seq = ?1";
constexpr const char *kDeleteNotification = "DELETE FROM notification WHERE seq = ?1";

/// The first target behind another, found by the primary key without a scan.
Result<std::optional<Target>> nextTarget(Database &database, const Target &previous)
{
    Statement query = database.prepare(
        "SELECT kind, target FROM audience WHERE (kind, target) > (?1, ?2) ORDER BY kind, target LIMIT 1");
    query.bind(1, previous.first).bind(2, previous.second);
    std::optional<Target> next;
    if (query.nextRow())
        next = Target(query.integer(0), query.text(1));
    if (const Status status = query.status(); !status)
        return status.error();
    return next;
}

Status takeOut(Database &database, const Target &target, qint64 sequence)
{
    Status status = database
                        .prepare("INSERT INTO history_floor (kind, target, seq) VALUES (?1, ?2, ?3)"
                                 " ON CONFLICT (kind, target) DO UPDATE SET seq = max(seq, excluded.seq)")
                        .bind(1, target.first)
                        .bind(2, target.second)
                        .bind(3, sequence)
                        .run();
    if (status)
        status = database.prepare("DELETE FROM audience WHERE kind = ?1 AND target = ?2 AND seq = ?3")
                     .bind(1, target.first)
                     .bind(2, target.second)
                     .bind(3, sequence)
                     .run();
    if (!status)
        return status;
    bool isOthersToo = false;
    {
        Statement others = database.prepare("SELECT 1 FROM audience WHERE seq = ?1");
        others.bind(1, sequence);
        isOthersToo = others.nextRow();
        status = others.status();
    }
    return status && !isOthersToo ? runEach(database, { kDeleteMarks, kDeleteTakenIn, kDeleteNotification }, sequence)
                                  : status;
}

/// Deletes up to `limit` of what one target has too many; the number.
Result<qint64> trimTarget(Database &database, const Target &target, qint64 limit)
{
    // One beyond the bound stays, so that the inbox still says that it is truncated.
    Statement query = database.prepare("SELECT seq FROM audience WHERE kind = ?1 AND target = ?2 AND seq <"
                                       " (SELECT seq FROM audience WHERE kind = ?1 AND target = ?2"
                                       " ORDER BY seq DESC LIMIT 1 OFFSET ?3) ORDER BY seq LIMIT ?4");
    query.bind(1, target.first).bind(2, target.second).bind(3, kMaxUnreadPerUser).bind(4, limit);
    const Result<std::vector<qint64>> sequences = readSequences(query);
    if (!sequences)
        return sequences.error();
    for (const qint64 sequence : *sequences) {
        if (const Status status = takeOut(database, target, sequence); !status)
            return status.error();
    }
    return qint64(sequences->size());
}

} // namespace

Result<qint64> purge(Database &database, UtcTime now, qint64 limit)
{
    Statement findExpired = database.prepare("SELECT seq FROM notification WHERE expires_ms <= ?1 LIMIT ?2");
    findExpired.bind(1, toEpochMillis(now)).bind(2, limit);
    const Result<std::vector<qint64>> expired = readSequences(findExpired);
    if (!expired)
        return expired.error();
    for (const qint64 sequence : *expired) { // nobody has missed them: no floor
        const Status status
            = runEach(database, { kDeleteAudience, kDeleteMarks, kDeleteTakenIn, kDeleteNotification }, sequence);
        if (!status)
            return status.error();
    }
    Statement findOld = database.prepare("SELECT seq FROM notification WHERE created_ms <= ?1 LIMIT ?2");
    findOld.bind(1, toEpochMillis(now - kInboxRetention)).bind(2, limit - qint64(expired->size()));
    const Result<std::vector<qint64>> old = readSequences(findOld);
    if (!old)
        return old.error();
    for (const qint64 sequence : *old) {
        const Status status = runEach(
            database, { kRaiseFloors, kDeleteAudience, kDeleteMarks, kDeleteTakenIn, kDeleteNotification }, sequence);
        if (!status)
            return status.error();
    }
    return qint64(expired->size() + old->size());
}

Result<std::optional<Target>> trim(Database &database, const Target &previous, qint64 limit)
{
    Target last = previous;
    for (qint64 deleted = 0, targets = 0; targets < limit && deleted < limit; ++targets) {
        const Result<std::optional<Target>> next = nextTarget(database, last);
        if (!next || !*next)
            return next;
        const Result<qint64> count = trimTarget(database, **next, limit - deleted);
        if (!count)
            return count.error();
        deleted += *count;
        if (deleted == limit)
            return std::optional(last); // the same target again: it may have more
        last = **next;
    }
    return std::optional(last);
}

} // namespace gatehouse::retentionqueries
