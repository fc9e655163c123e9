// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/limitsdocument.h"

#include <QtCore/QJsonArray>

#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

QJsonObject toJson(const LimitValue &value)
{
    return { { "value"_L1, value.value }, { "mode"_L1, limitModeName(value.mode) } };
}

LimitValue valueFromJson(const QJsonObject &object)
{
    return { object.value("value"_L1).toInteger(),
        parseLimitMode(object.value("mode"_L1).toString()).value_or(LimitMode::Enforce) };
}

QJsonObject toJson(const LimitState &state)
{
    return {
        { "key"_L1, state.key },
        { "title"_L1, state.title },
        { "value"_L1, state.value },
        { "mode"_L1, limitModeName(state.mode) },
        { "default"_L1, state.defaultValue },
        { "min"_L1, state.minimum },
        { "max"_L1, state.maximum },
        { "unit"_L1, state.unit },
        { "window_seconds"_L1, state.windowSeconds ? QJsonValue(*state.windowSeconds) : QJsonValue() },
        { "live"_L1, state.isLive },
        { "help"_L1, state.help },
        { "changed_at"_L1, state.changedAt ? QJsonValue(isoMillis(*state.changedAt)) : QJsonValue() },
        { "changed_by"_L1, state.changedBy },
    };
}

LimitState stateFromJson(const QJsonObject &object)
{
    LimitState state;
    state.key = object.value("key"_L1).toString();
    state.title = object.value("title"_L1).toString(state.key);
    state.value = object.value("value"_L1).toInteger();
    state.mode = parseLimitMode(object.value("mode"_L1).toString()).value_or(LimitMode::Enforce);
    state.defaultValue = object.value("default"_L1).toInteger();
    state.minimum = object.value("min"_L1).toInteger();
    state.maximum = object.value("max"_L1).toInteger();
    state.unit = object.value("unit"_L1).toString();
    if (object.value("window_seconds"_L1).isDouble())
        state.windowSeconds = object.value("window_seconds"_L1).toInteger();
    state.isLive = object.value("live"_L1).toBool(true);
    state.help = object.value("help"_L1).toString();
    state.changedAt = parseIso(object.value("changed_at"_L1).toString());
    state.changedBy = object.value("changed_by"_L1).toString();
    return state;
}

} // namespace

QJsonObject LimitsDocument::toJson() const
{
    QJsonArray array;
    for (const LimitState &state : limits)
        array.append(gatehouse::toJson(state));
    return { { "revision"_L1, revision }, { "limits"_L1, array } };
}

Result<LimitsDocument> LimitsDocument::fromJson(const QJsonObject &object)
{
    if (!object.value("revision"_L1).isDouble() || !object.value("limits"_L1).isArray())
        return Error{ u"the limits document has no revision or no limits"_s, {} };
    LimitsDocument document;
    document.revision = object.value("revision"_L1).toInteger();
    for (const QJsonValue &entry : object.value("limits"_L1).toArray()) {
        LimitState state = stateFromJson(entry.toObject());
        if (state.key.isEmpty() || state.minimum > state.maximum)
            return Error{ u"a limit of the limits document has no key or no bounds"_s, state.key };
        document.limits.push_back(std::move(state));
    }
    return document;
}

QJsonObject Revision::toJson() const
{
    QJsonArray array;
    for (const LimitChange &change : changes) {
        array.append(QJsonObject{
            { "key"_L1, change.key },
            { "before"_L1, gatehouse::toJson(change.before) },
            { "after"_L1, gatehouse::toJson(change.after) },
        });
    }
    return {
        { "revision"_L1, revision },
        { "at"_L1, isoMillis(at) },
        { "by"_L1, by },
        { "address"_L1, address },
        { "source"_L1, source },
        { "note"_L1, note },
        { "changes"_L1, array },
    };
}

Result<Revision> Revision::fromJson(const QJsonObject &object)
{
    const std::optional<UtcTime> at = parseIso(object.value("at"_L1).toString());
    if (!object.value("revision"_L1).isDouble() || !at)
        return Error{ u"a revision has no number or no time"_s, {} };
    Revision revision;
    revision.revision = object.value("revision"_L1).toInteger();
    revision.at = *at;
    revision.by = object.value("by"_L1).toString();
    revision.address = object.value("address"_L1).toString();
    revision.source = object.value("source"_L1).toString();
    revision.note = object.value("note"_L1).toString();
    for (const QJsonValue &entry : object.value("changes"_L1).toArray()) {
        const QJsonObject change = entry.toObject();
        revision.changes.push_back({ change.value("key"_L1).toString(),
            valueFromJson(change.value("before"_L1).toObject()), valueFromJson(change.value("after"_L1).toObject()) });
    }
    return revision;
}

std::vector<LimitChange> limitChanges(const LimitSet &before, const LimitSet &after)
{
    std::vector<LimitChange> changes;
    for (const LimitDescriptor &descriptor : limitDescriptors()) {
        if (before[descriptor.key] != after[descriptor.key])
            changes.push_back({ descriptor.name, before[descriptor.key], after[descriptor.key] });
    }
    return changes;
}

} // namespace gatehouse
