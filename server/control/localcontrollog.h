// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <memory>

#include <QtCore/QObject>

#include "server/control/controlparticipants.h"
#include "server/store/storethread.h"
#include "shared/util/clock.h"
#include "shared/util/ulid.h"

namespace gatehouse {

/// The control log of a server that is alone. A change is stored in the state file, with its audit and all or nothing,
/// then taken by its participant, and then answered. One that cannot be stored changes nothing. Changes that are asked
/// for at the same time are stored in their order, together where the store thread can.
///
/// Lives on the main thread. Store and clock outlive it, and `anchor` (an object of the main thread) the store.
class LocalControlLog final : public QObject, public ControlLog
{
    Q_OBJECT
public:
    LocalControlLog(StoreThread &store, const Clock &clock, QObject &anchor);
    ~LocalControlLog() override;
    Q_DISABLE_COPY_MOVE(LocalControlLog)

    /// Once, when all participants are attached and loaded. They append what waited for that, as a configuration that
    /// is not the one of the last start; it is in force, and stored, when this returns. The error is of what could not
    /// be stored.
    [[nodiscard]] Status start() override;

    void attach(ControlKind kind, const ControlStorage &storage, ControlParticipant *participant) override;
    void leave(ControlKind kind) override { m_participants.leave(kind); }
    [[nodiscard]] qint64 version(ControlKind kind) const override { return m_inForce[size_t(kind)]; }
    [[nodiscard]] bool isAvailable() const override { return true; }
    [[nodiscard]] QString node() const override { return {}; }
    [[nodiscard]] bool outlivesProcess() const override { return false; }
    void append(ControlChange change, Done done) override;

private:
    struct Change ///< on its way
    {
        ControlEntry entry;
        Done done;
        Status stored = ok();
    };
    struct Conflict
    {
        ControlKind kind;
        qint64 version; ///< answered when this is in force
        Done done;
    };

    void write(const std::shared_ptr<Change> &change);
    void stored(const std::shared_ptr<Change> &change, const Status &status);
    void carryOut();
    void answer(const std::vector<std::shared_ptr<Change>> &changes);
    void answerConflicts();

    StoreThread &m_store;
    QObject &m_anchor;
    std::function<QString()> m_nextId;
    ControlParticipants m_participants;
    std::array<qint64, kControlKinds> m_accepted{}; ///< versions that have been given out
    std::array<qint64, kControlKinds> m_inForce{};
    std::deque<std::shared_ptr<Change>> m_stored; ///< that are to take effect, or to be told that they cannot
    std::vector<Conflict> m_conflicts;
    Status m_startStatus = ok();
    bool m_isStarting = false;
    bool m_isBusy = false; ///< something is being carried out
};

} // namespace gatehouse
