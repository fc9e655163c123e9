// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/access/accesscodec.h"

#include <QtCore/QJsonArray>

#include "server/access/accessrules.h"
#include "shared/util/ulid.h"

using namespace Qt::StringLiterals;

namespace gatehouse::accesscodec {

namespace {

constexpr qsizetype kMaxSteps = 100;
constexpr qsizetype kMaxTextChars = 4096;

QLatin1StringView nameOf(AccessList list)
{
    return list == AccessList::Bans ? "bans"_L1 : "exemptions"_L1;
}

QJsonObject toJson(const AccessRule &rule, AccessList list)
{
    return { { "list"_L1, nameOf(list) }, { "rule"_L1, rule.toJson() } };
}

/// A moment that is no moment would be read as none: a ban that was to end would hold for ever, and a revocation ban
/// the user.
Status checkMoment(const QJsonValue &value, const std::optional<UtcTime> &read, const QString &name)
{
    return value.isNull() || value.isUndefined() || read ? ok() : Status(Error{ name + " is no moment"_L1, name });
}

Status checkRule(const QJsonObject &object, AccessList list)
{
    const std::optional<AccessRule> rule = AccessRule::fromJson(object);
    if (!rule || !isUlid(rule->id))
        return Error{ u"it is no rule with id, kind, value and time"_s, u"rule"_s };
    const Result<QString> value = canonicalAccessValue(rule->kind, rule->value);
    if (!value || *value != rule->value)
        return Error{ u"its value is not in the form of its kind"_s, u"value"_s };
    const bool isOfAddresses = rule->kind == AccessKind::Address || rule->kind == AccessKind::Cidr;
    if ((list == AccessList::Exemptions && !isOfAddresses) || (rule->issuedBefore && rule->kind != AccessKind::User))
        return Error{ u"its kind does not go with the rest"_s, u"kind"_s };
    if (rule->limit && (list != AccessList::Exemptions || !isExemptionLimit(*rule->limit)))
        return Error{ u"its limit is not one of an exemption"_s, u"limit"_s };
    for (const QString &text : { rule->reason, rule->note, rule->createdBy }) {
        if (text.size() > kMaxTextChars)
            return Error{ u"one of its texts is too long"_s, u"rule"_s };
    }
    const Status status = checkMoment(object.value("issued_before"_L1), rule->issuedBefore, u"issued_before"_s);
    return status ? checkMoment(object.value("expires_at"_L1), rule->expiresAt, u"expires_at"_s) : status;
}

std::optional<AccessList> listIn(const QJsonObject &object)
{
    for (const AccessList list : { AccessList::Bans, AccessList::Exemptions }) {
        if (object.value("list"_L1).toString() == nameOf(list))
            return list;
    }
    return std::nullopt;
}

Status checkStep(const QJsonObject &step)
{
    const std::optional<AccessList> list = listIn(step);
    if (!list)
        return Error{ u"list is neither bans nor exemptions"_s, u"list"_s };
    if (step.value("rule"_L1).isObject())
        return checkRule(step.value("rule"_L1).toObject(), *list);
    return isUlid(step.value("remove"_L1).toString()) ? ok() : Status(Error{ u"remove is no id"_s, u"remove"_s });
}

Status check(const QJsonObject &payload)
{
    const QJsonArray steps = payload.value("steps"_L1).toArray();
    if (steps.isEmpty() || steps.size() > kMaxSteps)
        return Error{ u"steps is no list of 1 to %1 steps"_s.arg(kMaxSteps), u"steps"_s };
    for (const QJsonValue &step : steps) {
        if (const Status status = checkStep(step.toObject()); !status)
            return status;
    }
    return ok();
}

Status checkItem(const QString &id, const QJsonObject &item)
{
    const Status status = checkStep(item);
    if (status && id != item.value("rule"_L1).toObject().value("id"_L1).toString())
        return Error{ u"it is another rule than its name says"_s, id };
    return status;
}

Status store(Database &database, const ControlEntry &entry)
{
    for (const Step &step : decode(entry.payload)) {
        const Status status
            = step.rule ? accessrows::put(database, step.list, *step.rule) : accessrows::remove(database, step.id);
        if (!status)
            return status;
    }
    return ok();
}

Status replace(Database &database, const ControlItems &items)
{
    Status status = accessrows::removeAll(database);
    for (const auto &[id, item] : items) {
        const Step step = decodeItem(item);
        if (status && step.rule)
            status = accessrows::put(database, step.list, *step.rule);
    }
    return status;
}

Result<ControlItems> read(Database &database)
{
    ControlItems items;
    for (const AccessList list : { AccessList::Bans, AccessList::Exemptions }) {
        const Result<std::vector<AccessRule>> rules = accessrows::load(database, list);
        if (!rules)
            return rules.error();
        for (const AccessRule &rule : *rules)
            items[rule.id] = toJson(rule, list);
    }
    return items;
}

} // namespace

const ControlStorage &storage()
{
    static constexpr ControlStorage kStorage{ &check, &checkItem, &store, &replace, &read };
    return kStorage;
}

ControlChange encode(const std::vector<Step> &steps, const QJsonArray &audit)
{
    ControlChange change;
    change.kind = ControlKind::Access;
    QJsonArray array;
    for (const Step &step : steps) {
        if (step.rule) {
            array.append(toJson(*step.rule, step.list));
            change.items.emplace_back(step.id, toJson(*step.rule, step.list));
        } else {
            array.append(QJsonObject{ { "list"_L1, nameOf(step.list) }, { "remove"_L1, step.id } });
            change.items.emplace_back(step.id, std::nullopt);
        }
    }
    change.payload = { { "steps"_L1, array }, { "audit"_L1, audit } };
    return change;
}

std::vector<Step> decode(const QJsonObject &payload)
{
    std::vector<Step> steps;
    for (const QJsonValue &value : payload.value("steps"_L1).toArray())
        steps.push_back(decodeItem(value.toObject()));
    return steps;
}

Step decodeItem(const QJsonObject &item)
{
    Step step;
    step.list = listIn(item).value_or(AccessList::Bans);
    if (item.value("rule"_L1).isObject())
        step.rule = AccessRule::fromJson(item.value("rule"_L1).toObject());
    step.id = step.rule ? step.rule->id : item.value("remove"_L1).toString();
    return step;
}

} // namespace gatehouse::accesscodec
