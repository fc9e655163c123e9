// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/adminroster.h"

#include <algorithm>

namespace gatehouse {

namespace {

/// Of a user of ADMIN_USERS, who can get a new token at any time: only a ban of the user keeps them out.
bool isIn(const QString &user, const AccessRules &rules)
{
    TokenMark newest;
    newest.issuedAt = std::numeric_limits<quint32>::max();
    return !rules.judgeToken(user, newest);
}

bool isExpired(const std::optional<UtcTime> &expiresAt, UtcTime now)
{
    return expiresAt && *expiresAt <= now;
}

} // namespace

void AdminRoster::setConfigured(QStringList adminUsers)
{
    const std::lock_guard lock(m_mutex);
    m_configured = std::move(adminUsers);
}

void AdminRoster::saw(const Identity &who)
{
    if (who.role != Role::Admin)
        return;
    const TokenMark mark(who.tokenId, who.issuedAt);
    const std::lock_guard lock(m_mutex);
    const auto known = std::find_if(m_seen.rbegin(), m_seen.rend(), [&](const Seen &seen) {
        return seen.user == who.user && seen.mark.id == mark.id && seen.mark.issuedAt == mark.issuedAt;
    });
    if (known != m_seen.rend())
        return;
    if (m_seen.size() >= kMaxSeen)
        m_seen.erase(m_seen.begin());
    m_seen.push_back({ who.user, mark, who.ownRole, who.expiresAt });
}

TokenMark AdminRoster::markOf(const QString &user, UtcTime now) const
{
    TokenMark newest;
    for (const Seen &seen : m_seen) {
        if (seen.user == user && !isExpired(seen.expiresAt, now))
            newest.issuedAt = std::max(newest.issuedAt, seen.mark.issuedAt);
    }
    if (newest.issuedAt == 0)
        newest.issuedAt = TokenMark({}, now).issuedAt - 1; // "now" revokes it
    return newest;
}

bool AdminRoster::isLastTakenBy(const AccessRule &ban, const AccessRules &inForce, UtcTime now) const
{
    const AccessRules alone({ ban }, {});
    const std::lock_guard lock(m_mutex);
    bool isAnyTaken = false;
    for (const QString &user : m_configured) {
        if (!isIn(user, inForce))
            continue;
        if (!alone.judgeToken(user, markOf(user, now)))
            return false;
        isAnyTaken = true;
    }
    return isAnyTaken;
}

bool AdminRoster::isLastLeftOutOf(const QStringList &adminUsers, const AccessRules &inForce, UtcTime now) const
{
    const std::lock_guard lock(m_mutex);
    return isSomebodyIn(m_configured, inForce, now) && !isSomebodyIn(adminUsers, inForce, now);
}

bool AdminRoster::isSomebodyIn(const QStringList &adminUsers, const AccessRules &inForce, UtcTime now) const
{
    const auto isConfiguredIn = [&inForce](const QString &user) { return isIn(user, inForce); };
    if (std::any_of(adminUsers.begin(), adminUsers.end(), isConfiguredIn))
        return true;
    return std::any_of(m_seen.begin(), m_seen.end(), [&](const Seen &seen) {
        return seen.ownRole == Role::Admin && !isExpired(seen.expiresAt, now)
            && !inForce.judgeToken(seen.user, seen.mark);
    });
}

} // namespace gatehouse
