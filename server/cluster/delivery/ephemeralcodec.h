// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/channel/channelcontrol.h"

namespace gatehouse {

/// How an ephemeral notification travels between nodes on `gatehouse:ephemeral`:
/// {"from":"<run>","to":{…},"expires":ms,"notification":{…}}. Pure.
namespace ephemeralcodec {

inline constexpr qsizetype kMostBytes = 1024 * 1024;

[[nodiscard]] QByteArray encode(const Delivery &delivery, const QString &run);
/// nullopt for what no node sends; without a message if `run` has sent it itself.
[[nodiscard]] std::optional<Delivery> decode(const QByteArray &payload, const QString &run);

} // namespace ephemeralcodec

} // namespace gatehouse
