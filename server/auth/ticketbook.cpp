// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/ticketbook.h"

#include <algorithm>
#include <array>

#include <QtCore/QRandomGenerator>

#include "server/base/digest.h"

namespace gatehouse {

TicketClaim::TicketClaim(TicketBook &book, QByteArray digest, Identity identity)
    : m_book(&book)
    , m_digest(std::move(digest))
    , m_identity(std::move(identity))
{
}

TicketClaim::TicketClaim(TicketClaim &&other) noexcept
    : m_book(std::exchange(other.m_book, nullptr))
    , m_digest(std::move(other.m_digest))
    , m_identity(std::move(other.m_identity))
{
}

TicketClaim &TicketClaim::operator=(TicketClaim &&other) noexcept
{
    if (this != &other) {
        useUp();
        m_book = std::exchange(other.m_book, nullptr);
        m_digest = std::move(other.m_digest);
        m_identity = std::move(other.m_identity);
    }
    return *this;
}

void TicketClaim::giveBack()
{
    if (TicketBook *book = std::exchange(m_book, nullptr))
        book->giveBack(m_digest);
}

void TicketClaim::useUp()
{
    if (TicketBook *book = std::exchange(m_book, nullptr))
        book->useUp(m_digest);
}

TicketBook::TicketBook(const Clock &clock)
    : m_clock(clock)
{
}

QByteArray TicketBook::digestOf(QByteArrayView ticket)
{
    return sha256(ticket);
}

std::variant<QByteArray, TicketBook::TooMany> TicketBook::issue(const Identity &identity)
{
    std::array<quint32, 6> random{}; // 24 bytes: 32 characters without padding
    QRandomGenerator::system()->fillRange(random.data(), qsizetype(random.size()));
    const QByteArray ticket = QByteArray::fromRawData(reinterpret_cast<const char *>(random.data()), sizeof random)
                                  .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
    const Digest digest = digestOf(ticket);
    const MonoTime now = m_clock.monotonic();
    const auto until = [now](MonoTime moment) { return std::chrono::ceil<std::chrono::milliseconds>(moment - now); };
    const std::lock_guard lock(m_mutex);
    forgetExpired(now);
    if (m_tickets.size() >= kMaxOutstanding)
        return TooMany{ false, until(m_tickets.constFind(m_expiries.front())->expiresAt) };
    std::deque<Digest> &own = m_ofUser[identity.user];
    if (own.size() >= size_t(kMaxPerUser))
        return TooMany{ true, until(m_tickets.constFind(own.front())->expiresAt) };
    own.push_back(digest);
    m_tickets.insert(digest, { identity, now + kLifetime, m_expiries.insert(m_expiries.end(), digest) });
    return ticket;
}

TicketClaim TicketBook::claim(QByteArrayView ticket, By by)
{
    if (ticket.size() != kTicketChars)
        return {};
    Digest digest = digestOf(ticket);
    const std::lock_guard lock(m_mutex);
    const auto found = find(digest);
    if (found == m_tickets.end() || found->isClaimed || (found->isLeftToPeers && by == By::Book))
        return {};
    found->isClaimed = true;
    return TicketClaim(*this, std::move(digest), found->identity);
}

std::optional<Identity> TicketBook::peek(QByteArrayView ticket) const
{
    if (ticket.size() != kTicketChars)
        return std::nullopt;
    const std::lock_guard lock(m_mutex);
    const auto found = m_tickets.constFind(digestOf(ticket));
    const bool isGood = found != m_tickets.cend() && !found->isClaimed && m_clock.monotonic() < found->expiresAt;
    return isGood ? std::optional(found->identity) : std::nullopt;
}

void TicketBook::leaveToPeers(const QByteArray &digest)
{
    const std::lock_guard lock(m_mutex);
    if (const auto found = m_tickets.find(digest); found != m_tickets.end())
        found->isLeftToPeers = true;
}

void TicketBook::giveBack(const Digest &digest)
{
    const std::lock_guard lock(m_mutex);
    if (const auto found = m_tickets.find(digest); found != m_tickets.end())
        found->isClaimed = false;
}

void TicketBook::useUp(const Digest &digest)
{
    const std::lock_guard lock(m_mutex);
    forget(digest);
}

qsizetype TicketBook::outstanding() const
{
    const std::lock_guard lock(m_mutex);
    return m_tickets.size();
}

/// The end if there is none that is young enough.
QHash<TicketBook::Digest, TicketBook::Entry>::iterator TicketBook::find(const Digest &digest)
{
    const auto found = m_tickets.find(digest);
    return found != m_tickets.end() && m_clock.monotonic() < found->expiresAt ? found : m_tickets.end();
}

void TicketBook::forget(const Digest &digest)
{
    const auto found = m_tickets.find(digest);
    if (found == m_tickets.end())
        return; // has expired meanwhile
    const auto own = m_ofUser.find(found->identity.user);
    own->erase(std::find(own->begin(), own->end(), digest));
    if (own->empty())
        m_ofUser.erase(own);
    m_expiries.erase(found->place);
    m_tickets.erase(found);
}

void TicketBook::forgetExpired(MonoTime now)
{
    while (!m_expiries.empty() && m_tickets.constFind(m_expiries.front())->expiresAt <= now)
        forget(Digest(m_expiries.front()));
}

} // namespace gatehouse
