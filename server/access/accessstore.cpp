// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/access/accessstoreparts.h"

#include <algorithm>
#include <future>

#include <QtCore/QPointer>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kMaxPage = 1000;

} // namespace

AccessStore::AccessStore(StoreThread &store, const Clock &clock, QObject &anchor)
    : m_store(store)
    , m_clock(clock)
    , m_anchor(anchor)
    , m_ids(UlidGenerator::withSystemEntropy())
{
}

AccessStore::~AccessStore()
{
    if (m_log)
        m_log->leave(ControlKind::Access);
}

Status AccessStore::createTables(Database &database)
{
    const Status status = AuditLog::createTables(database);
    return status ? accessrows::createTables(database) : status;
}

Status AccessStore::load()
{
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
        finished.set_value(status);
    });
    const Status status = finished.get_future().get();
    m_rules = m_ledger.rules();
    return status;
}

void AccessStore::put(AccessList list, AccessRule rule, const Actor &actor, Done done)
{
    const QString note = rule.note;
    enqueue({ list, std::move(rule), {}, actor, note, std::move(done), {}, {} });
}

void AccessStore::remove(AccessList list, const QString &id, const Actor &actor, const QString &note, Done done)
{
    enqueue({ list, {}, id, actor, note, std::move(done), {}, {} });
}

void AccessStore::removeExpired()
{
    beginNext();
}

void AccessStore::enqueue(Change change)
{
    m_waiting.push_back(std::move(change));
    if (!m_isBusy)
        post([this] { beginNext(); });
}

void AccessStore::beginNext()
{
    if (m_log) {
        beginNextShared();
        return;
    }
    if (m_isBusy)
        return;
    auto batch = std::make_shared<Batch>();
    collectExpired(*batch);
    std::move(m_waiting.begin(), m_waiting.end(), std::back_inserter(*batch));
    m_waiting.clear();
    if (batch->empty())
        return;
    m_isBusy = true;
    for (Change &change : *batch)
        judge(change);
    const auto work = [batch, now = m_clock.utc()](Database &database) -> Status {
        for (Change &change : *batch) {
            if (const Status status = change.refusal ? ok() : change.store(database, now); !status)
                return status;
        }
        return ok();
    };
    m_store.write(work, [this, batch, self = QPointer(this), anchor = &m_anchor](const Status &status) {
        QMetaObject::invokeMethod(
            anchor,
            [this, self, batch, status] {
                if (self)
                    stored(batch, status);
            },
            Qt::QueuedConnection);
    });
}

void AccessStore::collectExpired(Batch &batch)
{
    for (const AccessList list : kAccessLists) {
        for (const QString &id : m_ledger.expired(list, m_clock.utc()))
            batch.push_back({ list, {}, id, {}, {}, {}, {}, {} });
    }
}

/// Enters the change into the ledger, so that the next one is judged by it; takeBack() takes it out if it cannot be
/// stored.
void AccessStore::judge(Change &change)
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

void AccessStore::stored(const std::shared_ptr<Batch> &batch, const Status &status)
{
    if (status) {
        takeEffect(batch);
        return;
    }
    takeBack(*batch);
    for (Change &change : *batch) {
        if (!change.refusal)
            change.refusal = Error{ status.error().message, accesserrors::kStoreFailed };
    }
    answer(*batch);
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

void AccessStore::takeEffect(const std::shared_ptr<Batch> &batch)
{
    std::vector<AccessRule> banned;
    bool hasChanged = false;
    for (const Change &change : *batch) {
        hasChanged = hasChanged || !change.refusal;
        // What the same batch lifts again closes nothing.
        const bool holds = !change.refusal && change.rule && m_ledger.find(change.list, change.id);
        if (holds && change.list == AccessList::Bans)
            banned.push_back(*change.rule);
    }
    if (hasChanged)
        m_rules = m_ledger.rules();
    if (!hasChanged || !m_apply) {
        answer(*batch);
        return;
    }
    AccessRulesPtr added;
    if (!banned.empty())
        added = std::make_shared<const AccessRules>(banned, std::vector<AccessRule>());
    m_apply(m_rules, added, [this, batch, self = QPointer(this)] {
        if (self)
            answer(*batch);
    });
}

void AccessStore::answer(const Batch &batch)
{
    for (const Change &change : batch) {
        if (!change.done)
            continue;
        if (change.refusal)
            change.done(*change.refusal);
        else
            change.done(Outcome{ change.rule ? *change.rule : *change.before, !change.before });
    }
    m_isBusy = false;
    post([this] { beginNext(); });
}

void AccessStore::list(AccessList list, const AccessFilter &filter, const QString &cursor, int limit,
    std::function<void(Result<AccessPage>)> done)
{
    const int count = std::clamp(limit, 1, kMaxPage);
    m_store.read([list, filter, cursor, count, done = std::move(done), anchor = &m_anchor](Database &database) {
        Result<AccessPage> page = accessrows::page(database, list, filter, cursor, count);
        QMetaObject::invokeMethod(
            anchor, [done, page = std::move(page)] { done(page); }, Qt::QueuedConnection);
    });
}

void AccessStore::post(std::function<void()> call)
{
    QMetaObject::invokeMethod(
        &m_anchor,
        [self = QPointer(this), call = std::move(call)] {
            if (self)
                call();
        },
        Qt::QueuedConnection);
}

} // namespace gatehouse
