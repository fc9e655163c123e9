// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/auth/ticketbook.h"

#include <algorithm>
#include <array>

#include <QtCore/QCryptographicHash>
#include <QtCore/QRandomGenerator>

namespace gatehouse {

TicketBook::TicketBook(const Clock &clock)
    : m_clock(clock)
{
}

QByteArray TicketBook::digestOf(QByteArrayView ticket)
{
    return QCryptographicHash::hash(ticket, QCryptographicHash::Sha256);
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
    if (m_expiries.size() >= size_t(kMaxOutstanding))
        return TooMany{ false, until(m_expiries.front().first) };
    std::deque<Digest> &own = m_ofUser[identity.user];
    if (own.size() >= size_t(kMaxPerUser))
        return TooMany{ true, until(m_tickets.constFind(own.front())->expiresAt) };
    own.push_back(digest);
    m_tickets.insert(digest, { identity, now + kLifetime });
    m_expiries.emplace_back(now + kLifetime, digest);
    return ticket;
}

std::optional<Identity> TicketBook::take(QByteArrayView ticket)
{
    const std::lock_guard lock(m_mutex);
    const auto found = find(ticket);
    if (found == m_tickets.cend())
        return std::nullopt;
    Identity identity = found->identity;
    forget(Digest(found.key()));
    return identity;
}

std::optional<Identity> TicketBook::peek(QByteArrayView ticket) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = find(ticket);
    return found == m_tickets.cend() ? std::nullopt : std::optional(found->identity);
}

qsizetype TicketBook::outstanding() const
{
    const std::lock_guard lock(m_mutex);
    return m_tickets.size();
}

QHash<TicketBook::Digest, TicketBook::Entry>::const_iterator TicketBook::find(QByteArrayView ticket) const
{
    if (ticket.size() != kTicketChars)
        return m_tickets.cend();
    const auto found = m_tickets.constFind(digestOf(ticket));
    return found != m_tickets.cend() && m_clock.monotonic() < found->expiresAt ? found : m_tickets.cend();
}

void TicketBook::forget(const Digest &digest)
{
    const auto found = m_tickets.constFind(digest);
    if (found == m_tickets.cend())
        return; // was used
    const auto own = m_ofUser.find(found->identity.user);
    m_tickets.erase(found);
    own->erase(std::find(own->begin(), own->end(), digest));
    if (own->empty())
        m_ofUser.erase(own);
}

void TicketBook::forgetExpired(MonoTime now)
{
    while (!m_expiries.empty() && m_expiries.front().first <= now) {
        forget(m_expiries.front().second);
        m_expiries.pop_front();
    }
}

} // namespace gatehouse
