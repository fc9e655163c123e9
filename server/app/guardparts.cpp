// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/guardparts.h"

#include "server/admin/router.h"
#include "server/config/keysettings.h"
#include "server/guard/drainedclients.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

Result<std::unique_ptr<GuardParts>> GuardParts::make(const Settings &settings, const Clock &clock, Log &log)
{
    Result<std::unique_ptr<JwtVerifier>> verifier = JwtVerifier::create(jwtRulesOf(settings));
    if (!verifier)
        return verifier.error();
    return std::unique_ptr<GuardParts>(new GuardParts(settings, std::move(verifier).value(), clock, log));
}

GuardParts::GuardParts(const Settings &settings, std::unique_ptr<JwtVerifier> verifier, const Clock &clock, Log &log)
    : m_clock(clock)
    , m_log(log)
    , m_keys(settings.jwtKeys)
    , m_verifier(std::move(verifier))
    , m_refusedTokens(clock, log, settings.ipv6PrefixBits)
    , m_adminAuth(m_verifier, clock, &m_refusedTokens)
    , m_ipv6PrefixBits(settings.ipv6PrefixBits)
    , m_originPolicy(settings.allowedHosts, settings.isDebug, settings.allowsMissingOrigin)
    , m_tickets(clock)
    , m_sideVerifier(m_verifier, clock)
{
    m_adminAuth.roster().setConfigured(settings.adminUsers);
    if (!settings.servedHosts.isEmpty())
        m_servedHosts = std::make_unique<OriginPolicy>(settings.servedHosts, false, false);
}

void GuardParts::addTo(ChannelEnvironment &channel, Neighbours &neighbours)
{
    neighbours.addTo(channel);
    GuardEnvironment &guards = channel.guards;
    guards.clock = &m_clock;
    guards.originPolicy = &m_originPolicy;
    guards.tokenVerifier = &m_verifier;
    guards.addresses = &m_addresses;
    guards.clients = &m_clients;
    guards.strangers = &m_strangers;
    guards.users = &m_users;
    guards.servedHosts = m_servedHosts.get();
    guards.grants = &m_grants;
    guards.tickets = &m_tickets;
    guards.badTokens = &m_badTokens;
    guards.sideVerifier = &m_sideVerifier;
    guards.looks = &m_looks;
    guards.ipv6PrefixBits = m_ipv6PrefixBits;
    guards.refusedTokens = &m_refusedTokens;
    m_addresses.setPeers(guards.peers);
    m_users.setPeers(guards.peers);
    channel.failures = &m_adminAuth.failures();
    channel.previews = &m_previews;
    channel.admitConsole = [this](const HttpRequest &request) -> std::variant<Identity, HttpResponse> {
        if (request.hasHeader("origin") && !isSameHost(request.header("origin"), request.header("host")))
            return HttpResponse::problem({ 403, u"origin_not_allowed"_s, u"Origin not allowed"_s,
                u"pages of other hosts may not use the API"_s });
        AdminAuth::Verdict verdict
            = m_adminAuth.authenticate(request.bearerToken(), request.client, Role::Viewer, request.path);
        if (const Problem *problem = std::get_if<Problem>(&verdict))
            return HttpResponse::problem(*problem);
        return std::get<Identity>(std::move(verdict));
    };
}

bool GuardParts::reloadKeys(const Result<JwtRules> &rules)
{
    Result<std::unique_ptr<JwtVerifier>> verifier = rules ? JwtVerifier::create(*rules) : rules.error();
    AdminRoster &roster = m_adminAuth.roster();
    if (verifier && roster.isLastLeftOutOf(rules->adminUsers, *m_adminAuth.access(), m_clock.utc()))
        verifier = Error{
            u"ADMIN_USERS would leave no administrator who is not banned; nothing has been taken over: name one, lift "
            "a ban, or restart, which takes it as it is"_s,
            u"ADMIN_USERS"_s
        };
    if (!verifier) {
        m_log.log(LogLevel::Error, "keys_kept"_L1, { { "detail"_L1, verifier.error().message } });
        return false;
    }
    m_verifier.replace(std::move(verifier).value());
    m_keys = rules->keys;
    roster.setConfigured(rules->adminUsers);
    QStringList ids;
    for (const JwtKey &key : rules->keys) {
        if (!key.id.isEmpty())
            ids.append(key.id);
    }
    m_log.log(LogLevel::Info, "keys_reloaded"_L1,
        { { "keys"_L1, qint64(rules->keys.size()) }, { "kids"_L1, ids.join(u',') } });
    return true;
}

void GuardParts::sweep()
{
    const MonoTime now = m_clock.monotonic();
    m_addresses.sweep();
    m_clients.sweep(now);
    m_strangers.sweep(now);
    m_grants.expire(now);
    m_refusedTokens.tellWhatWasLeftOut();
}

void GuardParts::spareWhoWasDrained(StoreThread &store)
{
    m_grants.give(drainedclients::takeAll(store, m_clock.utc()), m_clock.monotonic());
}

ClientCounts GuardParts::toSpareNextTime(ClientCounts drained) const
{
    const ClientCounts left = m_grants.left(m_clock.monotonic());
    drained.insert(drained.end(), left.begin(), left.end());
    return drained;
}

} // namespace gatehouse
