// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>

#include "server/access/accessrules.h"
#include "server/control/auditlog.h"

namespace gatehouse {

inline constexpr std::array kAccessLists{ AccessList::Bans, AccessList::Exemptions };

/// Codes that an AccessStore's Error carries in its `field`, besides controlerrors.
namespace accesserrors {

inline constexpr QLatin1StringView kNoSuchRule("no_such_rule");
inline constexpr QLatin1StringView kListFull("list_full");

} // namespace accesserrors

/// What a change of bans or exemptions came to.
struct AccessOutcome
{
    AccessRule rule;
    bool isNew = true; ///< false: it replaced the rule about the same thing
};

/// One change on its way: of nothing to a rule, of a rule to another, or of a rule to nothing. A plain value.
struct AccessChange
{
    AccessList list = AccessList::Bans;
    std::optional<AccessRule> rule; ///< to put; nullopt: to remove
    QString id;                     ///< of what is to be removed; then of either
    Actor actor;
    QString note;
    std::function<void(Result<AccessOutcome>)> done;
    std::optional<AccessRule> before{}; ///< what the ledger had
    std::optional<Error> refusal{};

    /// `was` is what the state file had, with all texts.
    [[nodiscard]] AuditEntry auditEntry(const std::optional<AccessRule> &was, UtcTime now) const
    {
        using namespace Qt::StringLiterals;
        const QLatin1StringView noun = list == AccessList::Bans ? "ban"_L1 : "exemption"_L1;
        const QLatin1StringView verb = !rule ? ".lift"_L1 : was ? ".change"_L1 : ".add"_L1;
        return { now, actor, noun + verb, id, was ? QJsonValue(was->toJson()) : QJsonValue(),
            rule ? QJsonValue(rule->toJson()) : QJsonValue(), note, {}, {} };
    }
    void answer() const
    {
        if (refusal)
            done(*refusal);
        else
            done(AccessOutcome{ rule ? *rule : *before, !before });
    }
};

} // namespace gatehouse
