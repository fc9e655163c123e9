// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/limits/limitset.h"

#include <algorithm>
#include <cmath>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// A JSON number that is a whole number, or nullopt. 5.0 is whole; 5.5, "5", 1e400 and true are not.
std::optional<qint64> wholeNumber(const QJsonValue &value)
{
    if (!value.isDouble())
        return std::nullopt;
    const double number = value.toDouble();
    if (!std::isfinite(number) || number != std::floor(number) || std::abs(number) > 9e15)
        return std::nullopt;
    return value.toInteger();
}

void readValue(const LimitDescriptor &descriptor, const QJsonValue &json, LimitEdit &edit, std::vector<Error> &errors)
{
    const std::optional<qint64> value = wholeNumber(json);
    if (!value) {
        errors.push_back({ u"%1 must be a whole number from %2 to %3"_s.arg(descriptor.name)
                               .arg(descriptor.minimum)
                               .arg(descriptor.maximum),
            descriptor.name });
        return;
    }
    if (std::optional<Error> error = checkLimitValue(descriptor, *value)) {
        errors.push_back(*std::move(error));
        return;
    }
    edit.value = *value;
}

void readObject(
    const LimitDescriptor &descriptor, const QJsonObject &object, LimitEdit &edit, std::vector<Error> &errors)
{
    if (object.isEmpty())
        errors.push_back({ u"%1 needs a value, a mode or both"_s.arg(descriptor.name), descriptor.name });
    for (auto member = object.begin(); member != object.end(); ++member) {
        if (member.key() == "value"_L1) {
            readValue(descriptor, member.value(), edit, errors);
        } else if (member.key() == "mode"_L1 && !descriptor.hasMode) {
            // The console sends back all that it was given.
            if (parseLimitMode(member.value().toString()) != LimitMode::Enforce)
                errors.push_back({ u"%1 has no mode: it refuses nothing by itself"_s.arg(descriptor.name),
                    descriptor.name + ".mode"_L1 });
        } else if (member.key() == "mode"_L1) {
            edit.mode = parseLimitMode(member.value().toString());
            if (!edit.mode)
                errors.push_back({ u"%1.mode must be enforce, observe or off"_s.arg(descriptor.name),
                    descriptor.name + ".mode"_L1 });
        } else {
            errors.push_back({ u"%1 has no member %2; use value and mode"_s.arg(descriptor.name, member.key()),
                descriptor.name + u'.' + member.key() });
        }
    }
}

} // namespace

LimitSet::LimitSet()
{
    for (const LimitDescriptor &descriptor : limitDescriptors())
        (*this)[descriptor.key] = { descriptor.defaultValue, LimitMode::Enforce };
}

std::optional<std::chrono::seconds> LimitSet::windowOf(LimitKey key) const
{
    if (key == LimitKey::MaxReconnectAttempts)
        return std::chrono::seconds((*this)[LimitKey::ReconnectWindow].value);
    return limitDescriptor(key).window;
}

QJsonObject LimitSet::toJson() const
{
    QJsonObject object;
    for (const LimitDescriptor &descriptor : limitDescriptors()) {
        const LimitValue &limit = (*this)[descriptor.key];
        object.insert(
            descriptor.name, QJsonObject{ { "value"_L1, limit.value }, { "mode"_L1, limitModeName(limit.mode) } });
    }
    return object;
}

LimitSet LimitSet::fromJson(const QJsonObject &object)
{
    LimitSet set;
    for (const LimitDescriptor &descriptor : limitDescriptors()) {
        const QJsonObject stored = object.value(descriptor.name).toObject();
        if (stored.isEmpty())
            continue;
        LimitValue &limit = set[descriptor.key];
        limit.value
            = std::clamp(stored.value("value"_L1).toInteger(limit.value), descriptor.minimum, descriptor.maximum);
        if (descriptor.hasMode)
            limit.mode = parseLimitMode(stored.value("mode"_L1).toString()).value_or(limit.mode);
    }
    return set;
}

LimitEdits parseLimitEdits(const QJsonObject &limits)
{
    LimitEdits result;
    for (auto member = limits.begin(); member != limits.end(); ++member) {
        const LimitDescriptor *descriptor = findLimit(member.key());
        if (!descriptor) {
            const QString name = member.key().left(64); // enough to find it, never the whole of what a client sent
            result.errors.push_back({ u"there is no limit named %1"_s.arg(name), name });
            continue;
        }
        LimitEdit edit{ descriptor->key, std::nullopt, std::nullopt };
        if (member.value().isObject())
            readObject(*descriptor, member.value().toObject(), edit, result.errors);
        else
            readValue(*descriptor, member.value(), edit, result.errors);
        if (edit.value || edit.mode)
            result.edits.push_back(edit);
    }
    if (!result.errors.empty())
        result.edits.clear(); // all or nothing
    return result;
}

std::optional<Error> checkLimitValue(const LimitDescriptor &descriptor, qint64 value)
{
    if (value >= descriptor.minimum && value <= descriptor.maximum)
        return std::nullopt;
    return Error{ u"%1 must be from %2 to %3, not %4"_s.arg(descriptor.name)
                      .arg(descriptor.minimum)
                      .arg(descriptor.maximum)
                      .arg(value),
        descriptor.name };
}

LimitSet applyEdits(LimitSet base, const std::vector<LimitEdit> &edits)
{
    for (const LimitEdit &edit : edits) {
        LimitValue &limit = base[edit.key];
        limit.value = edit.value.value_or(limit.value);
        limit.mode = edit.mode.value_or(limit.mode);
    }
    return base;
}

} // namespace gatehouse
