// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "server/base/seededhash.h"
#include "server/guard/rollingwindow.h"
#include "server/net/ipaddress.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// Bounds how often an address bucket may do something in any minute, and a site (the /48 of IPv6, which one party has
/// all of) ten times as often. Each call is O(1). Thread-safe.
///
/// Bounded in memory, and nobody is refused because others fill it: at kMaxOfSite a site forgets the one of its own
/// that did nothing for longest; at kMaxAddresses the site that did nothing for longest forgets one. Who is forgotten
/// begins anew, which harms nobody.
class AddressRate final
{
public:
    static constexpr size_t kMaxAddresses = 10'000;
    static constexpr size_t kMaxOfSite = 625;
    static constexpr int kSiteFactor = 10;
    static constexpr std::chrono::minutes kWindow{ 1 };

    explicit AddressRate(int perMinute);
    Q_DISABLE_COPY_MOVE(AddressRate)

    /// How long until another call may be made; nullopt if one may be made now. Counts nothing.
    [[nodiscard]] std::optional<std::chrono::milliseconds> wait(const IpAddress &client, MonoTime now);
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
    struct Site
    {
        IpAddress prefix;
        MonoTime latest;
        RollingWindow calls{ kWindow }; ///< unused for IPv4, where it is the same as the address's
        std::list<Known> known{};       ///< by their latest calls, the oldest first; never empty between two calls
    };
    struct AddressHash
    {
        size_t operator()(const IpAddress &address) const { return seededHash(address); }
    };
    template <typename Record>
    using Places = std::unordered_map<IpAddress, typename std::list<Record>::iterator, AddressHash>;

    [[nodiscard]] std::optional<std::chrono::milliseconds> waitLocked(const IpAddress &client, MonoTime now);
    [[nodiscard]] Site &siteOf(const IpAddress &client);
    [[nodiscard]] Known &knownOf(Site &site, const IpAddress &bucket);
    void forgetExpired(MonoTime now);
    void forgetFirstOf(Site &site);

    int m_perMinute;
    mutable std::mutex m_mutex; ///< guards what follows
    std::list<Site> m_sites;    ///< by their latest calls, the oldest first
    Places<Site> m_sitePlaces;
    Places<Known> m_places; ///< of all sites
};

} // namespace gatehouse
