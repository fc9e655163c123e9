// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/limits/limitprofile.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

using Value = std::pair<LimitKey, qint64>;

// A web site: its users share the addresses of offices, and each of them has several tabs.
constexpr std::array kSite{ Value(LimitKey::MaxConnectionsPerIp, 200), Value(LimitKey::MaxReconnectAttempts, 60),
    Value(LimitKey::MaxMessagesPerMinute, 120), Value(LimitKey::MaxConnectionsPerUser, 50) };
constexpr std::array kStrict{ Value(LimitKey::MaxConnectionsPerIp, 2), Value(LimitKey::MaxReconnectAttempts, 5),
    Value(LimitKey::MaxMessagesPerMinute, 30), Value(LimitKey::MaxConnectionsPerUser, 5) };
// The guide's tuning.
constexpr std::array kHighTraffic{ Value(LimitKey::MaxConnectionsPerIp, 10), Value(LimitKey::MaxReconnectAttempts, 10),
    Value(LimitKey::MaxMessagesPerMinute, 120) };

} // namespace

qint64 LimitProfileDescriptor::valueOf(LimitKey key) const
{
    const auto found
        = std::find_if(values.begin(), values.end(), [key](const Value &value) { return value.first == key; });
    return found == values.end() ? limitDescriptor(key).defaultValue : found->second;
}

LimitSet LimitProfileDescriptor::limits() const
{
    LimitSet limits;
    for (const auto &[key, value] : values)
        limits[key].value = value;
    return limits;
}

const std::array<LimitProfileDescriptor, kLimitProfileCount> &limitProfiles()
{
    static constexpr std::array<LimitProfileDescriptor, kLimitProfileCount> kProfiles{ {
        { LimitProfile::Guide, "guide"_L1, {} },
        { LimitProfile::Site, "site"_L1, kSite },
        { LimitProfile::Strict, "strict"_L1, kStrict },
        { LimitProfile::HighTraffic, "high_traffic"_L1, kHighTraffic },
    } };
    return kProfiles;
}

std::optional<QString> sharedAddressAdvice(const LimitSet &limits)
{
    constexpr qint64 kRoomForAnOffice = 50;
    const LimitValue &limit = limits[LimitKey::MaxConnectionsPerIp];
    if (limit.mode != LimitMode::Enforce || limit.value >= kRoomForAnOffice)
        return std::nullopt;
    return u"%1 for everybody behind one address, as in an office: the next one is refused; "
           "LIMITS_PROFILE=site allows %2, EXEMPT_NETWORKS=203.0.113.7=%2 as many to one address alone"_s
               .arg(limit.value == 1 ? u"1 connection"_s : u"%1 connections"_s.arg(limit.value))
               .arg(limitProfile(LimitProfile::Site).valueOf(LimitKey::MaxConnectionsPerIp));
}

const LimitProfileDescriptor &limitProfile(LimitProfile profile)
{
    return limitProfiles()[size_t(profile)];
}

const LimitProfileDescriptor *findLimitProfile(QStringView name)
{
    for (const LimitProfileDescriptor &profile : limitProfiles()) {
        if (name.compare(profile.name, Qt::CaseInsensitive) == 0)
            return &profile;
    }
    return nullptr;
}

} // namespace gatehouse
