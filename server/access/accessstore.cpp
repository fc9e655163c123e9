// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/access/accessstore.h"

#include <algorithm>
#include <future>

#include "server/access/accesscodec.h"
#include "server/base/answeronce.h"
#include "server/base/onthread.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kMaxPage = 1000;
constexpr qsizetype kMaxExpired = 1000; ///< that are deleted with one change

} // namespace

AccessStore::AccessStore(StoreThread &store, ControlLog &control, const Clock &clock, Log &log, QObject &anchor)
    : m_store(store)
    , m_control(control)
    , m_clock(clock)
    , m_anchor(anchor)
    , m_ids(UlidGenerator::withSystemEntropy())
    , m_configured(store, m_ledger, log, changesBySettings())
{
    m_control.attach(ControlKind::Access, accesscodec::storage(), this);
}

AccessStore::~AccessStore()
{
    m_control.leave(ControlKind::Access);
}

Status AccessStore::createTables(Database &database)
{
    const Status status = AuditLog::createTables(database);
    return status ? accessrows::createTables(database) : status;
}

Status AccessStore::load(const ExemptNetworks &configured, int ipv6PrefixBits)
{
    m_ipv6PrefixBits = ipv6PrefixBits;
    ExemptNetworks known;
    std::promise<Status> finished;
    m_store.read([&](Database &database) {
        Status status = ok();
        for (const AccessList list : kAccessLists) {
            const Result<std::vector<AccessRule>> rules = accessrows::load(database, list);
            if (!rules)
                status = rules.error();
            for (const AccessRule &rule : rules ? *rules : std::vector<AccessRule>())
                m_ledger.put(list, rule);
        }
        Result<ExemptNetworks> kept = accessrows::loadConfigured(database);
        if (kept)
            known = std::move(kept).value();
        else
            status = kept.error();
        finished.set_value(status);
    });
    const Status status = finished.get_future().get();
    m_configured.begin(configured, known);
    m_rules = rulesInForce();
    return status;
}

void AccessStore::joined()
{
    m_hasJoined = true;
    m_configured.settle();
}

ConfiguredExemptions::Changes AccessStore::changesBySettings()
{
    return {
        [this](AccessRule rule, const Actor &by, const std::function<void(bool)> &done) {
            put(AccessList::Exemptions, std::move(rule), by,
                [done](const Result<Outcome> &outcome) { done(outcome.isOk()); });
        },
        [this](const QString &id, const Actor &by, const std::function<void()> &done) {
            remove(AccessList::Exemptions, id, by, {}, [done](const Result<Outcome> &) { done(); });
        },
    };
}

AccessRulesPtr AccessStore::rulesInForce() const
{
    if (m_configured.unsettled().empty())
        return m_ledger.rules(m_ipv6PrefixBits);
    AccessLedger ledger = m_ledger;
    for (const AccessRule &rule : m_configured.unsettled())
        ledger.put(AccessList::Exemptions, rule);
    return ledger.rules(m_ipv6PrefixBits);
}

void AccessStore::put(AccessList list, AccessRule rule, const Actor &actor, Done done)
{
    const QString note = rule.note;
    enqueue({ list, std::move(rule), {}, actor, note, std::move(done) });
}

void AccessStore::remove(AccessList list, const QString &id, const Actor &actor, const QString &note, Done done)
{
    enqueue({ list, {}, id, actor, note, std::move(done) });
}

void AccessStore::enqueue(AccessChange change)
{
    m_waiting.push_back(std::move(change));
    if (!m_isBusy)
        postTo(m_anchor, this, [this] { beginNext(); });
}

/// What has expired goes from the ledger and the state file; false if there is nothing of the kind.
bool AccessStore::takeOutExpired()
{
    if (m_isTimeKnown && !m_isTimeKnown())
        return false;
    bool hasExpired = false;
    const UtcTime now = m_clock.utc();
    for (const AccessList list : kAccessLists) {
        for (const QString &id : m_ledger.expired(list, now)) {
            m_ledger.remove(list, id);
            m_expired.append(id);
            hasExpired = true;
        }
    }
    // By time and not by id: a rule that has got a later end meanwhile stays.
    if (hasExpired)
        m_store.write([now](Database &database) { return accessrows::removeExpired(database, now); });
    return hasExpired;
}

void AccessStore::upkeep()
{
    if (m_hasJoined)
        m_configured.settle();
    removeExpired();
}

void AccessStore::removeExpired()
{
    if (takeOutExpired())
        takeEffect({}, [] {});
}

void AccessStore::beginNext()
{
    if (m_isBusy || m_waiting.empty())
        return;
    removeExpired(); // what has ended is not changed, but made anew
    m_isBusy = true;
    const auto end = m_waiting.begin() + qsizetype(std::min(m_waiting.size(), kMaxBatch));
    std::vector<AccessChange> changes(std::make_move_iterator(m_waiting.begin()), std::make_move_iterator(end));
    m_waiting.erase(m_waiting.begin(), end);
    propose(std::make_shared<AccessBatch>(std::move(changes)), 1);
}

/// Judges the batch by what is in force now, and has the state file say what the audit is to show.
void AccessStore::propose(const BatchPtr &batch, int attempt)
{
    const UtcTime now = m_clock.utc();
    batch->judge(
        m_ledger, [this, now] { return m_ids.next(now); }, now);
    const qint64 version = m_control.version(ControlKind::Access);
    const auto described = onThreadOf(
        m_anchor, this, [=, this](const Result<QJsonArray> &audit) { append(batch, audit, version, attempt); });
    m_store.read([batch, described, now](Database &database) { described(batch->audit(database, now)); });
}

void AccessStore::append(const BatchPtr &batch, const Result<QJsonArray> &audit, qint64 version, int attempt)
{
    if (!audit) {
        batch->refuse({ audit.error().message, controlerrors::kStoreFailed });
        answer(*batch);
        return;
    }
    if (version != m_control.version(ControlKind::Access)) { // what it was judged by is gone already
        propose(batch, attempt);
        return;
    }
    const std::vector<accesscodec::Step> steps = batch->steps();
    if (steps.empty()) {
        answer(*batch);
        return;
    }
    ControlChange asked = accesscodec::encode(steps, *audit);
    asked.expectedVersion = version;
    const QStringList expired = m_expired.mid(0, kMaxExpired);
    for (const QString &id : expired)
        asked.items.insert(asked.items.begin(), { id, std::nullopt });
    m_control.append(std::move(asked), [=, this, self = QPointer(this)](const Result<ControlEntry> &appended) {
        if (!self)
            return;
        if (isToBeMadeAnew(appended, attempt)) {
            propose(batch, attempt + 1);
            return;
        }
        if (!appended)
            batch->refuse(changeError(appended.error()));
        for (const QString &id : appended ? expired : QStringList())
            m_expired.removeOne(id);
        answer(*batch);
    });
}

void AccessStore::answer(const AccessBatch &batch)
{
    batch.answer();
    m_isBusy = false;
    postTo(m_anchor, this, [this] { beginNext(); });
}

void AccessStore::takeEntries(const std::vector<ControlEntry> &entries, std::function<void()> done)
{
    std::vector<accesscodec::Step> put;
    for (const ControlEntry &entry : entries) {
        for (const accesscodec::Step &step : accesscodec::decode(entry.payload)) {
            if (step.rule) {
                // One that is about the same is left only where it had expired and was not taken out yet.
                const AccessRule *alike = m_ledger.findAlike(step.list, *step.rule);
                if (alike && alike->id != step.id)
                    m_store.write([id = alike->id](Database &database) { return accessrows::remove(database, id); });
                m_ledger.put(step.list, *step.rule);
                m_expired.removeOne(step.id);
                put.push_back(step);
            } else {
                m_ledger.remove(step.list, step.id);
            }
        }
    }
    std::vector<AccessRule> banned;
    for (const accesscodec::Step &step : put) {
        if (step.list == AccessList::Bans && m_ledger.find(step.list, step.id))
            banned.push_back(*step.rule); // what was lifted again closes nothing
    }
    takeEffect(banned, std::move(done));
}

void AccessStore::takeItems(const ControlItems &items, std::function<void()> done)
{
    const AccessLedger before = std::move(m_ledger);
    m_ledger = {};
    std::vector<AccessRule> banned;
    for (const auto &[id, item] : items) {
        const accesscodec::Step step = accesscodec::decodeItem(item);
        if (!step.rule)
            continue;
        m_ledger.put(step.list, *step.rule);
        const AccessRule *known = before.find(step.list, step.id);
        if (step.list == AccessList::Bans && (!known || known->issuedBefore != step.rule->issuedBefore))
            banned.push_back(*step.rule);
    }
    takeOutExpired();
    std::erase_if(banned, [this](const AccessRule &rule) { return !m_ledger.find(AccessList::Bans, rule.id); });
    takeEffect(banned, std::move(done));
}

void AccessStore::takeEffect(const std::vector<AccessRule> &banned, std::function<void()> done)
{
    m_rules = rulesInForce();
    if (!m_apply) {
        done();
        return;
    }
    AccessRulesPtr added;
    if (!banned.empty())
        added = std::make_shared<const AccessRules>(banned, std::vector<AccessRule>(), m_ipv6PrefixBits);
    m_apply(m_rules, added, [done = std::move(done), self = QPointer(this)] {
        if (self)
            done();
    });
}

void AccessStore::list(AccessList list, const AccessFilter &filter, const QString &cursor, int limit,
    std::function<void(Result<AccessPage>)> done)
{
    const int count = std::clamp(limit, 1, kMaxPage);
    const auto answer = answerOnce<Result<AccessPage>>(onThreadOf(m_anchor, std::move(done)));
    m_store.read([list, filter, cursor, count, answer](
                     Database &database) { answer(accessrows::page(database, list, filter, cursor, count)); },
        answer);
}

} // namespace gatehouse
