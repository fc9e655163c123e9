// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "server/guard/rollingwindow.h"
#include "server/net/ipaddress.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// Bounds how often an address bucket may do something in any minute. Bounded in memory. Thread-safe.
class AddressRate final
{
public:
    static constexpr size_t kMaxAddresses = 10'000;
    static constexpr std::chrono::minutes kWindow{ 1 };

    /// What becomes of one more address when kMaxAddresses are known.
    enum class WhenFull : quint8
    {
        Refuse, ///< it waits until one that is known has done nothing for a minute: so all together are bounded too
        Forget, ///< it takes the place of the one that did nothing for longest
    };

    explicit AddressRate(int perMinute, WhenFull whenFull = WhenFull::Refuse);
    Q_DISABLE_COPY_MOVE(AddressRate)

    /// Counts a call; nullopt if it may be made, else how long to wait: then it is not counted.
    [[nodiscard]] std::optional<std::chrono::milliseconds> take(const IpAddress &client, MonoTime now);

    /// Addresses that are remembered; for tests.
    [[nodiscard]] size_t rememberedAddresses() const;

private:
    struct Known
    {
        IpAddress bucket;
        MonoTime latest;
        RollingWindow calls{ kWindow };
    };
    struct BucketHash
    {
        size_t operator()(const IpAddress &address) const { return qHash(address); }
    };
    using Place = std::list<Known>::iterator;

    void forgetFirst();

    int m_perMinute;
    WhenFull m_whenFull;
    mutable std::mutex m_mutex; ///< guards what follows
    std::list<Known> m_known;   ///< by their latest calls, the oldest first
    std::unordered_map<IpAddress, Place, BucketHash> m_places;
};

} // namespace gatehouse
