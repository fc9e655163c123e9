// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "server/guard/clientkey.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// Clients with a number of connections each.
using ClientCounts = std::vector<std::pair<ClientKey, quint32>>;

/// Attempts that use no reconnect budget: those of the clients that the last server of this state told to come back.
/// Empty most of the time, and then a look is one atomic load. Bounded; shared by all workers, a lock for all.
class ReconnectGrants final
{
public:
    static constexpr size_t kMostClients = 250'000;          ///< about 14 MB, for as long as they are valid
    static constexpr size_t kMostOfSite = kMostClients / 16; ///< of one IPv6 /48, lest one party take all
    static constexpr std::chrono::minutes kLifetime{ 5 };

    ReconnectGrants() = default;
    Q_DISABLE_COPY_MOVE(ReconnectGrants)

    /// Replaces all grants by these, valid for kLifetime. Beyond the bounds the rest is left out.
    void give(const ClientCounts &counts, MonoTime now);
    /// Takes one of the client's grants; false if it has none. Any thread.
    [[nodiscard]] bool take(const ClientKey &client, MonoTime now);
    /// Whether take() would. Any thread.
    [[nodiscard]] bool has(const ClientKey &client, MonoTime now) const;
    /// A taken one was not used after all. Any thread.
    void giveBack(const ClientKey &client);
    /// Forgets everything once it is too old, and frees its memory. To be called now and then.
    void expire(MonoTime now);
    /// What has not been taken and is valid. Any thread.
    [[nodiscard]] ClientCounts left(MonoTime now) const;
    /// Clients that have grants. Any thread.
    [[nodiscard]] size_t size() const;

private:
    struct Hasher
    {
        KeyedHash hash;
        size_t operator()(const ClientKey &key) const { return size_t(key.hash(hash)); }
    };
    struct SiteHasher
    {
        KeyedHash hash;
        size_t operator()(const AddressKey &key) const { return size_t(key.hash(hash)); }
    };
    using Map = std::unordered_map<ClientKey, quint32, Hasher>;

    std::atomic<bool> m_isEmpty{ true };
    mutable std::mutex m_mutex;
    Map m_left; ///< no zeros
    MonoTime m_validUntil{};
};

} // namespace gatehouse
