// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/control/controlreplica.h"

#include <future>

#include <QtCore/QPointer>

#include "server/base/onthread.h"
#include "server/control/auditlog.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

ControlReplica::ControlReplica(
    QString node, StoreThread &store, const Clock &clock, Log &log, QObject &anchor, Timing timing)
    : m_node(std::move(node))
    , m_store(store)
    , m_clock(clock)
    , m_log(log)
    , m_anchor(anchor)
    , m_timing(timing)
    , m_ids(UlidGenerator::withSystemEntropy())
    , m_unsaved(store, anchor)
    , m_whyAway(u"this node has not come to Redis yet"_s)
{
    m_retrySave.setSingleShot(true);
    m_retryLoad.setSingleShot(true);
    connect(&m_unsaved, &UnsavedEntries::failed, this, &ControlReplica::unsaved);
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

Status ControlReplica::start()
{
    std::promise<Status> finished;
    m_store.read([&](Database &database) {
        Result<ControlPlace> place = controlplace::load(database);
        if (place)
            m_place = std::move(place).value();
        finished.set_value(place ? ok() : Status(place.error()));
    });
    const Status status = finished.get_future().get();
    m_inForce = m_place.versions;
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
    ControlPlace place = m_place;
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
bool ControlReplica::judge(const ControlBatch &batch, std::vector<ControlEntry> &entries, ControlPlace &place)
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
    m_unsaved.save(std::move(entries), m_participants.storages(), m_place, std::move(then));
}

void ControlReplica::unsaved(const QString &why)
{
    m_log.log(LogLevel::Error, "control_unsaved"_L1, { { "detail"_L1, why } });
    m_retrySave.start(m_timing.retry);
}

void ControlReplica::saveUnsaved()
{
    if (m_isBusy) {
        m_retrySave.start(m_timing.retry);
        return;
    }
    if (m_unsaved.isEmpty())
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
    const auto answer
        = onThreadOf(m_anchor, this, [this, give](const Result<std::array<ControlItems, kControlKinds>> &items) {
              if (items)
                  give(*items);
              else
                  loaded(items.error());
          });
    m_store.read([storages = m_participants.storages(), answer](
                     Database &database) { answer(controlplace::readItems(database, storages)); });
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
    m_store.write([snapshot, storages = m_participants.storages()](
                      Database &database) { return controlplace::storeSnapshot(database, storages, *snapshot); },
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
