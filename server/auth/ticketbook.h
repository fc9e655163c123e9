// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <list>
#include <mutex>
#include <optional>
#include <variant>

#include <QtCore/QByteArray>
#include <QtCore/QHash>

#include "server/auth/identity.h"

namespace gatehouse {

class TicketBook;

/// A ticket that somebody has shown and is being judged with: it is good for nobody else meanwhile. Used up when this
/// ends, unless it is given back. Movable; any thread; the book outlives it.
class TicketClaim final
{
public:
    TicketClaim() = default; ///< of no ticket
    ~TicketClaim() { useUp(); }
    TicketClaim(TicketClaim &&other) noexcept;
    TicketClaim &operator=(TicketClaim &&other) noexcept;
    Q_DISABLE_COPY(TicketClaim)

    /// Whom the ticket stands for; nullopt: there is no such ticket, or it is not good.
    [[nodiscard]] const std::optional<Identity> &identity() const { return m_identity; }
    /// Makes the ticket good again, for as long as it was.
    void giveBack();

private:
    friend class TicketBook;
    TicketClaim(TicketBook &book, QByteArray digest, Identity identity);
    void useUp();

    TicketBook *m_book = nullptr;
    QByteArray m_digest;
    std::optional<Identity> m_identity;
};

/// Gives out tickets: one-time stand-ins for a token that was verified, for pages that would rather not put the token
/// itself into a URL. Each is 192 random bits, good once and for kLifetime. Kept in memory by its SHA-256 alone: a
/// restart forgets them, the book never holds one that could be used, and looking one up tells nothing by the time it
/// takes. Thread-safe. Bounded, per user and in all; one that is used makes room at once.
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

    /// Who has the word on a ticket that all nodes know.
    enum class By : quint8
    {
        Book, ///< this book: it is good only if it is known here alone
        Peers ///< the other nodes, who have been asked: here it only makes room
    };
    /// Nobody else may use the ticket as long as the claim is there.
    [[nodiscard]] TicketClaim claim(QByteArrayView ticket, By by = By::Book);
    /// Whom it stands for, as far as this book knows. It stays good.
    [[nodiscard]] std::optional<Identity> peek(QByteArrayView ticket) const;
    /// Other nodes know the ticket now, by its digest: this book alone lets nobody in with it any more, as somebody may
    /// have used it there. It keeps its place among those of its user.
    void leaveToPeers(const QByteArray &digest);

    /// Tickets that are neither used nor, as far as that has been noticed, expired.
    [[nodiscard]] qsizetype outstanding() const;

    /// What a ticket is known by.
    [[nodiscard]] static QByteArray digestOf(QByteArrayView ticket);

private:
    friend class TicketClaim;
    using Digest = QByteArray;
    struct Entry
    {
        Identity identity;
        MonoTime expiresAt;
        std::list<Digest>::iterator place; ///< in m_expiries
        bool isClaimed = false;
        bool isLeftToPeers = false;
    };

    [[nodiscard]] QHash<Digest, Entry>::iterator find(const Digest &digest);
    void giveBack(const Digest &digest);
    void useUp(const Digest &digest);
    void forget(const Digest &digest);
    void forgetExpired(MonoTime now);

    const Clock &m_clock;
    mutable std::mutex m_mutex; ///< guards what follows
    QHash<Digest, Entry> m_tickets;
    QHash<QString, std::deque<Digest>> m_ofUser; ///< the oldest first
    std::list<Digest> m_expiries;                ///< the next first
};

} // namespace gatehouse
