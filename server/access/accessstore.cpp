// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/access/accessstore.h"

#include <algorithm>
#include <future>
#include <map>

#include "server/access/accesscodec.h"
#include "server/base/answeronce.h"
#include "server/base/onthread.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kMaxPage = 1000;
constexpr qsizetype kMaxExpired = 1000; ///< that are deleted with one change

const QString kConfiguredBy = u"EXEMPT_NETWORKS"_s;

AccessRule configuredRule(const QString &value, std::optional<qint64> limit)
{
    AccessRule rule;
    rule.id = value; // until it gets one
    rule.kind = value.contains(u'/') ? AccessKind::Cidr : AccessKind::Address;
    rule.value = value;
    rule.limit = limit;
    rule.reason = kConfiguredBy;
    return rule;
}

/// The audit's entries of a batch, each with what the changes before it make of the state file.
Result<QJsonArray> auditOf(Database &database, const std::vector<AccessChange> &batch, UtcTime now)
{
    QJsonArray audit;
    std::map<QString, std::optional<AccessRule>> rows;
    for (const AccessChange &change : batch) {
        if (change.refusal)
            continue;
        if (!rows.contains(change.id)) {
            Result<std::optional<AccessRule>> found = accessrows::find(database, change.id);
            if (!found)
                return found.error();
            rows[change.id] = std::move(found).value();
        }
        audit.append(change.auditEntry(rows[change.id], now).toControlJson());
        rows[change.id] = change.rule;
    }
    return audit;
}

} // namespace

AccessStore::AccessStore(StoreThread &store, ControlLog &log, const Clock &clock, QObject &anchor)
    : m_store(store)
    , m_log(log)
    , m_clock(clock)
    , m_anchor(anchor)
    , m_ids(UlidGenerator::withSystemEntropy())
{
    m_log.attach(ControlKind::Access, accesscodec::storage(), this);
}

AccessStore::~AccessStore()
{
    m_log.leave(ControlKind::Access);
}

Status AccessStore::createTables(Database &database)
{
    const Status status = AuditLog::createTables(database);
    return status ? accessrows::createTables(database) : status;
}

Status AccessStore::load(const ExemptNetworks &configured, int ipv6PrefixBits)
{
    m_ipv6PrefixBits = ipv6PrefixBits;
    m_configured = configured;
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
        Result<ExemptNetworks> known = accessrows::loadConfigured(database);
        if (known)
            m_known = std::move(known).value();
        else
            status = known.error();
        finished.set_value(status);
    });
    const Status status = finished.get_future().get();
    for (const auto &[value, limit] : m_configured) {
        const auto known = m_known.find(value);
        if (known == m_known.end() || known->second != limit)
            m_unsettled.push_back(configuredRule(value, limit));
    }
    m_rules = rulesInForce();
    return status;
}

void AccessStore::joined()
{
    m_hasJoined = true;
    settle();
}

/// Brings what settings say into the log. What cannot be appended stays in force here, and is tried again.
void AccessStore::settle()
{
    if (m_settling > 0 || !m_hasJoined || m_known == m_configured)
        return;
    m_settling = 1; // until all have been asked for
    for (const AccessRule &rule : noMoreConfigured()) {
        ++m_settling;
        remove(
            AccessList::Exemptions, rule.id, { kConfiguredBy, {} }, {}, [this](const Result<Outcome> &) { settled(); });
    }
    const std::vector<AccessRule> news = m_unsettled;
    for (const AccessRule &rule : news)
        putConfigured(rule);
    settled();
}

void AccessStore::putConfigured(const AccessRule &rule)
{
    const auto isSettled = [this, value = rule.value] {
        std::erase_if(m_unsettled, [&value](const AccessRule &each) { return each.value == value; });
    };
    const AccessRule *there = m_ledger.findAlike(AccessList::Exemptions, rule);
    if (there && there->limit == rule.limit && !there->expiresAt) { // another node has brought it, or an operator
        isSettled();
        return;
    }
    ++m_settling;
    put(AccessList::Exemptions, rule, { kConfiguredBy, {} }, [this, isSettled](const Result<Outcome> &outcome) {
        if (outcome)
            isSettled();
        settled();
    });
}

/// What settings have brought and name no more.
std::vector<AccessRule> AccessStore::noMoreConfigured() const
{
    std::vector<AccessRule> rules;
    for (const auto &[value, limit] : m_known) {
        const AccessRule *there = m_ledger.findAlike(AccessList::Exemptions, configuredRule(value, limit));
        const bool isOurs = there && there->createdBy == kConfiguredBy && there->limit == limit;
        if (isOurs && !m_configured.contains(value))
            rules.push_back(*there);
    }
    return rules;
}

/// Remembers what the settings said once all of it is in the log.
void AccessStore::settled()
{
    if (--m_settling > 0 || !m_unsettled.empty() || !noMoreConfigured().empty())
        return;
    m_known = m_configured;
    m_store.write(
        [configured = m_configured](Database &database) { return accessrows::storeConfigured(database, configured); });
}

AccessRulesPtr AccessStore::rulesInForce() const
{
    if (m_unsettled.empty())
        return m_ledger.rules(m_ipv6PrefixBits);
    AccessLedger ledger = m_ledger;
    for (const AccessRule &rule : m_unsettled)
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
    settle();
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
    auto batch = std::make_shared<Batch>();
    const auto end = m_waiting.begin() + qsizetype(std::min(m_waiting.size(), kMaxBatch));
    std::move(m_waiting.begin(), end, std::back_inserter(*batch));
    m_waiting.erase(m_waiting.begin(), end);
    propose(batch, 1);
}

/// Judges the batch by what is in force now, and has the state file say what the audit is to show.
void AccessStore::propose(const BatchPtr &batch, int attempt)
{
    for (AccessChange &change : *batch) {
        change.before.reset();
        change.refusal.reset();
        judge(change);
    }
    takeBack(*batch); // it holds when it comes back from the log
    const qint64 version = m_log.version(ControlKind::Access);
    const auto described = onThreadOf(
        m_anchor, this, [=, this](const Result<QJsonArray> &audit) { append(batch, audit, version, attempt); });
    m_store.read(
        [batch, described, now = m_clock.utc()](Database &database) { described(auditOf(database, *batch, now)); });
}

/// Enters the change into the ledger, so that the next one is judged by it; takeBack() takes it out again.
void AccessStore::judge(AccessChange &change)
{
    const AccessRule *before
        = change.rule ? m_ledger.findAlike(change.list, *change.rule) : m_ledger.find(change.list, change.id);
    if (before)
        change.before = *before;
    if (!change.rule) {
        if (!before)
            change.refusal
                = Error{ u"there is nothing with the id %1"_s.arg(change.id.left(64)), accesserrors::kNoSuchRule };
        m_ledger.remove(change.list, change.id);
        return;
    }
    AccessRule &rule = *change.rule;
    if (!before && m_ledger.isFull(change.list)) {
        change.refusal = Error{ u"the list has %1 entries, and may not have more"_s.arg(AccessLedger::kMaxRules),
            accesserrors::kListFull };
        return;
    }
    rule.id = change.before ? change.before->id : m_ids.next(m_clock.utc());
    rule.createdAt = change.before ? change.before->createdAt : m_clock.utc();
    rule.createdBy = change.before ? change.before->createdBy : change.actor.user;
    if (change.before && change.before->issuedBefore)
        rule.issuedBefore = std::max(*rule.issuedBefore, *change.before->issuedBefore);
    change.id = rule.id;
    m_ledger.put(change.list, rule);
}

void AccessStore::takeBack(const Batch &batch)
{
    for (auto change = batch.rbegin(); change != batch.rend(); ++change) {
        if (change->refusal)
            continue;
        if (change->before)
            m_ledger.put(change->list, *change->before);
        else
            m_ledger.remove(change->list, change->id);
    }
}

void AccessStore::append(const BatchPtr &batch, const Result<QJsonArray> &audit, qint64 version, int attempt)
{
    if (!audit) {
        refuse(*batch, { audit.error().message, controlerrors::kStoreFailed });
        return;
    }
    if (version != m_log.version(ControlKind::Access)) { // what it was judged by is gone already
        propose(batch, attempt);
        return;
    }
    std::vector<accesscodec::Step> steps;
    for (const AccessChange &change : *batch) {
        if (!change.refusal)
            steps.push_back({ change.list, change.rule, change.id });
    }
    if (steps.empty()) {
        answer(*batch);
        return;
    }
    ControlChange asked = accesscodec::encode(steps, *audit);
    asked.expectedVersion = version;
    const QStringList expired = m_expired.mid(0, kMaxExpired);
    for (const QString &id : expired)
        asked.items.insert(asked.items.begin(), { id, std::nullopt });
    m_log.append(std::move(asked), [=, this, self = QPointer(this)](const Result<ControlEntry> &appended) {
        if (!self)
            return;
        if (isToBeMadeAnew(appended, attempt)) {
            propose(batch, attempt + 1);
        } else if (!appended) {
            refuse(*batch, changeError(appended.error()));
        } else {
            for (const QString &id : expired)
                m_expired.removeOne(id);
            answer(*batch);
        }
    });
}

void AccessStore::refuse(Batch &batch, const Error &error)
{
    for (AccessChange &change : batch) {
        if (!change.refusal)
            change.refusal = error;
    }
    answer(batch);
}

void AccessStore::answer(const Batch &batch)
{
    for (const AccessChange &change : batch)
        change.answer();
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
