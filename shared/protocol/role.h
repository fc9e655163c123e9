// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QString>

namespace gatehouse {

/// What a token allows, each role including those before it, but for Publisher and Viewer, which do not include each
/// other: use allows().
enum class Role : quint8
{
    None,      ///< an ordinary user of the channel
    Viewer,    ///< reads the admin API
    Publisher, ///< publishes notifications, and nothing else
    Operator,  ///< limits, kick, publish
    Admin,     ///< tokens, the switch, deletions
};

/// Whether someone with the role `held` may do what asks for `needed`.
[[nodiscard]] bool allows(Role held, Role needed);
[[nodiscard]] QLatin1StringView roleName(Role role);
/// Reads "viewer", "publisher", "operator" or "admin"; nullopt for everything else.
[[nodiscard]] std::optional<Role> parseRole(QStringView text);

} // namespace gatehouse
