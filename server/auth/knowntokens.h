// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <list>
#include <mutex>
#include <unordered_map>
#include <vector>

#include <QtCore/QByteArray>
#include <QtCore/QHash>
#include <QtCore/QString>

namespace gatehouse {

/// Tokens whose signature has been found good: whoever shows one guesses nothing, so that it is looked at again however
/// many bad ones come from the same address. It says nothing of whether a token is still good; that is verified each
/// time. Holds 64 bits of a token's SHA-256. Bounded: beyond kMaxPerUser the user's oldest makes way, beyond kMaxTokens
/// the oldest of all. O(1). Thread-safe.
class KnownTokens final
{
public:
    static constexpr size_t kMaxTokens = 10'000;
    static constexpr size_t kMaxPerUser = 16; ///< one user's new tokens push out nobody else's

    KnownTokens() = default;
    Q_DISABLE_COPY_MOVE(KnownTokens)

    [[nodiscard]] bool knows(QByteArrayView token) const;
    void remember(QByteArrayView token, const QString &user);
    /// It has turned bad: its time is over, or its key is gone.
    void forget(QByteArrayView token);

    /// Tokens that are remembered; for tests.
    [[nodiscard]] size_t size() const;

private:
    using Digest = quint64;
    struct Known
    {
        Digest digest;
        QString user;
    };
    using Place = std::list<Known>::iterator;

    [[nodiscard]] static Digest digestOf(QByteArrayView token);
    void erase(Digest digest);

    mutable std::mutex m_mutex; ///< guards what follows
    std::list<Known> m_known;   ///< the one that was shown longest ago first
    std::unordered_map<Digest, Place> m_places;
    QHash<QString, std::vector<Digest>> m_ofUser; ///< the oldest first
};

} // namespace gatehouse
