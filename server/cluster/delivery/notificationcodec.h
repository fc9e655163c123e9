// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArrayList>

#include "shared/protocol/notification.h"

namespace gatehouse {

/// Streams that what is published is spread over.
inline constexpr int kStreamShards = 16;

/// How notifications and audiences are written in Redis. Pure; the decoders take nothing for granted, since others may
/// write there: what has not the shape of what the encoders make is refused with a sentence that names it.
namespace notificationcodec {

/// Compact JSON, the same that the channel carries.
[[nodiscard]] QByteArray encode(const Notification &notification);
[[nodiscard]] Result<Notification> decode(const QByteArray &json);
/// {"users":[…]}, {"groups":[…]} or {"all":true}
[[nodiscard]] QByteArray encodeAudience(const Audience &to);
[[nodiscard]] Result<Audience> decodeAudience(const QByteArray &json);

/// The inboxes it goes to, as they are named in keys: u:<user>, g:<group> or all; each once, in order.
[[nodiscard]] QByteArrayList targetsOf(const Audience &to);
/// The stream of what goes to this target first, 0 … kStreamShards - 1.
[[nodiscard]] int streamShardOf(const QByteArray &target);

} // namespace notificationcodec

} // namespace gatehouse
