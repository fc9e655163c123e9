// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <variant>

#include <QtCore/QByteArray>
#include <QtCore/QHash>

#include "server/auth/identity.h"

namespace gatehouse {

/// Gives out tickets: one-time stand-ins for a token that was verified, for pages that would rather not put the token
/// itself into a URL. Each is 192 random bits, good once and for kLifetime. Kept in memory by its SHA-256 alone: a
/// restart forgets them, the book never holds one that could be used, and looking one up tells nothing by the time it
/// takes. Thread-safe; bounded.
class TicketBook final
{
public:
    static constexpr std::chrono::seconds kLifetime{ 30 };
    static constexpr qsizetype kMaxOutstanding = 100'000;
    static constexpr qsizetype kMaxPerUser = 16;
    static constexpr qsizetype kTicketChars = 32;

    explicit TicketBook(const Clock &clock);
    Q_DISABLE_COPY_MOVE(TicketBook)

    /// Too many are neither used nor expired.
    struct TooMany
    {
        bool isOfUser;                  ///< false: of all users together
        std::chrono::milliseconds wait; ///< until the next one expires
    };
    [[nodiscard]] std::variant<QByteArray, TooMany> issue(const Identity &identity);
    /// Whom a ticket stands for, nullopt if it is none or none any more. It is used up.
    [[nodiscard]] std::optional<Identity> take(QByteArrayView ticket);
    /// The same, but it stays good.
    [[nodiscard]] std::optional<Identity> peek(QByteArrayView ticket) const;

    /// Tickets that are remembered.
    [[nodiscard]] qsizetype outstanding() const;

    /// What a ticket is known by.
    [[nodiscard]] static QByteArray digestOf(QByteArrayView ticket);

private:
    struct Entry
    {
        Identity identity;
        MonoTime expiresAt;
    };
    using Digest = QByteArray;

    [[nodiscard]] QHash<Digest, Entry>::const_iterator find(QByteArrayView ticket) const;
    void forget(const Digest &digest);
    void forgetExpired(MonoTime now);

    const Clock &m_clock;
    mutable std::mutex m_mutex; ///< guards what follows
    QHash<Digest, Entry> m_tickets;
    QHash<QString, std::deque<Digest>> m_ofUser;        ///< the oldest first
    std::deque<std::pair<MonoTime, Digest>> m_expiries; ///< the next first, used ones included
};

} // namespace gatehouse
