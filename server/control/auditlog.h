// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <QtCore/QJsonObject>
#include <QtCore/QObject>

#include "server/control/controllog.h"
#include "server/store/storethread.h"
#include "shared/util/clock.h"
#include "shared/util/ulid.h"

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
    QString node{}; ///< where it was asked for; empty without a cluster
    QString id{};   ///< an entry that comes twice is stored once

    /// As the API answers it: without the id.
    [[nodiscard]] QJsonObject toJson() const;
    /// As it travels in the control log.
    [[nodiscard]] QJsonObject toControlJson() const;
    [[nodiscard]] static Result<AuditEntry> fromControlJson(const QJsonObject &object);
};

/// The member `audit` of a change's payload, which may be missing.
[[nodiscard]] Result<std::vector<AuditEntry>> auditEntriesOf(const QJsonObject &payload);

/// A part of the list, newest first.
struct AuditPage
{
    std::vector<AuditEntry> entries;
    QString nextCursor; ///< for the next part; empty at the end
};

/// The durable record of every change that people made. Append-only, but that old entries are deleted in the end. The
/// entries of a change travel with it through the control log; those of what is not changed there (a kick) are appended
/// to it alone. While that is not possible they wait in the state file, unlisted.
///
/// Lives on the main thread, where its callbacks come too. Store and log outlive it, and `anchor` (an object of the
/// main thread) the store.
class AuditLog final : public QObject, public ControlParticipant
{
    Q_OBJECT
public:
    static constexpr std::chrono::days kMinRetention{ 90 }; ///< however short METRICS_RETENTION_DAYS is

    AuditLog(StoreThread &store, ControlLog &log, QObject &anchor);
    ~AuditLog() override;
    Q_DISABLE_COPY_MOVE(AuditLog)

    [[nodiscard]] static Status createTables(Database &database);
    /// Appends within a work of the caller, so that a change and its entry are stored both or neither. An entry whose
    /// id is there is left out.
    [[nodiscard]] static Status insert(Database &database, const AuditEntry &entry);

    /// `done` is called when the entry will not be lost any more, or with an error: then it is not there.
    void append(AuditEntry entry, std::function<void(const Status &)> done);
    /// The newest `limit` entries (1 to 1,000) before `cursor`; an empty cursor begins at the newest, an empty action
    /// is any. A cursor that was never given out is an error whose field is "cursor".
    void list(const QString &cursor, const QString &action, int limit, std::function<void(Result<AuditPage>)> done);
    /// Queues the deletion of entries older than the retention, but never than kMinRetention: at start and once an
    /// hour.
    void deleteOld(UtcTime now, std::chrono::days retention);

    void takeEntries(const std::vector<ControlEntry> &entries, std::function<void()> done) override;
    void takeItems(const ControlItems &items, std::function<void()> done) override;
    void joined() override;

private:
    using Sent = std::function<void(const Result<ControlEntry> &)>;
    void send(const QJsonObject &entry, Sent sent);
    void keep(const QString &id, const QJsonObject &entry, std::function<void(const Status &)> done);
    void sendKept(const std::vector<std::pair<QString, QJsonObject>> &kept);

    StoreThread &m_store;
    ControlLog &m_log;
    QObject &m_anchor;
    UlidGenerator m_ids;
};

/// Reads a cursor made of a row number: the list goes on below it. The largest number for an empty text, nullopt for
/// nonsense.
[[nodiscard]] std::optional<qint64> parseRowCursor(const QString &cursor);

} // namespace gatehouse
