// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QtCore/QHash>
#include <QtCore/QStringList>

#include "shared/util/result.h"

namespace gatehouse {

/// One option of a subcommand, besides the settings' flags. Usage texts are made of this.
struct OptionDescriptor
{
    QString flag;      ///< "--user"
    QString valueName; ///< "ID"; empty for a switch
    QString help;      ///< one English sentence
    bool isRepeatable = false;
    bool isRequired = false;
};

/// The arguments of a subcommand, taken apart: its own options, and the rest, which is for the settings. A plain value.
class Options final
{
public:
    /// Both `--flag value` and `--flag=value` are read. Errors name the flag.
    [[nodiscard]] static Result<Options> parse(
        const QStringList &arguments, const std::vector<OptionDescriptor> &descriptors);

    [[nodiscard]] bool has(const QString &flag) const { return m_values.contains(flag); }
    /// The option's value; nullopt if it was not given.
    [[nodiscard]] std::optional<QString> value(const QString &flag) const;
    [[nodiscard]] QStringList values(const QString &flag) const { return m_values.value(flag); }
    /// Everything that was not an option, in order.
    [[nodiscard]] const QStringList &rest() const { return m_rest; }

private:
    QHash<QString, QStringList> m_values;
    QStringList m_rest;
};

} // namespace gatehouse
