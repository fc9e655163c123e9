// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/control/auditlog.h"

#include <algorithm>
#include <limits>

#include <QtCore/QJsonArray>

#include "server/base/answeronce.h"
#include "server/base/onthread.h"
#include "server/store/columns.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kMaxPage = 1000;
constexpr qsizetype kMaxTextChars = 4096;
constexpr qsizetype kMaxEntriesOfAChange = 100;
constexpr int kMaxWaiting = 1000; ///< that are sent at once

Result<AuditPage> readPage(Database &database, qint64 below, const QString &action, int limit)
{
    AuditPage page;
    Statement row = database.prepare("SELECT id, at_ms, user, address, action, target, before, after, note, node"
                                     " FROM audit"
                                     " WHERE id < ?1 AND (?2 = '' OR action = ?2) ORDER BY id DESC LIMIT ?3");
    row.bind(1, below).bind(2, action).bind(3, qint64(limit) + 1);
    qint64 last = 0;
    while (row.nextRow()) {
        if (page.entries.size() == size_t(limit)) {
            page.nextCursor = QString::number(last); // there is at least one more
            break;
        }
        last = row.integer(0);
        page.entries.push_back(
            { fromEpochMillis(row.integer(1)), { row.text(2), row.text(3) }, row.text(4), row.text(5),
                jsoncolumn::valueIn(row.utf8(6)), jsoncolumn::valueIn(row.utf8(7)), row.text(8), row.text(9), {} });
    }
    if (const Status status = row.status(); !status)
        return status.error();
    return page;
}

} // namespace

QJsonObject AuditEntry::toJson() const
{
    QJsonObject object{
        { "at"_L1, isoMillis(at) },
        { "by"_L1, actor.user },
        { "address"_L1, actor.address },
        { "action"_L1, action },
        { "target"_L1, target },
        { "before"_L1, before },
        { "after"_L1, after },
        { "note"_L1, note },
    };
    if (!node.isEmpty())
        object.insert("node"_L1, node);
    return object;
}

QJsonObject AuditEntry::toControlJson() const
{
    QJsonObject object = toJson();
    object.insert("id"_L1, id);
    return object;
}

Result<AuditEntry> AuditEntry::fromControlJson(const QJsonObject &object)
{
    for (const QLatin1StringView name :
        { "by"_L1, "address"_L1, "action"_L1, "target"_L1, "note"_L1, "node"_L1, "id"_L1 }) {
        if (!object.value(name).isString() || object.value(name).toString().size() > kMaxTextChars)
            return Error{ u"%1 of an audit entry is no text of at most %2 characters"_s.arg(name).arg(kMaxTextChars),
                name };
    }
    const std::optional<UtcTime> at = parseIso(object.value("at"_L1).toString());
    if (!at)
        return Error{ u"at of an audit entry is no time"_s, u"at"_s };
    if (!isUlid(object.value("id"_L1).toString()))
        return Error{ u"id of an audit entry is no ULID"_s, u"id"_s };
    return AuditEntry{ *at, { object.value("by"_L1).toString(), object.value("address"_L1).toString() },
        object.value("action"_L1).toString(), object.value("target"_L1).toString(), object.value("before"_L1),
        object.value("after"_L1), object.value("note"_L1).toString(), object.value("node"_L1).toString(),
        object.value("id"_L1).toString() };
}

Result<std::vector<AuditEntry>> auditEntriesOf(const QJsonObject &payload)
{
    const QJsonValue member = payload.value("audit"_L1);
    std::vector<AuditEntry> entries;
    if (member.isUndefined())
        return entries;
    if (!member.isArray() || member.toArray().size() > kMaxEntriesOfAChange)
        return Error{ u"audit is no list of at most %1 entries"_s.arg(kMaxEntriesOfAChange), u"audit"_s };
    for (const QJsonValue &value : member.toArray()) {
        Result<AuditEntry> entry = AuditEntry::fromControlJson(value.toObject());
        if (!entry)
            return entry.error();
        entries.push_back(std::move(entry).value());
    }
    return entries;
}

std::optional<qint64> parseRowCursor(const QString &cursor)
{
    if (cursor.isEmpty())
        return std::numeric_limits<qint64>::max();
    bool isNumber = false;
    const qint64 row = cursor.toLongLong(&isNumber);
    return isNumber && row > 0 && QString::number(row) == cursor ? std::optional(row) : std::nullopt;
}

AuditLog::AuditLog(StoreThread &store, ControlLog &log, QObject &anchor)
    : m_store(store)
    , m_log(log)
    , m_anchor(anchor)
    , m_ids(UlidGenerator::withSystemEntropy())
{
    static constexpr ControlStorage kStorage{
        .check = [](const QJsonObject &) { return ok(); }, // a log checks and stores `audit` itself, of every kind
        .checkItem = [](const QString &id, const QJsonObject &) -> Status {
            return Error{ u"there are no items"_s, id };
        },
        .store = [](Database &, const ControlEntry &) { return ok(); },
        .replace = [](Database &, const ControlItems &) { return ok(); },
        .read = [](Database &) -> Result<ControlItems> { return ControlItems(); },
    };
    m_log.attach(ControlKind::Audit, kStorage, this);
}

AuditLog::~AuditLog()
{
    m_log.leave(ControlKind::Audit);
}

Status AuditLog::createTables(Database &database)
{
    Status status = database.execute(
        "CREATE TABLE IF NOT EXISTS audit (id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL,"
        " user TEXT NOT NULL, address TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL,"
        " before TEXT NOT NULL, after TEXT NOT NULL, note TEXT NOT NULL);"
        "CREATE INDEX IF NOT EXISTS audit_by_age ON audit (at_ms);"
        "CREATE TABLE IF NOT EXISTS audit_waiting (id TEXT PRIMARY KEY, entry TEXT NOT NULL) WITHOUT ROWID");
    if (status)
        status = addColumns(database, u"audit"_s, u"node"_s,
            "ALTER TABLE audit ADD COLUMN node TEXT NOT NULL DEFAULT '';"
            "ALTER TABLE audit ADD COLUMN shared_id TEXT;");
    return status ? database.execute("CREATE UNIQUE INDEX IF NOT EXISTS audit_shared ON audit (shared_id)") : status;
}

Status AuditLog::insert(Database &database, const AuditEntry &entry)
{
    Statement statement = database.prepare("INSERT INTO audit (at_ms, user, address, action, target, before, after,"
                                           " note, node, shared_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                                           " ON CONFLICT (shared_id) DO NOTHING");
    if (entry.id.isEmpty())
        statement.bindNull(10);
    else
        statement.bind(10, entry.id);
    return statement.bind(1, toEpochMillis(entry.at))
        .bind(2, entry.actor.user)
        .bind(3, entry.actor.address)
        .bind(4, entry.action)
        .bind(5, entry.target)
        .bind(6, jsoncolumn::ofValue(entry.before))
        .bind(7, jsoncolumn::ofValue(entry.after))
        .bind(8, entry.note)
        .bind(9, entry.node)
        .run();
}

void AuditLog::append(AuditEntry entry, std::function<void(const Status &)> done)
{
    entry.id = m_ids.next(entry.at);
    entry.node = m_log.node();
    const QJsonObject json = entry.toControlJson();
    if (!m_log.isAvailable()) {
        keep(entry.id, json, std::move(done));
        return;
    }
    send(json, [=, this, id = entry.id, done = std::move(done)](const Result<ControlEntry> &appended) {
        // It may come twice: once from here, and once from the log that did not answer. It has an id.
        if (!appended)
            keep(id, json, done);
        else
            done(ok());
    });
}

void AuditLog::send(const QJsonObject &entry, Sent sent)
{
    m_log.append({ ControlKind::Audit, {}, { { "audit"_L1, QJsonArray{ entry } } }, {} },
        [sent = std::move(sent), self = QPointer(this)](const Result<ControlEntry> &appended) {
            if (self)
                sent(appended);
        });
}

/// The entry waits in the state file until it is in the log, so that neither a crash nor the log's absence loses it.
void AuditLog::keep(const QString &id, const QJsonObject &entry, std::function<void(const Status &)> done)
{
    m_store.write(
        [id, entry](Database &database) {
            return database.prepare("INSERT OR REPLACE INTO audit_waiting (id, entry) VALUES (?, ?)")
                .bind(1, id)
                .bind(2, jsoncolumn::ofObject(entry))
                .run();
        },
        onThreadOf(m_anchor, this, std::move(done)));
}

void AuditLog::joined()
{
    m_store.read(
        [found = onThreadOf(m_anchor, this, [this](const auto &kept) { sendKept(kept); })](Database &database) {
            std::vector<std::pair<QString, QJsonObject>> kept;
            Statement row = database.prepare("SELECT id, entry FROM audit_waiting ORDER BY id LIMIT ?");
            row.bind(1, qint64(kMaxWaiting));
            while (row.nextRow())
                kept.emplace_back(row.text(0), jsoncolumn::objectIn(row.text(1)));
            found(kept);
        });
}

void AuditLog::sendKept(const std::vector<std::pair<QString, QJsonObject>> &kept)
{
    for (const auto &[id, entry] : kept) {
        send(entry, [this, id = id](const Result<ControlEntry> &appended) {
            if (!appended)
                return; // it is tried again when the log can be appended to again
            m_store.write([id](Database &database) {
                return database.prepare("DELETE FROM audit_waiting WHERE id = ?").bind(1, id).run();
            });
        });
    }
}

void AuditLog::takeEntries(const std::vector<ControlEntry> &, std::function<void()> done)
{
    done();
}

void AuditLog::takeItems(const ControlItems &, std::function<void()> done)
{
    done();
}

void AuditLog::deleteOld(UtcTime now, std::chrono::days retention)
{
    const UtcTime oldest = now - std::max(retention, kMinRetention);
    m_store.write([oldest](Database &database) {
        return database.prepare("DELETE FROM audit WHERE at_ms < ?").bind(1, toEpochMillis(oldest)).run();
    });
}

void AuditLog::list(
    const QString &cursor, const QString &action, int limit, std::function<void(Result<AuditPage>)> done)
{
    const std::optional<qint64> below = parseRowCursor(cursor);
    const int count = std::clamp(limit, 1, kMaxPage);
    const auto answer = answerOnce<Result<AuditPage>>(onThreadOf(m_anchor, std::move(done)));
    const auto work = [answer, below, action, count](Database &database) {
        answer(below ? readPage(database, *below, action, count)
                     : Result<AuditPage>(Error{ u"the cursor is not one of this list"_s, u"cursor"_s }));
    };
    m_store.read(work, answer);
}

} // namespace gatehouse
