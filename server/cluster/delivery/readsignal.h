// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/channel/channelcontrol.h"
#include "server/cluster/delivery/clusterpubsub.h"

namespace gatehouse {

/// Tells a user's connections on other nodes what was read on this one: the signal "read"
/// {"user":"…","ids":[…],"unread":n}. Nothing is lost with one that does not arrive: what is read is in Redis.
namespace readsignal {

inline constexpr qsizetype kMostIds = 1000;

/// `message` is a readMessage(). Any thread.
void send(const ClusterPubSub &pubSub, const QString &user, const QByteArray &message);
/// Main thread; `channel` outlives the pub/sub.
void listen(ClusterPubSub &pubSub, ChannelControl &channel);

} // namespace readsignal

} // namespace gatehouse
