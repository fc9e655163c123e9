// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cli/demoplan.h"

#include <algorithm>

namespace gatehouse {

namespace {

constexpr quint32 kNetwork = 0x7f010000;      // 127.1.0.0/16
constexpr quint32 kCrowdAddress = 0x7f01ffff; // 127.1.255.255
// 65,536 addresses: the first quarter are those that clients begin with, the others those that they move on to.
constexpr quint32 kStep = 0x4000;

/// Of each ten clients: five listeners, one of each other behaviour or two chatty ones in turn.
DemoBehaviour behaviourOf(int index)
{
    using enum DemoBehaviour;
    static constexpr DemoBehaviour kTurns[]
        = { Listener, Crowd, Crowd, Chatty, Listener, Flooder, Crowd, Listener, Crowd, Reconnector, Listener,
              ForeignOrigin, Crowd, Listener, BadToken, Crowd, Chatty, Listener, Crowd, Listener };
    return kTurns[size_t(index) % std::size(kTurns)];
}

} // namespace

std::vector<DemoClientPlan> planDemo(int clients)
{
    std::vector<DemoClientPlan> plan;
    for (int i = 0; i < std::clamp(clients, kFewestDemoClients, kMostDemoClients); ++i) {
        const DemoBehaviour behaviour = behaviourOf(i);
        const quint32 own = kNetwork + quint32(i) + 1;
        plan.push_back({ i + 1, behaviour, behaviour == DemoBehaviour::Crowd ? kCrowdAddress : own });
    }
    return plan;
}

quint32 nextDemoAddress(quint32 address)
{
    const quint32 next = address + kStep;
    return next >= kCrowdAddress ? kNetwork + (next & (kStep - 1)) : next;
}

} // namespace gatehouse
