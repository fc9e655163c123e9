// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <vector>

#include <QtCore/QJsonObject>
#include <QtCore/QObject>

#include "server/store/storethread.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// Who asks for a change, for revisions and audit.
struct Actor
{
    QString user;
    QString address;
};

/// One change that somebody made, as GET audit answers it.
struct AuditEntry
{
    UtcTime at{};
    Actor actor;
    QString action;   ///< what was done: "limits.edit", "connection.kick", …
    QString target{}; ///< to what: a revision, a connection's id; may be empty
    QJsonValue before{};
    QJsonValue after{};
    QString note{};

    [[nodiscard]] QJsonObject toJson() const;
};

/// A part of the list, newest first.
struct AuditPage
{
    std::vector<AuditEntry> entries;
    QString nextCursor; ///< for the next part; empty at the end
};

/// The durable record of every change that people made. Append-only, but that old entries are deleted in the end. Lives on the main thread; callbacks come there.
/// The store must live until its last callback is posted, and `anchor` (an object of the main thread) longer than the
/// store.
class AuditLog final
{
public:
    static constexpr std::chrono::days kMinRetention { 90 }; ///< however short METRICS_RETENTION_DAYS is

    AuditLog(StoreThread &store, QObject &anchor);
    Q_DISABLE_COPY_MOVE(AuditLog)

    [[nodiscard]] static Status createTables(Database &database);
    /// Appends within a work of the caller, so that a change and its entry are stored both or neither.
    [[nodiscard]] static Status insert(Database &database, const AuditEntry &entry);

    void append(AuditEntry entry, std::function<void(const Status &)> done = {});
    /// The newest `limit` entries (1 to 1,000) before `cursor`; an empty cursor begins at the newest. A cursor that was
    /// never given out is an error whose field is "cursor".
    void list(const QString &cursor, int limit, std::function<void(Result<AuditPage>)> done);
    /// Queues the deletion of entries older than the retention, but never than kMinRetention: at start and once an hour.
    void deleteOld(UtcTime now, std::chrono::days retention);

private:
    StoreThread &m_store;
    QObject &m_anchor;
};

/// Reads a cursor made of a row number: the list goes on below it. The largest number for an empty text, nullopt for
/// nonsense.
[[nodiscard]] std::optional<qint64> parseRowCursor(const QString &cursor);

} // namespace gatehouse
