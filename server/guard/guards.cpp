// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/guards.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

std::optional<Finding> judgeIdentity(const AccessRules &access, const Identity &identity)
{
    if (access.acceptsEveryToken())
        return std::nullopt;
    const std::optional<Reason> reason
        = access.judgeToken(identity.user, TokenMark(identity.tokenId, identity.issuedAt));
    if (!reason)
        return std::nullopt;
    return Finding{ *reason,
        *reason == Reason::UserBanned ? u"this user is banned"_s : u"the token has been revoked"_s };
}

Guards::MaybeFinding Guards::judgeServer() const
{
    if (m_environment.isDraining->load(std::memory_order_relaxed))
        return Finding{ Reason::Draining, u"the server is shutting down"_s };
    if (m_environment.memory && m_environment.memory->isAtLeast(MemoryLevel::RefuseNewcomers))
        return Finding{ Reason::ServerFull, u"the server's memory is nearly used up"_s };
    return std::nullopt;
}

Guards::MaybeFinding Guards::judgeAddress(const AddressKey &bucket) const
{
    if (!m_access->isBanned(bucket))
        return std::nullopt;
    return Finding{ Reason::Banned, u"this address is banned"_s };
}

Guards::MaybeFinding Guards::judgeHost(const UpgradeAttempt &attempt) const
{
    // A Host is an Origin without its scheme: the patterns mean the same.
    const QByteArray origin = "http://" + attempt.host;
    if (!m_environment.servedHosts || m_environment.servedHosts->allows(origin))
        return std::nullopt;
    return Finding{ Reason::WrongHost, u"this Host is not in SERVED_HOSTS"_s };
}

Guards::MaybeFinding Guards::judgeOrigin(const UpgradeAttempt &attempt) const
{
    if (m_environment.originPolicy->allows(attempt.origin))
        return std::nullopt;
    return Finding{ Reason::OriginNotAllowed,
        attempt.origin ? u"this Origin is not in ALLOWED_HOSTS"_s : u"the Origin header is missing"_s };
}

TokenVerdict Guards::preview(const UpgradeAttempt &attempt) const
{
    if (attempt.ticket.isEmpty())
        return verifyToken(attempt);
    return verdictOf(m_environment.tickets ? m_environment.tickets->peek(attempt.ticket) : std::nullopt);
}

TokenVerdict Guards::verifyToken(const UpgradeAttempt &attempt) const
{
    return m_environment.tokenVerifier->verify(attempt.token, m_environment.clock->utc());
}

TokenVerdict Guards::verdictOf(std::optional<Identity> ofTicket) const
{
    if (!ofTicket)
        return TokenRefusal{ Reason::TokenInvalid, u"the ticket is unknown, has been used, or is too old"_s };
    if (ofTicket->expiresAt && *ofTicket->expiresAt <= m_environment.clock->utc())
        return TokenRefusal{ Reason::TokenExpired, u"the token that the ticket was given for has expired"_s };
    return *std::move(ofTicket);
}

} // namespace gatehouse
