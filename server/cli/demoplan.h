// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QByteArray>
#include <QtCore/QString>
#include <QtCore/QtGlobal>

namespace gatehouse {

/// How a synthetic client behaves.
enum class DemoBehaviour : quint8
{
    Listener,      ///< stays and says little
    Chatty,        ///< sends often, within the limits
    Crowd,         ///< one of many that share an address: more than MAX_CONNECTIONS_PER_IP
    Flooder,       ///< sends far more than MAX_MESSAGES_PER_MINUTE
    Reconnector,   ///< comes and goes until MAX_RECONNECT_ATTEMPTS is reached
    ForeignOrigin, ///< a page that ALLOWED_HOSTS does not name
    BadToken,      ///< a token that was not signed here
};
inline constexpr int kDemoBehaviourCount = 7;

/// One synthetic client. A plain value.
struct DemoClientPlan
{
    int number = 1; ///< from 1; also the user's id
    DemoBehaviour behaviour = DemoBehaviour::Listener;
    quint32 address = 0; ///< IPv4 in host order, in 127.1.0.0/16
};

inline constexpr int kFewestDemoClients = 1;
inline constexpr int kMostDemoClients = 5000;

/// Who takes part, so that every kind of refusal happens and most clients still behave. Each client but the crowd has
/// an address of its own. A pure function.
[[nodiscard]] std::vector<DemoClientPlan> planDemo(int clients);

/// The address that a client whose `address` is used up goes on with: the next one of its own that nobody else has.
[[nodiscard]] quint32 nextDemoAddress(quint32 address);

} // namespace gatehouse
