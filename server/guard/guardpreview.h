// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include "shared/protocol/reason.h"

namespace gatehouse {

/// What one guard would say to an upgrade. A plain value.
struct GuardCheck
{
    QLatin1StringView guard; ///< server, ban, host, origin, address, reconnect, token, revocation, capacity, user
    std::optional<bool> passes = true; ///< nullopt: not judged, because there is no identity to judge
    std::optional<Reason> reason{};    ///< why not; also where a limit that only observes lets it pass
    QString detail{};
    std::optional<qint64> limit{};
    std::optional<qint64> observed{}; ///< with this attempt
    std::optional<qint64> retryAfterSeconds{};
};

/// The whole decision on an upgrade, each guard in the order of the chain, also behind the one that refuses. A plain
/// value.
struct GuardPreview
{
    std::vector<GuardCheck> checks;

    /// The first guard that refuses: the one that the client would hear of; nullptr if it would be admitted.
    [[nodiscard]] const GuardCheck *refusing() const;
    /// What the token's guard says, for whoever counts bad tokens.
    [[nodiscard]] bool hasBadToken() const;
};

} // namespace gatehouse
