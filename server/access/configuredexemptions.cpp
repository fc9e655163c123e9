// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/access/configuredexemptions.h"

#include "server/access/accessrows.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

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

} // namespace

ConfiguredExemptions::ConfiguredExemptions(StoreThread &store, const AccessLedger &ledger, Log &log, Changes changes)
    : m_store(store)
    , m_ledger(ledger)
    , m_log(log)
    , m_changes(std::move(changes))
{
}

void ConfiguredExemptions::begin(const ExemptNetworks &configured, const ExemptNetworks &known)
{
    m_configured = configured;
    m_known = known;
    for (const auto &[value, limit] : m_configured) {
        const auto before = m_known.find(value);
        if (before == m_known.end() || before->second != limit)
            m_unsettled.push_back(configuredRule(value, limit));
    }
}

void ConfiguredExemptions::settle()
{
    if (m_settling > 0 || m_known == m_configured)
        return;
    m_settling = 1; // until all have been asked for
    for (const AccessRule &rule : noMoreConfigured()) {
        ++m_settling;
        m_changes.lift(rule.id, { kConfiguredBy, {} }, [this] { settled(); });
    }
    const std::vector<AccessRule> news = m_unsettled;
    for (const AccessRule &rule : news)
        put(rule);
    settled();
}

void ConfiguredExemptions::put(const AccessRule &rule)
{
    const auto isSettled = [this, value = rule.value] {
        std::erase_if(m_unsettled, [&value](const AccessRule &each) { return each.value == value; });
    };
    const AccessRule *there = m_ledger.findAlike(AccessList::Exemptions, rule);
    if (there && there->limit == rule.limit && !there->expiresAt) { // another node has brought it, or an operator
        isSettled();
        return;
    }
    if (!there && m_ledger.isFull(AccessList::Exemptions)) {
        sayWaiting();
        return;
    }
    ++m_settling;
    m_changes.put(rule, { kConfiguredBy, {} }, [this, isSettled](bool isDone) {
        if (isDone)
            isSettled();
        settled();
    });
}

void ConfiguredExemptions::sayWaiting()
{
    if (std::exchange(m_hasSaidWaiting, true))
        return;
    m_log.log(LogLevel::Warning, "exempt_networks_waiting"_L1,
        { { "waiting"_L1, qint64(m_unsettled.size()) },
            { "detail"_L1,
                u"EXEMPT_NETWORKS holds on this server, but the list of exemptions has %1 entries and may not have "
                u"more; "
                "delete some, and it will be in the list"_s.arg(AccessLedger::kMaxRules) } });
}

/// What settings have brought and name no more.
std::vector<AccessRule> ConfiguredExemptions::noMoreConfigured() const
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
void ConfiguredExemptions::settled()
{
    if (--m_settling > 0 || !m_unsettled.empty() || !noMoreConfigured().empty())
        return;
    m_known = m_configured;
    m_hasSaidWaiting = false;
    m_store.write(
        [configured = m_configured](Database &database) { return accessrows::storeConfigured(database, configured); });
}

} // namespace gatehouse
