// SPDX-License-Identifier: GPL-3.0-or-later
// AccessStore in a cluster: changes go through the control log.
#include <algorithm>

#include <QtCore/QPointer>

#include "server/access/accesscontrol.h"
#include "server/access/accessstoreparts.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kMaxExpired = 1000; ///< that are deleted with one change

} // namespace

void AccessStore::share(ControlLog &log)
{
    m_log = &log;
    log.attach(ControlKind::Access, accesscontrol::storage(), this);
}

void AccessStore::beginNextShared()
{
    removeExpiredShared();
    if (m_isBusy || m_waiting.empty())
        return;
    m_isBusy = true;
    auto batch = std::make_shared<Batch>();
    const auto end = m_waiting.begin() + qsizetype(std::min(m_waiting.size(), kMaxSharedBatch));
    std::move(m_waiting.begin(), end, std::back_inserter(*batch));
    m_waiting.erase(m_waiting.begin(), end);
    changeShared(batch, 1);
}

void AccessStore::removeExpiredShared()
{
    bool hasExpired = false;
    const UtcTime now = m_clock.utc();
    for (const AccessList list : kAccessLists) {
        for (const QString &id : m_ledger.expired(list, now)) {
            m_ledger.remove(list, id);
            m_expired.append(id);
            hasExpired = true;
        }
    }
    if (!hasExpired)
        return;
    // By time and not by id: a rule that has got a later end meanwhile stays.
    m_store.write([now](Database &database) { return accessrows::removeExpired(database, now); });
    takeEffectShared({}, [] {});
}

/// Judges the batch by what is in force now, and has the state file say what the audit is to show.
void AccessStore::changeShared(const std::shared_ptr<Batch> &batch, int attempt)
{
    for (Change &change : *batch) {
        change.before.reset();
        change.refusal.reset();
        judge(change);
    }
    takeBack(*batch); // it holds when it comes back from the log
    const qint64 version = m_log->version(ControlKind::Access);
    const auto describe = [batch, now = m_clock.utc()](Database &database) -> Result<QJsonArray> {
        QJsonArray audit;
        std::map<QString, std::optional<AccessRule>> rows; // as the changes before in the batch make them
        for (const Change &change : *batch) {
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
    };
    m_store.read([=, this, self = QPointer(this), anchor = &m_anchor](Database &database) {
        const Result<QJsonArray> audit = describe(database);
        QMetaObject::invokeMethod(
            anchor,
            [=, this] {
                if (self)
                    appendShared(batch, audit, version, attempt);
            },
            Qt::QueuedConnection);
    });
}

void AccessStore::appendShared(
    const std::shared_ptr<Batch> &batch, const Result<QJsonArray> &audit, qint64 version, int attempt)
{
    if (!audit) {
        failShared(*batch, { audit.error().message, accesserrors::kStoreFailed });
        return;
    }
    if (version != m_log->version(ControlKind::Access)) { // what it was judged by is gone already
        changeShared(batch, attempt);
        return;
    }
    std::vector<accesscontrol::Step> steps;
    for (const Change &change : *batch) {
        if (!change.refusal)
            steps.push_back({ change.list, change.rule, change.id });
    }
    if (steps.empty()) {
        answer(*batch);
        return;
    }
    ControlChange asked = accesscontrol::encode(steps, *audit);
    asked.expectedVersion = version;
    const QStringList expired = m_expired.mid(0, kMaxExpired);
    for (const QString &id : expired)
        asked.items.insert(asked.items.begin(), { id, std::nullopt });
    m_log->append(std::move(asked), [=, this, self = QPointer(this)](const Result<ControlEntry> &appended) {
        if (!self)
            return;
        if (!appended && appended.error().field == controlerrors::kConflict && attempt < kMaxControlAttempts) {
            changeShared(batch, attempt + 1);
        } else if (!appended) {
            failShared(*batch, { appended.error().message, controlerrors::kUnavailable });
        } else {
            for (const QString &id : expired)
                m_expired.removeOne(id);
            answer(*batch);
        }
    });
}

void AccessStore::failShared(Batch &batch, const Error &error)
{
    for (Change &change : batch) {
        if (!change.refusal)
            change.refusal = error;
    }
    answer(batch);
}

void AccessStore::takeEntries(const std::vector<ControlEntry> &entries, std::function<void()> done)
{
    std::vector<accesscontrol::Step> put;
    for (const ControlEntry &entry : entries) {
        for (const accesscontrol::Step &step : accesscontrol::decode(entry.payload)) {
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
    for (const accesscontrol::Step &step : put) {
        if (step.list == AccessList::Bans && m_ledger.find(step.list, step.id))
            banned.push_back(*step.rule); // what was lifted again closes nothing
    }
    takeEffectShared(banned, std::move(done));
}

void AccessStore::takeItems(const ControlItems &items, std::function<void()> done)
{
    const AccessLedger before = std::move(m_ledger);
    m_ledger = {};
    std::vector<AccessRule> banned;
    for (const auto &[id, item] : items) {
        const accesscontrol::Step step = accesscontrol::decodeItem(item);
        if (!step.rule)
            continue;
        m_ledger.put(step.list, *step.rule);
        const AccessRule *known = before.find(step.list, step.id);
        if (step.list == AccessList::Bans && (!known || known->issuedBefore != step.rule->issuedBefore))
            banned.push_back(*step.rule);
    }
    for (const AccessList list : kAccessLists) {
        for (const QString &id : m_ledger.expired(list, m_clock.utc()))
            m_ledger.remove(list, id);
    }
    std::erase_if(banned, [this](const AccessRule &rule) { return !m_ledger.find(AccessList::Bans, rule.id); });
    m_store.write([now = m_clock.utc()](Database &database) { return accessrows::removeExpired(database, now); });
    takeEffectShared(banned, std::move(done));
}

void AccessStore::takeEffectShared(const std::vector<AccessRule> &banned, std::function<void()> done)
{
    m_rules = m_ledger.rules();
    if (!m_apply) {
        done();
        return;
    }
    AccessRulesPtr added;
    if (!banned.empty())
        added = std::make_shared<const AccessRules>(banned, std::vector<AccessRule>());
    m_apply(m_rules, added, [done = std::move(done), self = QPointer(this)] {
        if (self)
            done();
    });
}

} // namespace gatehouse
