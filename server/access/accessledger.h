// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <map>

#include <QtCore/QHash>

#include "server/access/accessrules.h"

namespace gatehouse {

/// The bans and exemptions there are, in memory: found by id and by what they are about, of which each list has one
/// rule at most. Texts that only lists show (reason, note) are left to the state file. Not thread-safe.
class AccessLedger final
{
public:
    static constexpr size_t kMaxRules = 100'000; ///< of each list

    [[nodiscard]] const AccessRule *find(AccessList list, const QString &id) const;
    /// The rule about the same thing; null if there is none.
    [[nodiscard]] const AccessRule *findAlike(AccessList list, const AccessRule &rule) const;
    [[nodiscard]] bool isFull(AccessList list) const { return part(list).rules.size() >= kMaxRules; }

    /// Adds a rule, or replaces the one of its id, which must be about the same thing. Another one about that goes.
    void put(AccessList list, const AccessRule &rule);
    void remove(AccessList list, const QString &id);

    /// The ids of what has expired.
    [[nodiscard]] QStringList expired(AccessList list, UtcTime now) const;
    /// Rules in the form that decisions are made by.
    [[nodiscard]] AccessRulesPtr rules(int ipv6PrefixBits = IpAddress::kBucketBits) const;

private:
    struct Part
    {
        std::map<QString, AccessRule> rules;      ///< by id
        QHash<QString, QString> ids;              ///< by what a rule is about
        std::multimap<UtcTime, QString> expiries; ///< ids by moment
    };
    [[nodiscard]] const Part &part(AccessList list) const { return m_parts[size_t(list)]; }

    std::array<Part, 2> m_parts;
};

} // namespace gatehouse
