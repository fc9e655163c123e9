// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/auditlog.h"

#include <algorithm>
#include <limits>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kMaxPage = 1000;

/// JSON documents are objects or arrays only: any value is stored as the one element of an array.
QString packed(const QJsonValue &value)
{
    return QString::fromUtf8(QJsonDocument(QJsonArray{ value }).toJson(QJsonDocument::Compact));
}

QJsonValue unpacked(const QString &text)
{
    return QJsonDocument::fromJson(text.toUtf8()).array().at(0);
}

Result<AuditPage> readPage(Database &database, qint64 below, int limit)
{
    AuditPage page;
    Statement row = database.prepare("SELECT id, at_ms, user, address, action, target, before, after, note FROM audit"
                                     " WHERE id < ? ORDER BY id DESC LIMIT ?");
    row.bind(1, below).bind(2, qint64(limit) + 1);
    qint64 last = 0;
    while (row.nextRow()) {
        if (page.entries.size() == size_t(limit)) {
            page.nextCursor = QString::number(last); // there is at least one more
            break;
        }
        last = row.integer(0);
        page.entries.push_back({ fromEpochMillis(row.integer(1)), { row.text(2), row.text(3) }, row.text(4),
            row.text(5), unpacked(row.text(6)), unpacked(row.text(7)), row.text(8) });
    }
    if (const Status status = row.status(); !status)
        return status.error();
    return page;
}

} // namespace

QJsonObject AuditEntry::toJson() const
{
    return {
        { "at"_L1, isoMillis(at) },
        { "by"_L1, actor.user },
        { "address"_L1, actor.address },
        { "action"_L1, action },
        { "target"_L1, target },
        { "before"_L1, before },
        { "after"_L1, after },
        { "note"_L1, note },
    };
}

std::optional<qint64> parseRowCursor(const QString &cursor)
{
    if (cursor.isEmpty())
        return std::numeric_limits<qint64>::max();
    bool isNumber = false;
    const qint64 row = cursor.toLongLong(&isNumber);
    return isNumber && row > 0 && QString::number(row) == cursor ? std::optional(row) : std::nullopt;
}

AuditLog::AuditLog(StoreThread &store, QObject &anchor)
    : m_store(store)
    , m_anchor(anchor)
{
}

Status AuditLog::createTables(Database &database)
{
    return database.execute(
        "CREATE TABLE IF NOT EXISTS audit (id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL,"
        " user TEXT NOT NULL, address TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL,"
        " before TEXT NOT NULL, after TEXT NOT NULL, note TEXT NOT NULL);"
        "CREATE INDEX IF NOT EXISTS audit_by_age ON audit (at_ms)");
}

Status AuditLog::insert(Database &database, const AuditEntry &entry)
{
    return database
        .prepare("INSERT INTO audit (at_ms, user, address, action, target, before, after, note)"
                 " VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(1, toEpochMillis(entry.at))
        .bind(2, entry.actor.user)
        .bind(3, entry.actor.address)
        .bind(4, entry.action)
        .bind(5, entry.target)
        .bind(6, packed(entry.before))
        .bind(7, packed(entry.after))
        .bind(8, entry.note)
        .run();
}

void AuditLog::append(AuditEntry entry, std::function<void(const Status &)> done)
{
    m_store.write([entry = std::move(entry)](Database &database) { return insert(database, entry); },
        [anchor = &m_anchor, done = std::move(done)](const Status &status) {
            if (done)
                QMetaObject::invokeMethod(
                    anchor, [done, status] { done(status); }, Qt::QueuedConnection);
        });
}

void AuditLog::deleteOld(UtcTime now, std::chrono::days retention)
{
    const UtcTime oldest = now - std::max(retention, kMinRetention);
    m_store.write([oldest](Database &database) {
        return database.prepare("DELETE FROM audit WHERE at_ms < ?").bind(1, toEpochMillis(oldest)).run();
    });
}

void AuditLog::list(const QString &cursor, int limit, std::function<void(Result<AuditPage>)> done)
{
    const std::optional<qint64> below = parseRowCursor(cursor);
    const int count = std::clamp(limit, 1, kMaxPage);
    m_store.read([anchor = &m_anchor, below, count, done = std::move(done)](Database &database) {
        Result<AuditPage> page = below
            ? readPage(database, *below, count)
            : Result<AuditPage>(Error{ u"the cursor is not one of this list"_s, u"cursor"_s });
        QMetaObject::invokeMethod(
            anchor, [done, page = std::move(page)] { done(page); }, Qt::QueuedConnection);
    });
}

} // namespace gatehouse
