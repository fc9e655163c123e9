// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/access/accessstore.h"

namespace gatehouse {

inline constexpr std::array kAccessLists{ AccessList::Bans, AccessList::Exemptions };

/// One change on its way: of nothing to a rule, of a rule to another, or of a rule to nothing.
struct AccessStore::Change
{
    AccessList list = AccessList::Bans;
    std::optional<AccessRule> rule; ///< to put; nullopt: to remove
    QString id;                     ///< of what is to be removed; then of either
    Actor actor;                    ///< nobody when time takes it out: that is no change that someone made
    QString note;
    Done done;
    std::optional<AccessRule> before; ///< what the ledger had
    std::optional<Error> refusal;

    [[nodiscard]] Status store(Database &database, UtcTime now)
    {
        const Result<std::optional<AccessRule>> was = accessrows::find(database, id);
        if (!was)
            return was.error();
        if (const Status status = rule ? accessrows::put(database, list, *rule) : accessrows::remove(database, id);
            !status)
            return status;
        return actor.user.isEmpty() ? ok() : AuditLog::insert(database, auditEntry(*was, now));
    }
    /// `was` is what the state file had, with all texts.
    [[nodiscard]] AuditEntry auditEntry(const std::optional<AccessRule> &was, UtcTime now) const
    {
        using namespace Qt::StringLiterals;
        const QLatin1StringView noun = list == AccessList::Bans ? "ban"_L1 : "exemption"_L1;
        const QLatin1StringView verb = !rule ? ".lift"_L1 : was ? ".change"_L1 : ".add"_L1;
        return { now, actor, noun + verb, id, was ? QJsonValue(was->toJson()) : QJsonValue(),
            rule ? QJsonValue(rule->toJson()) : QJsonValue(), note, {}, {} };
    }
};

} // namespace gatehouse
