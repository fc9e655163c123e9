// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QtCore/QByteArrayList>
#include <QtCore/QString>

namespace gatehouse {

/// Commands that tell whether a node could work: what it does, done once on a key that is gone afterwards. Each is
/// refused where the user in REDIS_URL may not do it, and where this Redis does not have it or takes no writes.
[[nodiscard]] std::vector<QByteArrayList> redisRightsProbes();
/// What the refusal of one of these means; nullopt where it says nothing about rights.
[[nodiscard]] std::optional<QString> missingRight(const QString &refusal);

} // namespace gatehouse
