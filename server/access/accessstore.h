// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <QtCore/QJsonArray>
#include <QtCore/QObject>

#include "server/access/accessledger.h"
#include "server/access/accessrows.h"
#include "server/control/auditlog.h"
#include "server/control/controllog.h"
#include "shared/util/ulid.h"

namespace gatehouse {

/// Codes that an AccessStore's Error carries in its `field`.
namespace accesserrors {

inline constexpr QLatin1StringView kNoSuchRule("no_such_rule");
inline constexpr QLatin1StringView kListFull("list_full");
inline constexpr QLatin1StringView kStoreFailed("store_unavailable"); ///< nothing was changed

} // namespace accesserrors

/// Bans and exemptions: kept in the state file, in force on every worker. A change is stored with its audit entry, then
/// takes effect on every worker and on the admin API, where it closes what is open, and then is acknowledged. Changes
/// that wait are stored together, in the order in which they were asked for. Lives on the main thread, where its
/// callbacks come too. The store must outlive it, and `anchor` (an object of the main thread) the store.
///
/// In a cluster (share()) a change is appended to the control log, and takes effect like those of other nodes: when it
/// comes from there. What expires, each node takes out by itself. Errors may then be controlerrors::kUnavailable.
class AccessStore final : public QObject, public ControlParticipant
{
    Q_OBJECT

public:
    /// Makes rules those that everybody decides by and closes what `added` (may be null) bans, then calls back.
    using Apply = std::function<void(AccessRulesPtr rules, AccessRulesPtr added, std::function<void()> done)>;
    struct Outcome
    {
        AccessRule rule;
        bool isNew = true; ///< false: it replaced the rule about the same thing
    };
    using Done = std::function<void(Result<Outcome>)>;

    AccessStore(StoreThread &store, const Clock &clock, QObject &anchor);
    ~AccessStore() override;

    [[nodiscard]] static Status createTables(Database &database);
    /// Before load(): the rules are those of all nodes of the log, which outlives this.
    void share(ControlLog &log);
    /// Once, before anything else: reads the rules, waiting for the store.
    [[nodiscard]] Status load();
    /// To be set before the first change.
    void setApply(Apply apply) { m_apply = std::move(apply); }
    [[nodiscard]] AccessRulesPtr rules() const { return m_rules; }

    /// Adds a rule with canonical value; id and creation are given to it here. One about the same thing keeps those and
    /// gets everything else from the new one; only `issuedBefore` never goes back.
    void put(AccessList list, AccessRule rule, const Actor &actor, Done done);
    /// Lifts a rule. The outcome holds it.
    void remove(AccessList list, const QString &id, const Actor &actor, const QString &note, Done done);
    /// Takes out what has expired; to be called once a second.
    void removeExpired();
    /// `limit` rules (1 to 1,000) before the cursor, which is the last one's id.
    void list(AccessList list, const AccessFilter &filter, const QString &cursor, int limit,
        std::function<void(Result<AccessPage>)> done);

    void takeEntries(const std::vector<ControlEntry> &entries, std::function<void()> done) override;
    void takeItems(const ControlItems &items, std::function<void()> done) override;
    void joined() override { }

private:
    struct Change;
    using Batch = std::vector<Change>;
    static constexpr size_t kMaxSharedBatch = 20; ///< bounds one entry of the log

    void enqueue(Change change);
    void beginNext();
    void collectExpired(Batch &batch);
    void judge(Change &change);
    void stored(const std::shared_ptr<Batch> &batch, const Status &status);
    void takeEffect(const std::shared_ptr<Batch> &batch);
    void answer(const Batch &batch);
    void post(std::function<void()> call);
    void takeBack(const Batch &batch);

    void beginNextShared();
    void removeExpiredShared();
    void changeShared(const std::shared_ptr<Batch> &batch, int attempt);
    void appendShared(
        const std::shared_ptr<Batch> &batch, const Result<QJsonArray> &audit, qint64 version, int attempt);
    void failShared(Batch &batch, const Error &error);
    void takeEffectShared(const std::vector<AccessRule> &banned, std::function<void()> done);

    StoreThread &m_store;
    const Clock &m_clock;
    QObject &m_anchor;
    Apply m_apply;
    UlidGenerator m_ids;
    AccessLedger m_ledger;
    AccessRulesPtr m_rules = std::make_shared<const AccessRules>();
    Batch m_waiting;
    bool m_isBusy = false;
    ControlLog *m_log = nullptr; ///< null without a cluster
    QStringList m_expired;       ///< that are in Redis still: to be deleted with the next change
};

} // namespace gatehouse
