// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <QtCore/QObject>

#include "server/guard/accessledger.h"
#include "server/guard/accessrows.h"
#include "server/store/auditlog.h"
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
class AccessStore final : public QObject
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

private:
    struct Change;
    using Batch = std::vector<Change>;

    void enqueue(Change change);
    void beginNext();
    void collectExpired(Batch &batch);
    void judge(Change &change);
    void stored(const std::shared_ptr<Batch> &batch, const Status &status);
    void takeEffect(const std::shared_ptr<Batch> &batch);
    void answer(const Batch &batch);
    void post(std::function<void()> call);

    StoreThread &m_store;
    const Clock &m_clock;
    QObject &m_anchor;
    Apply m_apply;
    UlidGenerator m_ids;
    AccessLedger m_ledger;
    AccessRulesPtr m_rules = std::make_shared<const AccessRules>();
    Batch m_waiting;
    bool m_isBusy = false;
};

} // namespace gatehouse
