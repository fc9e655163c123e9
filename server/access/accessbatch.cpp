// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/access/accessbatch.h"

#include <algorithm>
#include <map>

#include "server/access/accessrows.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

void AccessBatch::judge(AccessLedger &ledger, const std::function<QString()> &nextId, UtcTime now)
{
    for (AccessChange &change : m_changes) {
        change.before.reset();
        change.refusal.reset();
        judge(change, ledger, nextId, now);
    }
    takeBack(ledger);
}

/// Enters the change into the ledger, so that the next one is judged by it; takeBack() takes it out again.
void AccessBatch::judge(AccessChange &change, AccessLedger &ledger, const std::function<QString()> &nextId, UtcTime now)
{
    const AccessRule *before
        = change.rule ? ledger.findAlike(change.list, *change.rule) : ledger.find(change.list, change.id);
    if (before)
        change.before = *before;
    if (!change.rule) {
        if (!before)
            change.refusal
                = Error{ u"there is nothing with the id %1"_s.arg(change.id.left(64)), accesserrors::kNoSuchRule };
        ledger.remove(change.list, change.id);
        return;
    }
    AccessRule &rule = *change.rule;
    if (!before && ledger.isFull(change.list)) {
        change.refusal = Error{ u"the list has %1 entries, and may not have more"_s.arg(AccessLedger::kMaxRules),
            accesserrors::kListFull };
        return;
    }
    rule.id = change.before ? change.before->id : nextId();
    rule.createdAt = change.before ? change.before->createdAt : now;
    rule.createdBy = change.before ? change.before->createdBy : change.actor.user;
    if (change.before && change.before->issuedBefore)
        rule.issuedBefore = std::max(*rule.issuedBefore, *change.before->issuedBefore);
    change.id = rule.id;
    ledger.put(change.list, rule);
}

void AccessBatch::takeBack(AccessLedger &ledger) const
{
    for (auto change = m_changes.rbegin(); change != m_changes.rend(); ++change) {
        if (change->refusal)
            continue;
        if (change->before)
            ledger.put(change->list, *change->before);
        else
            ledger.remove(change->list, change->id);
    }
}

Result<QJsonArray> AccessBatch::audit(Database &database, UtcTime now) const
{
    QJsonArray audit;
    std::map<QString, std::optional<AccessRule>> rows;
    for (const AccessChange &change : m_changes) {
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

std::vector<accesscodec::Step> AccessBatch::steps() const
{
    std::vector<accesscodec::Step> steps;
    for (const AccessChange &change : m_changes) {
        if (!change.refusal)
            steps.push_back({ change.list, change.rule, change.id });
    }
    return steps;
}

void AccessBatch::refuse(const Error &error)
{
    for (AccessChange &change : m_changes) {
        if (!change.refusal)
            change.refusal = error;
    }
}

void AccessBatch::answer() const
{
    for (const AccessChange &change : m_changes)
        change.answer();
}

} // namespace gatehouse
