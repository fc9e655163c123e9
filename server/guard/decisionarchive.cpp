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
CREATE TABLE IF NOT EXISTS decisions_left_out (
    at_s INTEGER PRIMARY KEY,
    count INTEGER NOT NULL
);
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

/// What bindFilter() binds. LIKE folds ASCII, as Decision::mentions() does.
constexpr char kMatching[]
    = "FROM decisions WHERE id >= ?1 AND id < ?2 AND (?3 = '' OR guard = ?3) AND (?4 = '' OR instr(',' || ?4 || ',', "
      "',' || reason || ',') > 0) "
      "AND (?5 = '' OR address = ?5) AND (?6 = '' OR user = ?6) AND (?7 = '' OR origin = ?7) "
      "AND (?8 = '' OR token = ?8) AND (?9 = '' OR address LIKE ?9 ESCAPE '!' "
      "OR user LIKE ?9 ESCAPE '!' OR origin LIKE ?9 ESCAPE '!' OR token LIKE ?9 ESCAPE '!' "
      "OR detail LIKE ?9 ESCAPE '!' OR id LIKE ?9 ESCAPE '!') ";

QString likePattern(QString text)
{
    if (text.isEmpty())
        return {};
    for (const QChar special : { u'!', u'%', u'_' })
        text.replace(special, QString(u'!') + special);
    return u'%' + text + u'%';
}

/// One that is asked for by its id is found as a range of nothing but that id: no ULID has a '!' in it, or before it.
void bindFilter(Statement &row, const DecisionFilter &filter, const QString &before)
{
    QString begin = filter.from ? firstIdOf(*filter.from) : QString();
    QString end = filter.to ? firstIdOf(*filter.to) : QString::fromLatin1(kBeyondAllIds);
    if (!before.isEmpty())
        end = std::min(end, before);
    if (!filter.id.isEmpty()) {
        begin = std::max(begin, filter.id);
        end = std::min(end, QString(filter.id + u'!'));
    }
    row.bind(1, begin).bind(2, end);
    row.bind(3, filter.guard).bind(4, filter.reason).bind(5, filter.address).bind(6, filter.user);
    row.bind(7, filter.origin).bind(8, filter.token).bind(9, likePattern(filter.text));
}

Result<qint64> numberOf(Statement &row)
{
    const qint64 number = row.nextRow() ? row.integer(0) : 0;
    if (const Status status = row.status(); !status)
        return status.error();
    return number;
}

Result<qint64> leftOutOf(Database &database, const SecondRange &range)
{
    Statement row
        = database.prepare("SELECT COALESCE(SUM(count), 0) FROM decisions_left_out WHERE at_s >= ? AND at_s < ?");
    row.bind(1, range.from).bind(2, range.to);
    return numberOf(row);
}

Result<DecisionArchive::Found> select(
    Database &database, const DecisionFilter &filter, const QString &before, int limit)
{
    static const QByteArray kRows = QByteArray("SELECT id, at_ms, guard, reason, address, user, origin, token, "
                                               "limit_value, observed, retry_after, enforced, detail ")
        + kMatching + "ORDER BY id DESC LIMIT ?10";
    static const QByteArray kTotal = QByteArray("SELECT COUNT(*) FROM (SELECT 1 ") + kMatching + "LIMIT ?10)";
    DecisionArchive::Found found;
    {
        Statement row = database.prepare(kRows.constData());
        bindFilter(row, filter, before);
        row.bind(10, qint64(limit));
        while (row.nextRow()) {
            if (std::optional<Decision> decision = readDecision(row))
                found.decisions.push_back(*std::move(decision));
        }
        if (const Status status = row.status(); !status)
            return status.error();
    }
    Statement row = database.prepare(kTotal.constData());
    bindFilter(row, filter, {});
    row.bind(10, DecisionArchive::kMaxCounted);
    const Result<qint64> total = numberOf(row);
    const Result<qint64> leftOut = leftOutOf(database, { filter.from, filter.to });
    if (!total || !leftOut)
        return total ? leftOut.error() : total.error();
    found.total = *total;
    found.leftOut = *leftOut;
    return found;
}

/// Of the oldest portion of seconds, those before the oldest decision that may stay, and those that are too many.
Status deleteLeftOut(Database &database, UtcTime oldest)
{
    Statement statement = database.prepare(
        "DELETE FROM decisions_left_out WHERE at_s IN (SELECT at_s FROM decisions_left_out ORDER BY at_s LIMIT ?1) AND "
        "(at_s < ?2 OR at_s <= (SELECT at_s FROM decisions_left_out ORDER BY at_s DESC LIMIT 1 OFFSET ?3))");
    statement.bind(1, DecisionArchive::kPortionRows);
    statement.bind(2, SecondRange::secondOf(oldest));
    return statement.bind(3, DecisionArchive::kMaxSeconds).run();
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

Result<DecisionCounts> selectTop(Database &database, DecisionKey key, UtcTime from, UtcTime to, int limit)
{
    DecisionCounts result;
    {
        Statement row = database.prepare(topSql(key));
        row.bind(1, firstIdOf(from)).bind(2, firstIdOf(to)).bind(3, qint64(limit));
        while (row.nextRow())
            result.counts.push_back({ row.text(0), row.integer(1) });
        if (const Status status = row.status(); !status)
            return status.error();
    }
    Statement row = database.prepare("SELECT COUNT(*) FROM decisions WHERE id >= ? AND id < ?");
    row.bind(1, firstIdOf(from)).bind(2, firstIdOf(to));
    const Result<qint64> total = numberOf(row);
    if (!total)
        return total.error();
    result.total = *total;
    return result;
}

/// First whether all is there, which costs little: what is counted is read once.
Result<DecisionArchive::Top> selectAllOrBefore(Database &database, const DecisionArchive::TopQuery &query)
{
    constexpr int kMostBefore = 1000; // who is third there may be first of all
    const UtcTime split = std::min(query.split, query.to);
    const Result<qint64> leftOut = leftOutOf(database, { query.from, query.to });
    // Within the second of the split, what was left out was so behind it.
    const Result<qint64> before = leftOutOf(database, { query.from, std::chrono::floor<std::chrono::seconds>(split) });
    if (!leftOut || !before)
        return leftOut ? before.error() : leftOut.error();
    const bool isAll = *leftOut == 0 && !query.isMissingSome;
    Result<DecisionCounts> counts
        = selectTop(database, query.key, query.from, isAll ? query.to : split, isAll ? query.limit : kMostBefore);
    if (!counts)
        return counts.error();
    counts->isExact = isAll || *before == 0;
    return DecisionArchive::Top{ *std::move(counts), isAll };
}

} // namespace

/// Without a copy of any text: a query asks it of each decision in memory.
bool DecisionFilter::matches(const Decision &decision) const
{
    if ((from && decision.at < *from) || (to && decision.at >= *to))
        return false;
    const ReasonDescriptor &descriptor = reasonDescriptor(decision.reason);
    const auto fits = [](const QString &wanted, const auto &value) { return wanted.isEmpty() || wanted == value; };
    const auto isOneOf = [](const QString &wanted, QLatin1StringView code) {
        for (const QStringView one : qTokenize(wanted, u',')) {
            if (one == code)
                return true;
        }
        return wanted.isEmpty();
    };
    return fits(guard, descriptor.guard) && isOneOf(reason, descriptor.code) && fits(address, decision.address)
        && fits(user, decision.user) && fits(origin, decision.origin) && fits(token, decision.tokenFingerprint)
        && fits(id, decision.id) && decision.mentions(text);
}

SecondRange::SecondRange(std::optional<UtcTime> begin, std::optional<UtcTime> end)
{
    using std::chrono::seconds;
    if (begin)
        from = secondOf(*begin);
    if (end)
        to = std::chrono::ceil<seconds>(*end).time_since_epoch().count();
}

qint64 SecondRange::secondOf(UtcTime time)
{
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

struct DecisionArchive::Rows
{
    qint64 most;
    std::optional<qint64> count{}; ///< nullopt: not counted yet. What was rolled back may be in it, which does no harm
    qint64 deleted = 0;            ///< by the last portion
    qint64 forgotten = 0;          ///< seconds of what was left out, by the last portion

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

void DecisionArchive::append(std::vector<Decision> decisions, LeftOut leftOut, NotStored notStored)
{
    struct Batch
    {
        std::vector<Decision> decisions;
        LeftOut leftOut;
    };
    const auto batch = std::make_shared<Batch>(Batch{ std::move(decisions), std::move(leftOut) });
    const auto work = [batch, rows = m_rows](Database &database) {
        for (const Decision &decision : batch->decisions) {
            if (Status status = insert(database, decision); !status)
                return status;
            rows->add(database.changes());
        }
        for (const auto &[second, count] : batch->leftOut) {
            Statement statement = database.prepare("INSERT INTO decisions_left_out (at_s, count) VALUES (?, ?) "
                                                   "ON CONFLICT (at_s) DO UPDATE SET count = count + excluded.count");
            if (Status status = statement.bind(1, second).bind(2, count).run(); !status)
                return status;
        }
        return ok();
    };
    m_store.write(work, [batch, notStored = std::move(notStored)](const Status &status) {
        if (status || !notStored)
            return;
        for (const Decision &decision : batch->decisions)
            ++batch->leftOut[SecondRange::secondOf(decision.at)];
        notStored(batch->leftOut);
    });
}

void DecisionArchive::load(
    const DecisionFilter &filter, const QString &before, int limit, std::function<void(Result<Found>)> done)
{
    const auto answer = answerOnce<Result<Found>>(std::move(done));
    m_store.read(
        [filter, before, limit, answer](Database &database) { answer(select(database, filter, before, limit)); },
        answer);
}

void DecisionArchive::loadTop(const TopQuery &query, std::function<void(Result<Top>)> done)
{
    const auto answer = answerOnce<Result<Top>>(std::move(done));
    m_store.read([query, answer](Database &database) { answer(selectAllOrBefore(database, query)); }, answer);
}

void DecisionArchive::deleteOld(UtcTime now)
{
    deletePortion(m_store, m_rows, now - std::chrono::hours(24 * m_retentionDays));
}

void DecisionArchive::deletePortion(StoreThread &store, const std::shared_ptr<Rows> &rows, UtcTime oldest)
{
    const auto work = [rows, oldest](Database &database) {
        rows->deleted = 0;
        rows->forgotten = 0;
        rows->countOnce(database);
        // Of the oldest portion, what is too old or too much.
        Statement statement
            = database.prepare("DELETE FROM decisions WHERE id IN (SELECT id FROM decisions ORDER BY id LIMIT ?1) AND "
                               "(id < ?2 OR id IN (SELECT id FROM decisions ORDER BY id LIMIT ?3))");
        Status status = statement.bind(1, kPortionRows).bind(2, firstIdOf(oldest)).bind(3, rows->tooMany()).run();
        if (!status)
            return status;
        rows->deleted = database.changes();
        status = deleteLeftOut(database, oldest);
        rows->forgotten = status ? database.changes() : 0;
        return status;
    };
    store.write(work, [&store, rows, oldest](const Status &status) {
        if (status)
            rows->add(-rows->deleted);
        if (status && (rows->deleted == kPortionRows || rows->forgotten == kPortionRows))
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
