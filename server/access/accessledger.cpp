// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/access/accessledger.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// What a rule is about, as one text.
QString subjectOf(const AccessRule &rule)
{
    return accessKindName(rule.kind) + (rule.issuedBefore ? u'<' : u'=') + rule.value;
}

} // namespace

const AccessRule *AccessLedger::find(AccessList list, const QString &id) const
{
    const auto found = part(list).rules.find(id);
    return found == part(list).rules.end() ? nullptr : &found->second;
}

const AccessRule *AccessLedger::findAlike(AccessList list, const AccessRule &rule) const
{
    const auto id = part(list).ids.constFind(subjectOf(rule));
    return id == part(list).ids.constEnd() ? nullptr : find(list, *id);
}

void AccessLedger::put(AccessList list, const AccessRule &rule)
{
    remove(list, rule.id);
    if (const AccessRule *alike = findAlike(list, rule))
        remove(list, QString(alike->id));
    Part &into = m_parts[size_t(list)];
    into.ids.insert(subjectOf(rule), rule.id);
    if (rule.expiresAt)
        into.expiries.emplace(*rule.expiresAt, rule.id);
    AccessRule &kept = into.rules[rule.id];
    kept = rule;
    kept.reason.clear();
    kept.note.clear();
}

void AccessLedger::remove(AccessList list, const QString &id)
{
    Part &from = m_parts[size_t(list)];
    const auto found = from.rules.find(id);
    if (found == from.rules.end())
        return;
    if (const std::optional<UtcTime> moment = found->second.expiresAt) {
        const auto [begin, end] = from.expiries.equal_range(*moment);
        from.expiries.erase(std::find_if(begin, end, [&id](const auto &expiry) { return expiry.second == id; }));
    }
    from.ids.remove(subjectOf(found->second));
    from.rules.erase(found);
}

QStringList AccessLedger::expired(AccessList list, UtcTime now) const
{
    QStringList ids;
    for (const auto &[moment, id] : part(list).expiries) {
        if (moment > now)
            break;
        ids.append(id);
    }
    return ids;
}

AccessRulesPtr AccessLedger::rules(int ipv6PrefixBits) const
{
    const auto all = [this](AccessList list) {
        std::vector<AccessRule> rules;
        rules.reserve(part(list).rules.size());
        for (const auto &[id, rule] : part(list).rules)
            rules.push_back(rule);
        return rules;
    };
    return std::make_shared<const AccessRules>(all(AccessList::Bans), all(AccessList::Exemptions), ipv6PrefixBits);
}

} // namespace gatehouse
