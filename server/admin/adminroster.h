// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>
#include <vector>

#include "server/access/accessrules.h"
#include "server/auth/identity.h"

namespace gatehouse {

/// Who can change everything: the users of ADMIN_USERS, who are so until an operator of the machine says otherwise, and
/// whose own tokens say so, as far as they have been seen and have not expired. Says whether a change would leave
/// nobody, which nobody wants by mistake: after it no ban could be lifted. Bounded; thread-safe.
class AdminRoster final
{
public:
    static constexpr size_t kMaxSeen = 64; ///< tokens that are remembered; the one that came first gives way

    AdminRoster() = default;
    Q_DISABLE_COPY_MOVE(AdminRoster)

    void setConfigured(QStringList adminUsers);
    /// Somebody was let in. Roles other than Admin are passed over.
    void saw(const Identity &who);

    /// Whether this ban would take the last of ADMIN_USERS. That of a token takes nobody, since they get another. Those
    /// who are administrators by their tokens are in the hands of whoever signs these. `inForce` are the bans beside
    /// it.
    [[nodiscard]] bool isLastTakenBy(const AccessRule &ban, const AccessRules &inForce, UtcTime now) const;
    /// Whether with these ADMIN_USERS nobody would be left, though now there is somebody.
    [[nodiscard]] bool isLastLeftOutOf(const QStringList &adminUsers, const AccessRules &inForce, UtcTime now) const;

private:
    struct Seen ///< a token of an admin; the user may be one of ADMIN_USERS or not
    {
        QString user;
        TokenMark mark;
        Role ownRole = Role::None;
        std::optional<UtcTime> expiresAt;
    };

    [[nodiscard]] bool isSomebodyIn(const QStringList &adminUsers, const AccessRules &inForce, UtcTime now) const;
    /// The newest token of a user; of one who has not been seen, what a token issued a moment ago would be.
    [[nodiscard]] TokenMark markOf(const QString &user, UtcTime now) const;

    mutable std::mutex m_mutex; ///< guards what follows
    QStringList m_configured;
    std::vector<Seen> m_seen; ///< oldest first
};

} // namespace gatehouse
