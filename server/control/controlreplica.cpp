// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/control/controlreplica.h"

#include <algorithm>
#include <future>

#include <QtCore/QPointer>

#include "server/base/onthread.h"
#include "server/control/auditlog.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// What is left of entries when the first of them, up to the last of `saved`, have been stored. That may have happened
/// before: then nothing is to be taken out.
std::vector<ControlEntry> without(std::vector<ControlEntry> entries, const std::vector<ControlEntry> &saved)
{
    const auto isLast = [&saved](const ControlEntry &entry) {
        return !saved.empty() && entry.kind == saved.back().kind && entry.version == saved.back().version;
    };
    const auto last = std::find_if(entries.begin(), entries.end(), isLast);
    if (last != entries.end())
        entries.erase(entries.begin(), last + 1);
    return entries;
}

} // namespace

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

Status ControlReplica::start()
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

Status ControlReplica::storeSnapshot(
    Database &database, const ControlStorages &storages, const ControlSnapshot &snapshot, const Place &place)
{
    Status status = storePlace(database, place);
    for (size_t i = 0; status && i < kControlKinds; ++i) {
        if (storages[i].replace)
            status = storages[i].replace(database, snapshot.items[i]);
    }
    for (const ControlEntry &entry : snapshot.log) {
        if (status)
            status = controlentries::storeAudit(database, entry);
    }
    return status;
}

void ControlReplica::attach(ControlKind kind, const ControlStorage &storage, ControlParticipant *participant)
{
    m_participants.attach(kind, storage, participant);
}

void ControlReplica::join(ControlTransport &transport)
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
    answerRefused();
    m_log.log(LogLevel::Info, "control_joined"_L1, { { "position"_L1, QString::fromLatin1(m_place.position) } });
    m_participants.joined();
    Q_EMIT joined();
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
        const ControlStorage &storage = m_participants.storage(entry.kind);
        if (!storage.check)
            continue;
        if (entry.version != version + 1)
            return false;
        const Status status = controlentries::check(storage, entry);
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
    const auto goOn = std::make_shared<std::function<void()>>(std::move(then));
    const auto goOnOnce = [goOn] {
        if (const std::function<void()> next = std::exchange(*goOn, {}))
            next();
    };
    const auto saved = [this, unsaved, goOnOnce](const Status &status) {
        if (status) {
            m_unsaved = without(std::move(m_unsaved), *unsaved);
        } else {
            m_log.log(LogLevel::Error, "control_unsaved"_L1, { { "detail"_L1, status.error().message } });
            m_retrySave.start(m_timing.retry);
        }
        goOnOnce();
    };
    // A disk that does not answer keeps nobody in who was banned: it is stored when it does.
    const auto late = [goOnOnce](const Error &) { goOnOnce(); };
    m_store.write(
        [unsaved, storages = m_participants.storages(), place = m_place](Database &database) {
            const Status status = controlentries::store(database, storages, *unsaved);
            return status ? storePlace(database, place) : status;
        },
        onThreadOf(m_anchor, this, saved), onThreadOf(m_anchor, this, late));
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
    m_participants.takeEntries(entries, [this, entries, self = QPointer(this)] {
        if (self)
            inForceNow(entries);
    });
}

/// Everybody goes by what was last read; these are its entries.
void ControlReplica::inForceNow(const std::vector<ControlEntry> &entries)
{
    m_isBusy = false;
    m_pending.answerOwn(entries);
    answerRefused();
    proceed();
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
    const auto answer = onThreadOf(m_anchor, this,
        [this, give](const std::array<ControlItems, kControlKinds> &items, const std::optional<Error> &error) {
            if (error)
                loaded(*error);
            else
                give(items);
        });
    m_store.read([storages = m_participants.storages(), answer](Database &database) {
        std::array<ControlItems, kControlKinds> items;
        std::optional<Error> error;
        for (size_t i = 0; i < kControlKinds; ++i) {
            if (!storages[i].read)
                continue;
            Result<ControlItems> kept = storages[i].read(database);
            if (kept)
                items[i] = std::move(kept).value();
            else
                error = kept.error();
        }
        answer(items, error);
    });
}

/// Takes out what is not as it should be: it may come from anywhere.
void ControlReplica::clean(ControlSnapshot &snapshot)
{
    for (const QString &why : snapshot.refused)
        refused(why);
    for (size_t i = 0; i < kControlKinds; ++i) {
        std::erase_if(snapshot.items[i], [this, i](const auto &item) {
            const ControlStorage &storage = m_participants.storage(ControlKind(i));
            const Status status = storage.checkItem ? storage.checkItem(item.first, item.second)
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
        m_participants.takeItems(snapshot->items, [this, snapshot, self = QPointer(this)] {
            if (self)
                inForceNow(snapshot->log);
        });
    };
    m_store.write([snapshot, storages = m_participants.storages(), place = m_place](
                      Database &database) { return storeSnapshot(database, storages, *snapshot, place); },
        onThreadOf(m_anchor, this, stored));
}

void ControlReplica::append(ControlChange change, Done done)
{
    if (!m_isUp) {
        postTo(m_anchor, this, [this, done = std::move(done)] { done(unavailable()); });
        return;
    }
    const QString id = controlentries::sign(change.payload, m_node, [this] { return m_ids.next(m_clock.utc()); });
    m_pending.add(id, change.kind, std::move(done));
    if (m_isJoined) {
        m_transport->append(change, m_node, [this, id, self = QPointer(this)](const Result<ControlVerdict> &verdict) {
            if (self)
                judged(id, verdict);
        });
    } else {
        m_pending.refuse(id, 0); // to be made from what the node is about to take
    }
    QTimer::singleShot(m_timing.append, this, [this, id] { timeUp(id); });
}

void ControlReplica::timeUp(const QString &id)
{
    const PendingChanges::State state = m_pending.state(id);
    if (state == PendingChanges::State::Accepted && m_isBusy) {
        // Not Redis, but this node's own disk is slow: as without a cluster, that takes the time it takes.
        QTimer::singleShot(m_timing.append, this, [this, id] { timeUp(id); });
        return;
    }
    m_pending.answer(id,
        state == PendingChanges::State::Refused
            ? unavailable()
            : Error{ u"Redis does not answer; the change may yet be carried out"_s, controlerrors::kUnavailable });
}

void ControlReplica::judged(const QString &id, const Result<ControlVerdict> &verdict)
{
    if (m_pending.state(id) == PendingChanges::State::Unknown)
        return;
    if (!verdict) {
        // Whether it was carried out is not known unless Redis says so: then it is seen in the log, or the time is up.
        if (verdict.error().field == controlerrors::kUnavailable)
            m_pending.answer(id, Error{ verdict.error().message, controlerrors::kUnavailable });
        return;
    }
    if (verdict->outcome == ControlVerdict::Outcome::Accepted) {
        m_pending.accept(id);
        return;
    }
    const ControlKind kind = m_pending.kind(id);
    m_pending.refuse(id, verdict->version);
    if (verdict->outcome == ControlVerdict::Outcome::Empty || verdict->version < version(kind))
        lostPlace(); // another history: answered when that has been taken
    answerRefused();
}

void ControlReplica::answerRefused()
{
    if (m_isJoined && !m_mustReload && !m_isBusy)
        m_pending.answerRefused(m_inForce);
}

Error ControlReplica::unavailable() const
{
    return { u"the cluster's state cannot be changed now: %1"_s.arg(m_whyAway), controlerrors::kUnavailable };
}

} // namespace gatehouse
