// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <QtCore/QObject>

#include "server/auth/identity.h"
#include "server/control/auditlog.h"
#include "server/control/controllog.h"
#include "server/limits/limitcodec.h"
#include "server/limits/limitrevisions.h"
#include "server/limits/limitsnapshot.h"
#include "shared/limits/limitset.h"
#include "shared/protocol/limitsdocument.h"

namespace gatehouse {

/// Codes that a LimitStore's Error carries in its `field`, besides controlerrors.
namespace limiterrors {

inline constexpr QLatin1StringView kRevisionConflict(
    "revision_conflict"); ///< the expected revision is not the current one
inline constexpr QLatin1StringView kNoSuchRevision("no_such_revision");
inline constexpr QLatin1StringView kInvalidLimits("invalid_limits"); ///< a value out of its bounds

} // namespace limiterrors

/// The limits and the switch in force, and the history of the limits, of which the newest 1,000 revisions are kept. A
/// change is proposed to the control log, takes effect on every worker when it comes from there, stored, and is then
/// acknowledged. It is never made in part, and changes asked for at the same time are made one after the other.
///
/// Lives on the main thread, where its callbacks and signals come too. Store and log outlive it, and `anchor` (an
/// object of the main thread) the store.
class LimitStore final : public QObject, public ControlParticipant
{
    Q_OBJECT

public:
    /// Makes a snapshot the one that all workers decide by, then calls back (ChannelControl::applyLimits).
    using ApplyToWorkers = std::function<void(LimitSnapshotPtr, std::function<void()>)>;
    using Done = std::function<void(Result<Revision>)>;

    /// What the configuration says at this start.
    struct Configured
    {
        LimitSet limits;            ///< configured values; those of the profile elsewhere
        std::vector<LimitKey> keys; ///< which of them are configured
        bool isGuarding = true;
        LimitProfile profile = LimitProfile::Guide;
    };

    struct Page
    {
        std::vector<Revision> revisions; ///< newest first
        QString nextCursor;              ///< empty at the end
    };

    LimitStore(StoreThread &store, ControlLog &log, const Clock &clock, QObject &anchor);
    ~LimitStore() override;

    [[nodiscard]] static Status createTables(Database &database);
    /// Once, before anything else: finds the limits to begin with, waiting for the store. The latest revision stands,
    /// but where the configuration says something else than at the last start: that is in force here at once, and
    /// becomes a revision of its own when the log can be appended to. A setting that was taken out gives its limit back
    /// the profile's value, unless someone has changed the limit since. The switch is the configured one; where others
    /// go on while this process is away, it is as they have it, unless the configuration is news.
    [[nodiscard]] Status load(const Configured &configured);
    /// To be set before the first change.
    void setApplyToWorkers(ApplyToWorkers apply);

    [[nodiscard]] LimitSnapshotPtr snapshot() const { return m_snapshot; }
    [[nodiscard]] qint64 revision() const { return m_snapshot->limits.revision; }
    [[nodiscard]] LimitsDocument document() const;

    /// Answers with the new revision, or with the current number and no changes if the edits change nothing.
    void edit(std::vector<LimitEdit> edits, std::optional<qint64> expectedRevision, const Actor &actor,
        const QString &note, Done done);
    /// Goes back to the values of a revision, as a new revision.
    void restore(
        qint64 revision, std::optional<qint64> expectedRevision, const Actor &actor, const QString &note, Done done);
    /// Throws the switch. Answers with the state in force.
    void setGuarding(bool isGuarding, const Actor &actor, const QString &note, std::function<void(Result<bool>)> done);
    /// As AuditLog::list().
    void revisions(const QString &cursor, int limit, std::function<void(Result<Page>)> done);

    void takeEntries(const std::vector<ControlEntry> &entries, std::function<void()> done) override;
    void takeItems(const ControlItems &items, std::function<void()> done) override;
    void joined() override;

Q_SIGNALS:
    /// Every worker decides by the new limits.
    void limitsChanged(const gatehouse::Revision &revision);
    void guardingChanged(bool isGuarding);

private:
    using Target = std::function<Result<LimitSet>(Database &, const LimitSet &)>;
    struct Change ///< on its way; `target` finds the values to come from the current ones, on the store thread
    {
        Target target;
        std::optional<qint64> expectedRevision;
        Revision revision; ///< all but number and changes
        Done done;
    };
    using ChangePtr = std::shared_ptr<Change>;

    void enqueue(std::function<void()> operation);
    void beginNext();
    void finishOperation();
    void change(Change change);
    void propose(const ChangePtr &change, int attempt);
    void append(const ChangePtr &change, const Result<LimitSet> &target, qint64 version, int attempt);
    void finish(const Change &change, const Result<Revision> &result);
    void proposeSwitch(
        bool isGuarding, const AuditEntry &entry, const std::function<void(Result<bool>)> &done, int attempt);
    void proposeConfiguration(int attempt);
    void settleConfiguration();
    void takeEffect(bool isGuarding, std::function<void()> done);

    StoreThread &m_store;
    ControlLog &m_log;
    const Clock &m_clock;
    QObject &m_anchor;
    ApplyToWorkers m_apply;
    LimitSnapshotPtr m_snapshot;
    bool m_wasGuarding = true; ///< how the switch was when this process's predecessor ended
    LimitSet m_current;        ///< as the log says; the snapshot has what is news of the configuration on top
    std::map<LimitKey, LimitMark> m_marks;
    ConfigurationNews m_news;
    std::deque<std::function<void()>> m_waiting;
    bool m_isBusy = false;
};

} // namespace gatehouse
