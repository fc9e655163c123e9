// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/role.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

bool allows(Role held, Role needed)
{
    switch (needed) {
    case Role::None:
        return true;
    case Role::Viewer:
        return held == Role::Viewer || held >= Role::Operator;
    case Role::Publisher:
    case Role::Operator:
    case Role::Admin:
        break;
    }
    return held >= needed;
}

QLatin1StringView roleName(Role role)
{
    switch (role) {
    case Role::Viewer:
        return "viewer"_L1;
    case Role::Publisher:
        return "publisher"_L1;
    case Role::Operator:
        return "operator"_L1;
    case Role::Admin:
        return "admin"_L1;
    case Role::None:
        break;
    }
    return "none"_L1;
}

std::optional<Role> parseRole(QStringView text)
{
    for (const Role role : { Role::Viewer, Role::Publisher, Role::Operator, Role::Admin }) {
        if (text == roleName(role))
            return role;
    }
    return std::nullopt;
}

} // namespace gatehouse
