// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/control/controlreplica.h"

#include <future>

#include <QtCore/QJsonArray>
#include <QtCore/QPointer>

#include "server/control/auditlog.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

/// An own change that is not answered yet.
struct ControlReplica::Waiting
{
    ControlKind kind = ControlKind::Audit;
    Done done;
    std::optional<qint64> conflictAt; ///< it was refused: answer when the kind has this version here
    bool isAccepted = false;          ///< it is in the log: answer when it is in force here
};

ControlReplica::ControlReplica(
    QString node, StoreThread &store, const Clock &clock, Log &log, QObject &anchor, Timing timing)
    : m_node(std::move(node))
    , m_store(store)
    , m_clock(clock)
    , m_log(log)
    , m_anchor(anchor)
    , m_timing(timing)
    , m_ids(UlidGenerator::withSystemEntropy())
    , m_whyAway(u"this node has not come to Redis yet"_s)
{
    m_retrySave.setSingleShot(true);
    m_retryLoad.setSingleShot(true);
    connect(&m_retrySave, &QTimer::timeout, this, &ControlReplica::saveUnsaved);
    connect(&m_retryLoad, &QTimer::timeout, this, &ControlReplica::proceed);
}

ControlReplica::~ControlReplica()
{
    stop();
}

void ControlReplica::stop()
{
    if (ControlTransport *transport = std::exchange(m_transport, nullptr))
        transport->setListener(nullptr);
    m_isUp = false;
    m_isJoined = false;
    m_whyAway = u"this node is ending"_s;
}

Status ControlReplica::createTables(Database &database)
{
    return database.execute(
        "CREATE TABLE IF NOT EXISTS control_place (id INTEGER PRIMARY KEY, position TEXT NOT NULL);"
        "CREATE TABLE IF NOT EXISTS control_version (kind TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID");
}

Status ControlReplica::load()
{
    std::promise<Status> finished;
    m_store.read([&](Database &database) {
        Statement place = database.prepare("SELECT position FROM control_place WHERE id = 1");
        if (place.nextRow())
            m_place.position = place.text(0).toLatin1();
        Statement row = database.prepare("SELECT kind, version FROM control_version");
        while (row.nextRow()) {
            if (const std::optional<ControlKind> kind = parseControlKind(row.text(0).toLatin1()))
                m_place.versions[size_t(*kind)] = row.integer(1);
        }
        finished.set_value(place.status() ? row.status() : place.status());
    });
    const Status status = finished.get_future().get();
    m_inForce = m_place.versions;
    return status;
}

Status ControlReplica::storePlace(Database &database, const Place &place)
{
    Status status = database.prepare("INSERT OR REPLACE INTO control_place (id, position) VALUES (1, ?)")
                        .bind(1, QString::fromLatin1(place.position))
                        .run();
    for (size_t i = 0; status && i < kControlKinds; ++i) {
        status = database.prepare("INSERT OR REPLACE INTO control_version (kind, version) VALUES (?, ?)")
                     .bind(1, QString(controlKindName(ControlKind(i))))
                     .bind(2, place.versions[i])
                     .run();
    }
    return status;
}

Status ControlReplica::storeAudit(Database &database, const ControlEntry &entry)
{
    const Result<std::vector<AuditEntry>> audit = auditEntriesOf(entry.payload);
    if (!audit)
        return audit.error();
    for (const AuditEntry &one : *audit) {
        if (const Status status = AuditLog::insert(database, one); !status)
            return status;
    }
    return ok();
}

Status ControlReplica::storeEntries(
    Database &database, const Storages &storages, const std::vector<ControlEntry> &entries, const Place &place)
{
    for (const ControlEntry &entry : entries) {
        Status status = storages[size_t(entry.kind)].store(database, entry);
        if (status)
            status = storeAudit(database, entry);
        if (!status)
            return status;
    }
    return storePlace(database, place);
}

void ControlReplica::attach(ControlKind kind, const ControlStorage &storage, ControlParticipant *participant)
{
    m_storages[size_t(kind)] = storage;
    m_participants[size_t(kind)] = participant;
}

void ControlReplica::leave(ControlKind kind)
{
    m_participants[size_t(kind)] = nullptr;
}

void ControlReplica::start(ControlTransport &transport)
{
    m_transport = &transport;
    transport.setListener(this);
}

void ControlReplica::cameUp()
{
    m_isUp = true;
    proceed();
}

void ControlReplica::wentDown(const QString &reason)
{
    m_isUp = false;
    m_isJoined = false;
    m_whyAway = reason;
    m_retryLoad.stop();
    m_log.log(LogLevel::Warning, "control_away"_L1, { { "detail"_L1, reason } });
}

/// Begins whatever is next: reading on, or taking everything. Nothing while something is being carried out; that comes
/// back here.
void ControlReplica::proceed()
{
    if (!m_isUp || m_isBusy)
        return;
    if (m_mustReload || m_place.position.isEmpty())
        reload();
    else
        m_transport->follow(m_place.position);
}

void ControlReplica::foundPlace()
{
    if (m_isJoined || m_isBusy || m_mustReload)
        return;
    m_isJoined = true;
    answerConflicts();
    m_log.log(LogLevel::Info, "control_joined"_L1, { { "position"_L1, QString::fromLatin1(m_place.position) } });
    for (ControlParticipant *participant : m_participants) {
        if (participant)
            participant->joined();
    }
}

void ControlReplica::lostPlace()
{
    m_mustReload = true;
    proceed();
}

void ControlReplica::cannotRead(const QString &why)
{
    m_isJoined = false;
    m_whyAway = why;
    m_log.log(LogLevel::Error, "control_unread"_L1, { { "detail"_L1, why } });
}

void ControlReplica::received(const ControlBatch &batch)
{
    if (m_isBusy || m_mustReload || batch.from != m_place.position)
        return; // of a call that was overtaken
    for (const QString &why : batch.refused)
        refused(why);
    std::vector<ControlEntry> entries;
    Place place = m_place;
    place.position = batch.position;
    if (!judge(batch, entries, place)) {
        lostPlace();
        return;
    }
    m_isBusy = true;
    m_place = place;
    auto kept = std::make_shared<std::vector<ControlEntry>>(entries);
    save(std::move(entries), [this, kept] { takeEffect(std::move(*kept)); });
}

/// Which entries are to be carried out, and the versions they lead to. False if one does not continue what is known
/// here: something is missing, or it is of another history.
bool ControlReplica::judge(const ControlBatch &batch, std::vector<ControlEntry> &entries, Place &place)
{
    for (const ControlEntry &entry : batch.entries) {
        qint64 &version = place.versions[size_t(entry.kind)];
        const ControlStorage &storage = m_storages[size_t(entry.kind)];
        if (!storage.check)
            continue;
        if (entry.version != version + 1)
            return false;
        Status status = storage.check(entry.payload);
        if (status) {
            if (const auto audit = auditEntriesOf(entry.payload); !audit)
                status = audit.error();
        }
        if (!status) {
            refused(controlKindName(entry.kind) + ": "_L1 + status.error().message);
            continue; // a real one among them leaves a gap: then everything is read anew
        }
        version = entry.version;
        entries.push_back(entry);
    }
    return true;
}

void ControlReplica::refused(const QString &why)
{
    m_log.log(LogLevel::Error, "control_entry_refused"_L1, { { "detail"_L1, why } });
}

/// Stores entries with the place they lead to, then goes on whether it worked or not.
void ControlReplica::save(std::vector<ControlEntry> entries, std::function<void()> then)
{
    std::move(entries.begin(), entries.end(), std::back_inserter(m_unsaved));
    auto unsaved = std::make_shared<const std::vector<ControlEntry>>(m_unsaved);
    const auto saved = [this, unsaved, then = std::move(then)](const Status &status) {
        if (status) {
            m_unsaved.erase(m_unsaved.begin(), m_unsaved.begin() + qsizetype(unsaved->size()));
        } else {
            m_log.log(LogLevel::Error, "control_unsaved"_L1, { { "detail"_L1, status.error().message } });
            m_retrySave.start(m_timing.retry);
        }
        then();
    };
    m_store.write([unsaved, storages = m_storages, place = m_place](
                      Database &database) { return storeEntries(database, storages, *unsaved, place); },
        [self = QPointer(this), anchor = &m_anchor, saved](const Status &status) {
            QMetaObject::invokeMethod(
                anchor,
                [self, saved, status] {
                    if (self)
                        saved(status);
                },
                Qt::QueuedConnection);
        });
}

void ControlReplica::saveUnsaved()
{
    if (m_isBusy) {
        m_retrySave.start(m_timing.retry);
        return;
    }
    if (m_unsaved.empty())
        return;
    m_isBusy = true;
    save({}, [this] {
        m_isBusy = false;
        proceed();
    });
}

void ControlReplica::takeEffect(std::vector<ControlEntry> entries)
{
    m_inForce = m_place.versions;
    std::array<std::vector<ControlEntry>, kControlKinds> byKind;
    for (const ControlEntry &entry : entries)
        byKind[size_t(entry.kind)].push_back(entry);
    const auto finished = afterAll(kControlKinds, [this, entries = std::move(entries)] {
        m_isBusy = false;
        answerOwn(entries);
        answerConflicts();
        proceed();
    });
    for (size_t i = 0; i < kControlKinds; ++i) {
        if (byKind[i].empty() || !m_participants[i])
            finished();
        else
            m_participants[i]->takeEntries(byKind[i], finished);
    }
}

/// Calls on when it was called as often as that.
std::function<void()> ControlReplica::afterAll(size_t count, std::function<void()> then)
{
    return [left = std::make_shared<size_t>(count), then = std::move(then), self = QPointer(this)] {
        if (--*left == 0 && self)
            then();
    };
}

void ControlReplica::reload()
{
    m_isBusy = true;
    m_isJoined = false;
    m_whyAway = u"this node is reading the state of the cluster"_s;
    m_transport->load([this, self = QPointer(this)](const Result<std::optional<ControlSnapshot>> &result) {
        if (self)
            loaded(result);
    });
}

void ControlReplica::loaded(const Result<std::optional<ControlSnapshot>> &result)
{
    if (!result) {
        m_isBusy = false;
        m_log.log(LogLevel::Error, "control_unread"_L1, { { "detail"_L1, result.error().message } });
        m_retryLoad.start(m_timing.retry);
    } else if (!*result) {
        seed();
    } else {
        auto snapshot = std::make_shared<ControlSnapshot>(**result);
        clean(*snapshot);
        takeSnapshot(snapshot);
    }
}

/// Gives an empty cluster what this node has, and then begins like any other.
void ControlReplica::seed()
{
    const auto give = [this](const std::array<ControlItems, kControlKinds> &items) {
        m_log.log(LogLevel::Warning, "control_begun"_L1,
            { { "detail"_L1, u"Redis held no state of the cluster: it gets what this node has"_s } });
        m_transport->seed(items, m_node, [this, self = QPointer(this)](const Status &status) {
            if (!self)
                return;
            if (status)
                reload();
            else
                loaded(status.error());
        });
    };
    m_store.read([storages = m_storages, give, self = QPointer(this), anchor = &m_anchor](Database &database) {
        std::array<ControlItems, kControlKinds> items;
        std::optional<Error> error;
        for (size_t i = 0; i < kControlKinds; ++i) {
            if (!storages[i].read)
                continue;
            Result<ControlItems> read = storages[i].read(database);
            if (read)
                items[i] = std::move(read).value();
            else
                error = read.error();
        }
        QMetaObject::invokeMethod(
            anchor,
            [self, give, items = std::move(items), error, anchor] {
                if (self && error)
                    self->loaded(*error);
                else if (self)
                    give(items);
            },
            Qt::QueuedConnection);
    });
}

/// Takes out what is not as it should be: it may come from anywhere.
void ControlReplica::clean(ControlSnapshot &snapshot)
{
    for (const QString &why : snapshot.refused)
        refused(why);
    for (size_t i = 0; i < kControlKinds; ++i) {
        std::erase_if(snapshot.items[i], [this, i](const auto &item) {
            const Status status = m_storages[i].checkItem ? m_storages[i].checkItem(item.first, item.second)
                                                          : Status(Error{ u"nobody holds it"_s, {} });
            if (!status)
                refused(
                    controlKindName(ControlKind(i)) + ' '_L1 + item.first.left(64) + ": "_L1 + status.error().message);
            return !status;
        });
    }
    std::erase_if(snapshot.log, [](const ControlEntry &entry) { return !auditEntriesOf(entry.payload); });
}

void ControlReplica::takeSnapshot(const std::shared_ptr<const ControlSnapshot> &snapshot)
{
    m_mustReload = false;
    m_place = { snapshot->position, snapshot->versions };
    m_unsaved.clear(); // it is among what is stored now
    const auto stored = [this, snapshot](const Status &status) {
        if (!status) { // nothing was taken: from the beginning
            m_mustReload = true;
            loaded(status.error());
            return;
        }
        m_inForce = m_place.versions;
        const auto finished = afterAll(kControlKinds, [this, snapshot] {
            m_isBusy = false;
            answerOwn(snapshot->log);
            answerConflicts();
            proceed();
        });
        for (size_t i = 0; i < kControlKinds; ++i) {
            if (m_participants[i])
                m_participants[i]->takeItems(snapshot->items[i], finished);
            else
                finished();
        }
    };
    m_store.write(
        [snapshot, storages = m_storages, place = m_place](Database &database) {
            Status status = storePlace(database, place);
            for (size_t i = 0; status && i < kControlKinds; ++i) {
                if (storages[i].replace)
                    status = storages[i].replace(database, snapshot->items[i]);
            }
            for (const ControlEntry &entry : snapshot->log) {
                if (status)
                    status = storeAudit(database, entry);
            }
            return status;
        },
        [self = QPointer(this), anchor = &m_anchor, stored](const Status &status) {
            QMetaObject::invokeMethod(
                anchor,
                [self, stored, status] {
                    if (self)
                        stored(status);
                },
                Qt::QueuedConnection);
        });
}

void ControlReplica::append(ControlChange change, Done done)
{
    if (!m_isUp) {
        post([this, done = std::move(done)] { done(unavailable()); });
        return;
    }
    const QString id = m_ids.next(m_clock.utc());
    change.payload.insert("id"_L1, id);
    signAudit(change.payload);
    auto waiting = std::make_shared<Waiting>(Waiting{ change.kind, std::move(done), {} });
    m_waiting.emplace(id, waiting);
    if (m_isJoined) {
        m_transport->append(change, m_node, [this, id, self = QPointer(this)](const Result<ControlVerdict> &verdict) {
            if (self)
                judged(id, verdict);
        });
    } else {
        waiting->conflictAt = 0; // to be made from what the node is about to take
    }
    QTimer::singleShot(m_timing.append, this, [this, id] { timeUp(id); });
}

void ControlReplica::timeUp(const QString &id)
{
    const auto found = m_waiting.find(id);
    if (found == m_waiting.end())
        return;
    const Waiting &waiting = *found->second;
    if (waiting.isAccepted && m_isBusy) {
        // Not Redis, but this node's own disk is slow: as without a cluster, that takes the time it takes.
        QTimer::singleShot(m_timing.append, this, [this, id] { timeUp(id); });
        return;
    }
    answer(id,
        waiting.conflictAt
            ? unavailable()
            : Error{ u"Redis does not answer; the change may yet be carried out"_s, controlerrors::kUnavailable });
}

/// Says of a change's audit entries where they come from, and makes them ones that can be told apart.
void ControlReplica::signAudit(QJsonObject &payload)
{
    QJsonArray audit = payload.value("audit"_L1).toArray();
    for (qsizetype i = 0; i < audit.size(); ++i) {
        QJsonObject entry = audit[i].toObject();
        if (entry.value("id"_L1).toString().isEmpty())
            entry.insert("id"_L1, m_ids.next(m_clock.utc()));
        entry.insert("node"_L1, m_node);
        audit[i] = entry;
    }
    if (!audit.isEmpty())
        payload.insert("audit"_L1, audit);
}

void ControlReplica::judged(const QString &id, const Result<ControlVerdict> &verdict)
{
    const auto found = m_waiting.find(id);
    if (found == m_waiting.end())
        return;
    if (!verdict) {
        // Whether it was carried out is not known unless Redis says so: then it is seen in the log, or the time is up.
        if (verdict.error().field == controlerrors::kUnavailable)
            answer(id, Error{ verdict.error().message, controlerrors::kUnavailable });
        return;
    }
    if (verdict->outcome == ControlVerdict::Outcome::Accepted) {
        found->second->isAccepted = true;
        return;
    }
    found->second->conflictAt = verdict->version;
    if (verdict->outcome == ControlVerdict::Outcome::Empty || verdict->version < version(found->second->kind))
        lostPlace(); // another history: answered when that has been taken
    answerConflicts();
}

void ControlReplica::answer(const QString &id, const Result<ControlEntry> &result)
{
    const auto found = m_waiting.find(id);
    if (found == m_waiting.end())
        return;
    const Done done = std::move(found->second->done);
    m_waiting.erase(found);
    done(result);
}

void ControlReplica::answerOwn(const std::vector<ControlEntry> &entries)
{
    for (const ControlEntry &entry : entries) {
        if (const QString id = entry.payload.value("id"_L1).toString(); m_waiting.contains(id))
            answer(id, entry);
    }
}

void ControlReplica::answerConflicts()
{
    if (!m_isJoined || m_mustReload || m_isBusy)
        return;
    QStringList ids;
    for (const auto &[id, waiting] : m_waiting) {
        if (waiting->conflictAt && *waiting->conflictAt <= version(waiting->kind))
            ids.append(id);
    }
    for (const QString &id : ids)
        answer(id, Error{ u"another change came first"_s, controlerrors::kConflict });
}

Error ControlReplica::unavailable() const
{
    return { u"the cluster's state cannot be changed now: %1"_s.arg(m_whyAway), controlerrors::kUnavailable };
}

void ControlReplica::post(std::function<void()> call)
{
    QMetaObject::invokeMethod(
        &m_anchor,
        [self = QPointer(this), call = std::move(call)] {
            if (self)
                call();
        },
        Qt::QueuedConnection);
}

} // namespace gatehouse
