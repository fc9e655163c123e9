// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <QtCore/QObject>

#include "server/access/accessbatch.h"
#include "server/access/configuredexemptions.h"
#include "server/control/controllog.h"
#include "server/store/storethread.h"
#include "shared/util/ulid.h"

namespace gatehouse {

/// Bans and exemptions: kept in the state file, in force on every worker. A change is proposed to the control log,
/// stored there with its audit entry; when it comes from the log it takes effect on every worker and on the admin API,
/// where it closes what is open, and then it is acknowledged. Changes that wait are proposed together, in the order in
/// which they were asked for. What expires is taken out by each process by itself.
///
/// Lives on the main thread, where its callbacks come too. Store and logs outlive it, and `anchor` (an object of the
/// main thread) the store.
class AccessStore final : public QObject, public ControlParticipant
{
    Q_OBJECT

public:
    /// Makes rules those that everybody decides by and closes what `added` (may be null) bans, then calls back.
    using Apply = std::function<void(AccessRulesPtr rules, AccessRulesPtr added, std::function<void()> done)>;
    using Outcome = AccessOutcome;
    using Done = std::function<void(Result<Outcome>)>;

    AccessStore(StoreThread &store, ControlLog &control, const Clock &clock, Log &log, QObject &anchor);
    ~AccessStore() override;

    [[nodiscard]] static Status createTables(Database &database);
    /// Once, before anything else: reads the rules, waiting for the store. `configured` is what settings exempt, see
    /// ConfiguredExemptions.
    [[nodiscard]] Status load(const ExemptNetworks &configured = {}, int ipv6PrefixBits = IpAddress::kBucketBits);
    /// To be set before the first change.
    void setApply(Apply apply) { m_apply = std::move(apply); }
    /// Whether the clock is right yet; until it is, nothing is held for expired. Without it the clock is always right.
    void setTimeKnown(std::function<bool()> isTimeKnown) { m_isTimeKnown = std::move(isTimeKnown); }
    [[nodiscard]] AccessRulesPtr rules() const { return m_rules; }
    /// Of the address buckets that rules are about.
    [[nodiscard]] int ipv6PrefixBits() const { return m_ipv6PrefixBits; }

    /// Adds a rule with canonical value; id and creation are given to it here. One about the same thing keeps those and
    /// gets everything else from the new one; only `issuedBefore` never goes back.
    void put(AccessList list, AccessRule rule, const Actor &actor, Done done);
    /// Lifts a rule. The outcome holds it.
    void remove(AccessList list, const QString &id, const Actor &actor, const QString &note, Done done);
    /// Takes out what has expired, and tries again what settings say and could not be appended; to be called once a
    /// second.
    void upkeep();
    /// `limit` rules (1 to 1,000) before the cursor, which is the last one's id.
    void list(AccessList list, const AccessFilter &filter, const QString &cursor, int limit,
        std::function<void(Result<AccessPage>)> done);

    void takeEntries(const std::vector<ControlEntry> &entries, std::function<void()> done) override;
    void takeItems(const ControlItems &items, std::function<void()> done) override;
    void joined() override;

private:
    using BatchPtr = std::shared_ptr<AccessBatch>;
    static constexpr size_t kMaxBatch = 20; ///< bounds one entry of the log

    void enqueue(AccessChange change);
    void beginNext();
    void propose(const BatchPtr &batch, int attempt);
    void append(const BatchPtr &batch, const Result<QJsonArray> &audit, qint64 version, int attempt);
    void answer(const AccessBatch &batch);
    bool takeOutExpired();
    void removeExpired();
    [[nodiscard]] AccessRulesPtr rulesInForce() const;
    [[nodiscard]] ConfiguredExemptions::Changes changesBySettings();
    void takeEffect(const std::vector<AccessRule> &banned, std::function<void()> done);

    StoreThread &m_store;
    ControlLog &m_control;
    const Clock &m_clock;
    QObject &m_anchor;
    Apply m_apply;
    std::function<bool()> m_isTimeKnown;
    UlidGenerator m_ids;
    AccessLedger m_ledger;
    ConfiguredExemptions m_configured;
    bool m_hasJoined = false;
    int m_ipv6PrefixBits = IpAddress::kBucketBits;
    AccessRulesPtr m_rules = std::make_shared<const AccessRules>();
    std::vector<AccessChange> m_waiting;
    bool m_isBusy = false;
    QStringList m_expired; ///< that are among the log's items still: to be deleted with the next change
};

} // namespace gatehouse
