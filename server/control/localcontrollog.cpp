// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/control/localcontrollog.h"

#include <future>

#include "server/base/onthread.h"
#include "server/control/controlentries.h"
#include "server/control/controlplace.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

LocalControlLog::LocalControlLog(StoreThread &store, const Clock &clock, QObject &anchor)
    : m_store(store)
    , m_anchor(anchor)
    , m_nextId([&clock, ids = UlidGenerator::withSystemEntropy()]() mutable { return ids.next(clock.utc()); })
{
}

LocalControlLog::~LocalControlLog() = default;

void LocalControlLog::attach(ControlKind kind, const ControlStorage &storage, ControlParticipant *participant)
{
    m_participants.attach(kind, storage, participant);
}

Status LocalControlLog::start()
{
    // What changes from now on, no cluster knows: a node that comes back to one begins with everything there is.
    m_store.write([](Database &database) { return controlplace::forget(database); });
    m_isStarting = true;
    m_participants.joined();
    m_isStarting = false;
    return m_startStatus;
}

void LocalControlLog::append(ControlChange change, Done done)
{
    qint64 &accepted = m_accepted[size_t(change.kind)];
    if (change.expectedVersion && *change.expectedVersion != accepted) {
        m_conflicts.push_back({ change.kind, accepted, std::move(done) });
        postTo(m_anchor, this, [this] { answerConflicts(); });
        return;
    }
    controlentries::sign(change.payload, node(), m_nextId);
    write(std::make_shared<Change>(
        Change{ { change.kind, ++accepted, node(), std::move(change.payload) }, std::move(done) }));
}

void LocalControlLog::write(const std::shared_ptr<Change> &change)
{
    const auto work = [change, storages = m_participants.storages()](
                          Database &database) { return controlentries::store(database, storages, { change->entry }); };
    if (!m_isStarting) {
        m_store.write(
            work, onThreadOf(m_anchor, this, [this, change](const Status &status) { stored(change, status); }));
        return;
    }
    std::promise<Status> finished;
    m_store.write(work, [&finished](const Status &status) { finished.set_value(status); });
    const Status status = finished.get_future().get();
    if (!status)
        m_startStatus = status;
    stored(change, status);
}

void LocalControlLog::stored(const std::shared_ptr<Change> &change, const Status &status)
{
    change->stored = status;
    m_stored.push_back(change);
    carryOut();
}

void LocalControlLog::carryOut()
{
    if (m_isBusy || m_stored.empty())
        return;
    m_isBusy = true;
    const std::vector<std::shared_ptr<Change>> changes(m_stored.begin(), m_stored.end());
    m_stored.clear();
    std::vector<ControlEntry> entries;
    for (const std::shared_ptr<Change> &change : changes) {
        m_inForce[size_t(change->entry.kind)] = change->entry.version; // also of one that failed: its number is used
        if (change->stored)
            entries.push_back(change->entry);
    }
    m_participants.takeEntries(entries, [this, changes, self = QPointer(this)] {
        if (self)
            answer(changes);
    });
}

void LocalControlLog::answer(const std::vector<std::shared_ptr<Change>> &changes)
{
    m_isBusy = false;
    const QPointer self(this);
    for (const std::shared_ptr<Change> &change : changes) {
        if (change->stored)
            change->done(change->entry);
        else
            change->done(Error{ change->stored.error().message, controlerrors::kStoreFailed });
        if (!self)
            return;
    }
    answerConflicts();
    carryOut();
}

void LocalControlLog::answerConflicts()
{
    std::vector<Conflict> ready;
    const auto isReady = [this](const Conflict &conflict) { return conflict.version <= version(conflict.kind); };
    std::copy_if(m_conflicts.begin(), m_conflicts.end(), std::back_inserter(ready), isReady);
    std::erase_if(m_conflicts, isReady);
    for (const Conflict &conflict : ready)
        conflict.done(Error{ u"another change came first"_s, controlerrors::kConflict });
}

} // namespace gatehouse
