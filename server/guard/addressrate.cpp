// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/addressrate.h"

#include <algorithm>

namespace gatehouse {

AddressRate::AddressRate(int perMinute)
    : m_perMinute(perMinute)
{
}

std::optional<std::chrono::milliseconds> AddressRate::wait(const IpAddress &client, MonoTime now)
{
    const std::lock_guard lock(m_mutex);
    forgetExpired(now);
    return waitLocked(client, now);
}

std::optional<std::chrono::milliseconds> AddressRate::take(const IpAddress &client, MonoTime now)
{
    const std::lock_guard lock(m_mutex);
    forgetExpired(now);
    if (const auto wait = waitLocked(client, now))
        return wait;
    Site &site = siteOf(client);
    Known &known = knownOf(site, client.bucket());
    site.latest = now;
    if (!client.isIpv4())
        site.calls.add(now);
    known.latest = now;
    known.calls.add(now);
    return std::nullopt;
}

std::optional<std::chrono::milliseconds> AddressRate::waitLocked(const IpAddress &client, MonoTime now)
{
    const auto site = m_sitePlaces.find(client.site());
    if (site == m_sitePlaces.end())
        return std::nullopt;
    std::chrono::milliseconds wait = site->second->calls.waitUntilBelow(qint64(m_perMinute) * kSiteFactor, now);
    if (const auto known = m_places.find(client.bucket()); known != m_places.end())
        wait = std::max(wait, known->second->calls.waitUntilBelow(m_perMinute, now));
    return wait > wait.zero() ? std::optional(wait) : std::nullopt;
}

/// The site's record, as the one that did something last.
AddressRate::Site &AddressRate::siteOf(const IpAddress &client)
{
    const IpAddress prefix = client.site();
    if (const auto found = m_sitePlaces.find(prefix); found != m_sitePlaces.end())
        m_sites.splice(m_sites.end(), m_sites, found->second);
    else
        m_sitePlaces.emplace(prefix, m_sites.insert(m_sites.end(), Site{ prefix, {} }));
    return m_sites.back();
}

/// The bucket's record, as the one of its site that did something last. The site is the last one of all.
AddressRate::Known &AddressRate::knownOf(Site &site, const IpAddress &bucket)
{
    if (const auto found = m_places.find(bucket); found != m_places.end()) {
        site.known.splice(site.known.end(), site.known, found->second);
        return site.known.back();
    }
    if (site.known.size() >= kMaxOfSite)
        forgetFirstOf(site);
    else if (m_places.size() >= kMaxAddresses)
        forgetFirstOf(m_sites.front()); // another one: a site alone reaches its own bound first
    m_places.emplace(bucket, site.known.insert(site.known.end(), Known{ bucket, {} }));
    return site.known.back();
}

/// Each address is forgotten once: over all calls this costs what remembering it did.
void AddressRate::forgetExpired(MonoTime now)
{
    while (!m_sites.empty() && m_sites.front().known.front().latest + kWindow <= now)
        forgetFirstOf(m_sites.front());
}

void AddressRate::forgetFirstOf(Site &site)
{
    m_places.erase(site.known.front().bucket);
    site.known.pop_front();
    if (!site.known.empty())
        return;
    const auto place = m_sitePlaces.find(site.prefix);
    m_sites.erase(place->second);
    m_sitePlaces.erase(place);
}

size_t AddressRate::rememberedAddresses() const
{
    const std::lock_guard lock(m_mutex);
    return m_places.size();
}

} // namespace gatehouse
