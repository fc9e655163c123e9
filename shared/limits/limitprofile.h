// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>

#include "shared/limits/limitset.h"

namespace gatehouse {

/// Where the values of limits come from that are set nowhere else. The enumerators index limitProfiles().
enum class LimitProfile : quint8
{
    Guide,
    Site,
    Strict,
    HighTraffic,
};
inline constexpr size_t kLimitProfileCount = 4;

/// One row of the table of profiles. What it does not name is as in the table of limits; each limit enforces.
struct LimitProfileDescriptor
{
    LimitProfile profile;
    QLatin1StringView name; ///< as LIMITS_PROFILE says it
    std::span<const std::pair<LimitKey, qint64>> values;

    [[nodiscard]] qint64 valueOf(LimitKey key) const;
    /// Every limit as the profile has it, revision 0.
    [[nodiscard]] LimitSet limits() const;
};

/// What MAX_CONNECTIONS_PER_IP means for people who share an address, and what helps; nullopt where it leaves them
/// room.
[[nodiscard]] std::optional<QString> sharedAddressAdvice(const LimitSet &limits);
[[nodiscard]] const std::array<LimitProfileDescriptor, kLimitProfileCount> &limitProfiles();
[[nodiscard]] const LimitProfileDescriptor &limitProfile(LimitProfile profile);
/// Finds a row by its name, in any case; nullptr if there is none.
[[nodiscard]] const LimitProfileDescriptor *findLimitProfile(QStringView name);

} // namespace gatehouse
