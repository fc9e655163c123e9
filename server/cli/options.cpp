// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/options.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace gatehouse {

Result<Options> Options::parse(const QStringList &arguments, const std::vector<OptionDescriptor> &descriptors)
{
    Options options;
    for (qsizetype i = 0; i < arguments.size(); ++i) {
        const QString &argument = arguments[i];
        const qsizetype equals = argument.indexOf(u'=');
        const QString flag = equals < 0 ? argument : argument.left(equals);
        const auto found = std::find_if(descriptors.begin(), descriptors.end(),
            [&flag](const OptionDescriptor &descriptor) { return descriptor.flag == flag; });
        if (found == descriptors.end()) {
            options.m_rest.append(argument);
            continue;
        }
        const bool isSwitch = found->valueName.isEmpty();
        const bool hasNext = i + 1 < arguments.size() && !arguments[i + 1].startsWith("--"_L1);
        if (isSwitch && equals >= 0)
            return Error{ u"%1 takes no value"_s.arg(flag), flag };
        if (!isSwitch && equals < 0 && !hasNext)
            return Error{ u"%1 needs a value (%2)"_s.arg(flag, found->valueName), flag };
        if (options.has(flag) && !found->isRepeatable)
            return Error{ u"%1 is given twice"_s.arg(flag), flag };
        QString value;
        if (!isSwitch)
            value = equals >= 0 ? argument.mid(equals + 1) : arguments[++i];
        if (!isSwitch && value.isEmpty())
            return Error{ u"%1 is empty"_s.arg(flag), flag };
        options.m_values[flag].append(value);
    }
    for (const OptionDescriptor &descriptor : descriptors) {
        if (descriptor.isRequired && !options.has(descriptor.flag))
            return Error{ u"%1 %2 is missing"_s.arg(descriptor.flag, descriptor.valueName), descriptor.flag };
    }
    return options;
}

std::optional<QString> Options::value(const QString &flag) const
{
    const auto found = m_values.constFind(flag);
    return found == m_values.cend() ? std::nullopt : std::optional(found->constLast());
}

} // namespace gatehouse
