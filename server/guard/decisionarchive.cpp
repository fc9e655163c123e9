// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/decisionarchive.h"

#include <algorithm>

#include "server/base/answeronce.h"
#include "server/store/columns.h"
#include "server/store/filespace.h"
#include "shared/util/isotime.h"
#include "shared/util/ulid.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

// Ids are ULIDs: their order is the order in time, so that the primary key serves paging and time ranges alike.
constexpr char kSchema[] = R"(
CREATE TABLE IF NOT EXISTS decisions (
    id TEXT PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    guard TEXT NOT NULL,
    reason TEXT NOT NULL,
    address TEXT NOT NULL,
    user TEXT NOT NULL,
    origin TEXT NOT NULL,
    token TEXT NOT NULL, -- fingerprint
    limit_value INTEGER,
    observed INTEGER,
    retry_after INTEGER,
    enforced INTEGER NOT NULL,
    detail TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
)";

constexpr char kBeyondAllIds[] = "~"; ///< sorts behind every ULID

/// The smallest id that a decision of that time can have.
QString firstIdOf(UtcTime time)
{
    UlidGenerator floor([](std::array<quint8, 10> &bytes) { bytes.fill(0); });
    return floor.next(std::max(time, UtcTime{}));
}

void bindOptional(Statement &statement, int position, const std::optional<qint64> &value)
{
    if (value)
        statement.bind(position, *value);
    else
        statement.bindNull(position);
}

Status insert(Database &database, const Decision &decision)
{
    const ReasonDescriptor &descriptor = reasonDescriptor(decision.reason);
    Statement statement = database.prepare(
        "INSERT OR IGNORE INTO decisions (id, at_ms, guard, reason, address, user, origin, token, limit_value, "
        "observed, retry_after, enforced, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    statement.bind(1, decision.id).bind(2, toEpochMillis(decision.at));
    statement.bind(3, QString(descriptor.guard)).bind(4, QString(descriptor.code));
    statement.bind(5, decision.address).bind(6, decision.user).bind(7, decision.origin);
    statement.bind(8, decision.tokenFingerprint);
    bindOptional(statement, 9, decision.limit);
    bindOptional(statement, 10, decision.observed);
    bindOptional(statement, 11, decision.retryAfterSeconds);
    statement.bind(12, qint64(decision.isEnforced)).bind(13, decision.detail);
    return statement.run();
}

std::optional<qint64> optionalInteger(const Statement &row, int column)
{
    return row.isNull(column) ? std::nullopt : std::optional(row.integer(column));
}

/// nullopt for a reason that only another version knows.
std::optional<Decision> readDecision(const Statement &row)
{
    const std::optional<Reason> reason = parseReason(row.text(3), row.text(2));
    if (!reason)
        return std::nullopt;
    Decision decision;
    decision.id = row.text(0);
    decision.at = fromEpochMillis(row.integer(1));
    decision.reason = *reason;
    decision.address = row.text(4);
    decision.user = row.text(5);
    decision.origin = row.text(6);
    decision.tokenFingerprint = row.text(7);
    decision.limit = optionalInteger(row, 8);
    decision.observed = optionalInteger(row, 9);
    decision.retryAfterSeconds = optionalInteger(row, 10);
    decision.isEnforced = row.integer(11) != 0;
    decision.detail = row.text(12);
    return decision;
}

Result<std::vector<Decision>> select(Database &database, const DecisionFilter &filter, const QString &before, int limit)
{
    Statement row = database.prepare(
        "SELECT id, at_ms, guard, reason, address, user, origin, token, limit_value, observed, retry_after, enforced, "
        "detail FROM decisions WHERE id >= ?1 AND id < ?2 AND (?3 = '' OR guard = ?3) AND (?4 = '' OR reason = ?4) "
        "AND (?5 = '' OR address = ?5) AND (?6 = '' OR user = ?6) ORDER BY id DESC LIMIT ?7");
    QString end = filter.to ? firstIdOf(*filter.to) : QString::fromLatin1(kBeyondAllIds);
    if (!before.isEmpty())
        end = std::min(end, before);
    row.bind(1, filter.from ? firstIdOf(*filter.from) : QString()).bind(2, end);
    row.bind(3, filter.guard)
        .bind(4, filter.reason)
        .bind(5, filter.address)
        .bind(6, filter.user)
        .bind(7, qint64(limit));
    std::vector<Decision> decisions;
    while (row.nextRow()) {
        if (std::optional<Decision> decision = readDecision(row))
            decisions.push_back(*std::move(decision));
    }
    if (const Status status = row.status(); !status)
        return status.error();
    return decisions;
}

/// One literal for each, so that the statement cache can tell them apart.
const char *topSql(DecisionKey key)
{
    switch (key) {
    case DecisionKey::Address:
        return "SELECT address, COUNT(*) AS n FROM decisions WHERE id >= ? AND id < ? AND address <> '' "
               "GROUP BY address ORDER BY n DESC, address LIMIT ?";
    case DecisionKey::User:
        return "SELECT user, COUNT(*) AS n FROM decisions WHERE id >= ? AND id < ? AND user <> '' "
               "GROUP BY user ORDER BY n DESC, user LIMIT ?";
    case DecisionKey::Origin:
        return "SELECT origin, COUNT(*) AS n FROM decisions WHERE id >= ? AND id < ? AND origin <> '' "
               "GROUP BY origin ORDER BY n DESC, origin LIMIT ?";
    case DecisionKey::Reason:
        break;
    }
    return "SELECT reason, COUNT(*) AS n FROM decisions WHERE id >= ? AND id < ? "
           "GROUP BY reason ORDER BY n DESC, reason LIMIT ?";
}

} // namespace

bool DecisionFilter::matches(const Decision &decision) const
{
    const ReasonDescriptor &descriptor = reasonDescriptor(decision.reason);
    return (guard.isEmpty() || guard == descriptor.guard) && (reason.isEmpty() || reason == descriptor.code)
        && (address.isEmpty() || address == decision.address) && (user.isEmpty() || user == decision.user)
        && (!from || decision.at >= *from) && (!to || decision.at < *to);
}

std::optional<DecisionKey> parseDecisionKey(QByteArrayView text)
{
    if (text == "address")
        return DecisionKey::Address;
    if (text == "user")
        return DecisionKey::User;
    if (text == "origin")
        return DecisionKey::Origin;
    if (text == "reason")
        return DecisionKey::Reason;
    return std::nullopt;
}

QString decisionValue(const Decision &decision, DecisionKey key)
{
    switch (key) {
    case DecisionKey::Address:
        return decision.address;
    case DecisionKey::User:
        return decision.user;
    case DecisionKey::Origin:
        return decision.origin;
    case DecisionKey::Reason:
        break;
    }
    return reasonDescriptor(decision.reason).code;
}

struct DecisionArchive::Rows
{
    qint64 most;
    std::optional<qint64> count{}; ///< nullopt: not counted yet. What was rolled back may be in it, which does no harm
    qint64 deleted = 0;            ///< by the last portion

    [[nodiscard]] qint64 tooMany() const { return std::clamp<qint64>(count.value_or(0) - most, 0, kPortionRows); }
    void add(qint64 added)
    {
        if (count)
            *count += added;
    }
    /// It reads the whole table: once is enough.
    void countOnce(Database &database)
    {
        if (count)
            return;
        if (Statement row = database.prepare("SELECT COUNT(*) FROM decisions"); row.nextRow())
            count = row.integer(0);
    }
};

DecisionArchive::DecisionArchive(StoreThread &store, int retentionDays, qint64 maxRows)
    : m_store(store)
    , m_retentionDays(std::max(1, retentionDays))
    , m_rows(std::make_shared<Rows>(Rows{ maxRows }))
{
}

Status DecisionArchive::createTables(Database &database)
{
    const Status status = database.execute(kSchema);
    return status ? addColumns(database, u"decisions"_s, u"detail"_s,
               "ALTER TABLE decisions ADD COLUMN detail TEXT NOT NULL DEFAULT ''")
                  : status;
}

void DecisionArchive::append(std::vector<Decision> decisions)
{
    m_store.write([decisions = std::move(decisions), rows = m_rows](Database &database) {
        for (const Decision &decision : decisions) {
            if (Status status = insert(database, decision); !status)
                return status;
            rows->add(database.changes());
        }
        return ok();
    });
}

void DecisionArchive::load(const DecisionFilter &filter, const QString &before, int limit,
    std::function<void(Result<std::vector<Decision>>)> done)
{
    const auto answer = answerOnce<Result<std::vector<Decision>>>(std::move(done));
    m_store.read(
        [filter, before, limit, answer](Database &database) { answer(select(database, filter, before, limit)); },
        answer);
}

void DecisionArchive::loadTop(
    DecisionKey key, UtcTime from, UtcTime to, int limit, std::function<void(Result<std::vector<DecisionCount>>)> done)
{
    const auto answer = answerOnce<Result<std::vector<DecisionCount>>>(std::move(done));
    const auto work = [=](Database &database) {
        Statement row = database.prepare(topSql(key));
        row.bind(1, firstIdOf(from)).bind(2, firstIdOf(to)).bind(3, qint64(limit));
        std::vector<DecisionCount> counts;
        while (row.nextRow())
            counts.push_back({ row.text(0), row.integer(1) });
        if (const Status status = row.status(); !status)
            answer(status.error());
        else
            answer(std::move(counts));
    };
    m_store.read(work, answer);
}

void DecisionArchive::deleteOld(UtcTime now)
{
    deletePortion(m_store, m_rows, firstIdOf(now - std::chrono::hours(24 * m_retentionDays)));
}

void DecisionArchive::deletePortion(StoreThread &store, const std::shared_ptr<Rows> &rows, const QString &oldest)
{
    const auto work = [rows, oldest](Database &database) {
        rows->deleted = 0;
        rows->countOnce(database);
        // Of the oldest portion, what is too old or too much.
        Statement statement
            = database.prepare("DELETE FROM decisions WHERE id IN (SELECT id FROM decisions ORDER BY id LIMIT ?1) AND "
                               "(id < ?2 OR id IN (SELECT id FROM decisions ORDER BY id LIMIT ?3))");
        const Status status = statement.bind(1, kPortionRows).bind(2, oldest).bind(3, rows->tooMany()).run();
        if (status)
            rows->deleted = database.changes();
        return status;
    };
    store.write(work, [&store, rows, oldest](const Status &status) {
        if (status)
            rows->add(-rows->deleted);
        if (status && rows->deleted == kPortionRows)
            deletePortion(store, rows, oldest);
        else
            filespace::giveBack(store);
    });
}

qint64 DecisionArchive::bytesOf(const Decision &decision)
{
    constexpr qint64 kAround = 90; // id, moment, reason, numbers, and what SQLite needs for them
    qint64 bytes = kAround;
    for (const QString *text :
        { &decision.address, &decision.user, &decision.origin, &decision.tokenFingerprint, &decision.detail })
        bytes += text->toUtf8().size();
    return bytes;
}

} // namespace gatehouse
