// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/admin/adminauth.h"
#include "server/app/neighbours.h"
#include "server/auth/jwtverifier.h"
#include "server/auth/reloadableverifier.h"
#include "server/channel/channelshard.h"
#include "server/log/log.h"
#include "server/store/storethread.h"

namespace gatehouse {

/// What the guards of all workers judge by and count in, and what judges who may use the admin API. Lives on the main
/// thread; outlives the workers.
class GuardParts final
{
public:
    /// So many bad tokens of an address are verified by the workers within a minute, where they open the channel.
    static constexpr int kBadTokensPerMinute = 10;
    /// So many tokens of an address are looked at within a minute to know whom a limit refuses.
    static constexpr int kLooksPerMinute = 20;

    /// `clock` and `log` outlive it.
    [[nodiscard]] static Result<std::unique_ptr<GuardParts>> make(
        const Settings &settings, const Clock &clock, Log &log);
    Q_DISABLE_COPY_MOVE(GuardParts)

    /// Enters all of it into the environment of the workers, with what is asked of the neighbours.
    void addTo(ChannelEnvironment &channel, Neighbours &neighbours);
    [[nodiscard]] AdminAuth &adminAuth() { return m_adminAuth; }
    [[nodiscard]] AddressTable &addresses() { return m_addresses; }
    /// That tokens are verified with now.
    [[nodiscard]] const std::vector<JwtKey> &keys() const { return m_keys; }
    [[nodiscard]] AttemptTable &strangers() { return m_strangers; }

    /// Tokens are judged by these rules from now on; an error instead of them is logged and changes nothing.
    /// Whether they are.
    bool reloadKeys(const Result<JwtRules> &rules);
    /// Tokens that wait to be verified elsewhere are forgotten, and no more are taken. Before the workers end.
    void endSideVerification() { m_sideVerifier.end(); }
    /// Forgets what counts no more, and tells what was not told; to be called once a second.
    void sweep();

    /// Whoever was told to come back when the server last ended uses no budget for it.
    void spareWhoWasDrained(StoreThread &store);
    /// These clients are told to come back: with those who have not come since the last time.
    [[nodiscard]] ClientCounts toSpareNextTime(ClientCounts drained) const;

private:
    GuardParts(const Settings &settings, std::unique_ptr<JwtVerifier> verifier, const Clock &clock, Log &log);

    const Clock &m_clock;
    Log &m_log;
    std::vector<JwtKey> m_keys;
    ReloadableVerifier m_verifier;
    RefusedTokens m_refusedTokens;
    AdminAuth m_adminAuth;
    int m_ipv6PrefixBits;
    OriginPolicy m_originPolicy;
    std::unique_ptr<OriginPolicy> m_servedHosts; ///< null without SERVED_HOSTS
    AddressTable m_addresses;
    AttemptTable m_clients;
    AttemptTable m_strangers;
    UserTable m_users;
    ReconnectGrants m_grants;
    TicketBook m_tickets;
    AddressRate m_previews{ ChannelRequests::kPreviewsPerMinute };
    AddressRate m_badTokens{ kBadTokensPerMinute };
    AddressRate m_looks{ kLooksPerMinute };
    SideVerifier m_sideVerifier; ///< ends first: its thread asks the verifier
};

} // namespace gatehouse
