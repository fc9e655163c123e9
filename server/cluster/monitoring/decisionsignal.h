// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <vector>

#include "server/cluster/delivery/clusterpubsub.h"
#include "shared/protocol/adminmessages.h"

namespace gatehouse {

/// Tells the consoles of other nodes who is refused on this one: the signal "decisions" {"decisions":[…],"skipped":n}.
/// What does not arrive is found in the list of decisions.
namespace decisionsignal {

/// Of one signal: a node that is flooded must not flood the others. The newest; the rest is in `skipped`.
inline constexpr size_t kMostDecisions = 50;

/// `node` is this one's name. Main thread.
void send(const ClusterPubSub &pubSub, const QString &node, const std::vector<Decision> &decisions, qint64 skipped);
/// `taken` is called on the main thread. What is no decision is left out.
void listen(ClusterPubSub &pubSub, std::function<void(const std::vector<Decision> &decisions, qint64 skipped)> taken);

} // namespace decisionsignal

} // namespace gatehouse
