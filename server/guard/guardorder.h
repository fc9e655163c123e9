// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

#include <QtCore/QLatin1StringView>

namespace gatehouse {

/// The guards that an upgrade passes.
enum class GuardStep : quint8
{
    Server,
    Ban,
    Host,
    Origin,
    Address,
    Reconnect,
    Token,
    Revocation,
    Capacity,
    User,
    Cluster,
};

/// One row of the guard stack.
struct GuardStepDescriptor
{
    GuardStep step;
    QLatin1StringView name;     ///< as a preview calls it
    bool isJudgedAgain;         ///< what it looks at may change while an attempt waits for the cluster
    QLatin1StringView limits{}; ///< it judges the limits of reasonDescriptors() with this `guard`
};

/// The guard stack, outermost first, and the only place for its order: deciding and previewing go through it. The other
/// nodes are asked last, about what nothing here speaks against.
inline constexpr std::array<GuardStepDescriptor, 11> kGuardStack{ {
    { GuardStep::Server, QLatin1StringView("server"), true },
    { GuardStep::Ban, QLatin1StringView("ban"), true },
    { GuardStep::Host, QLatin1StringView("host"), false },
    { GuardStep::Origin, QLatin1StringView("origin"), false },
    { GuardStep::Address, QLatin1StringView("address"), false, QLatin1StringView("address") },
    { GuardStep::Reconnect, QLatin1StringView("reconnect"), false, QLatin1StringView("reconnect") },
    { GuardStep::Token, QLatin1StringView("token"), false },
    { GuardStep::Revocation, QLatin1StringView("revocation"), true },
    { GuardStep::Capacity, QLatin1StringView("capacity"), false, QLatin1StringView("server") },
    { GuardStep::User, QLatin1StringView("user"), false, QLatin1StringView("user") },
    { GuardStep::Cluster, QLatin1StringView("cluster"), false },
} };

} // namespace gatehouse
