// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "server/control/controlentries.h"
#include "server/control/pendingchanges.h"
#include "server/control/unsavedentries.h"
#include "server/log/log.h"
#include "shared/util/ulid.h"

namespace gatehouse {

/// This node's copy of what the control log says. It reads entries from a transport, has each stored in the state file
/// together with the place in the log and then taken by its participant; so an entry is carried out once, however the
/// node ends. A node whose place is not in the log (away for too long; Redis was emptied or put back) takes everything
/// there is instead, and one that finds nothing gives what it has.
///
/// When the state file cannot be written, entries take effect all the same, and are stored when it can.
///
/// Lives on the main thread. Store, clock and log outlive it, the transport until stop(), and `anchor` (an object of
/// the main thread) the store.
class ControlReplica final : public QObject, public ControlLog, private ControlListener
{
    Q_OBJECT
public:
    struct Timing
    {
        std::chrono::milliseconds append{ 5000 }; ///< until an append is answered kUnavailable
        std::chrono::milliseconds retry{ 1000 };  ///< after a failure of state file or transport
    };

    ControlReplica(QString node, StoreThread &store, const Clock &clock, Log &log, QObject &anchor, Timing timing);
    ~ControlReplica() override;
    Q_DISABLE_COPY_MOVE(ControlReplica)

    /// Finds out where this node was, waiting for the store.
    [[nodiscard]] Status start() override;
    /// Joins as soon as the transport is up. It has been started.
    void join(ControlTransport &transport);
    /// Uses the transport no more; changes are refused from now on.
    void stop();

    void attach(ControlKind kind, const ControlStorage &storage, ControlParticipant *participant) override;
    void leave(ControlKind kind) override { m_participants.leave(kind); }
    [[nodiscard]] qint64 version(ControlKind kind) const override { return m_inForce[size_t(kind)]; }
    [[nodiscard]] bool isAvailable() const override { return m_isJoined; }
    [[nodiscard]] QString node() const override { return m_node; }
    [[nodiscard]] bool outlivesProcess() const override { return true; }
    void append(ControlChange change, Done done) override;

Q_SIGNALS:
    /// isAvailable() is true (again).
    void joined();

private:
    void cameUp() override;
    void wentDown(const QString &reason) override;
    void foundPlace() override;
    void lostPlace() override;
    void received(const ControlBatch &batch) override;
    void cannotRead(const QString &why) override;

    void proceed();
    [[nodiscard]] bool judge(const ControlBatch &batch, std::vector<ControlEntry> &entries, ControlPlace &place);
    void save(std::vector<ControlEntry> entries, std::function<void()> then);
    void saveUnsaved();
    void unsaved(const QString &why);
    void takeEffect(std::vector<ControlEntry> entries);
    void reload();
    void seed();
    void loaded(const Result<std::optional<ControlSnapshot>> &result);
    void clean(ControlSnapshot &snapshot);
    void takeSnapshot(const std::shared_ptr<const ControlSnapshot> &snapshot);
    void timeUp(const QString &id);
    void judged(const QString &id, const Result<ControlVerdict> &verdict);
    void answerRefused();
    void inForceNow(const std::vector<ControlEntry> &entries);
    void refused(const QString &why);
    [[nodiscard]] Error unavailable() const;

    const QString m_node;
    StoreThread &m_store;
    const Clock &m_clock;
    Log &m_log;
    QObject &m_anchor;
    const Timing m_timing;
    UlidGenerator m_ids;
    ControlTransport *m_transport = nullptr;
    ControlParticipants m_participants;
    ControlPlace m_place;                          ///< of what was received: it may be on its way into the state file
    std::array<qint64, kControlKinds> m_inForce{}; ///< versions of what the participants have taken
    UnsavedEntries m_unsaved;
    PendingChanges m_pending; ///< own changes
    QString m_whyAway;
    QTimer m_retrySave;
    QTimer m_retryLoad;
    bool m_isUp = false;
    bool m_isJoined = false;
    bool m_isBusy = false; ///< something is being carried out
    bool m_mustReload = false;
};

} // namespace gatehouse
