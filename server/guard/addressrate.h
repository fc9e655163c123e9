// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>
#include <optional>
#include <unordered_map>

#include <QtCore/QtGlobal>

#include "server/net/ipaddress.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// Bounds how often an address bucket may ask for something that is cheap but not free: so many times a minute, counted
/// anew each minute. Bounded in memory, and thereby in all: who comes when kMaxAddresses are known waits for the next
/// minute. Thread-safe.
class AddressRate final
{
public:
    static constexpr size_t kMaxAddresses = 10'000;
    static constexpr std::chrono::minutes kWindow{ 1 };

    explicit AddressRate(int perMinute);
    Q_DISABLE_COPY_MOVE(AddressRate)

    /// Counts a call; nullopt if it may be made, else how long to wait.
    [[nodiscard]] std::optional<std::chrono::milliseconds> take(const IpAddress &client, MonoTime now);

private:
    struct BucketHash
    {
        size_t operator()(const IpAddress &address) const { return qHash(address); }
    };

    int m_perMinute;
    std::mutex m_mutex;  ///< guards what follows
    MonoTime m_minute{}; ///< when this one began
    std::unordered_map<IpAddress, int, BucketHash> m_calls;
};

} // namespace gatehouse
