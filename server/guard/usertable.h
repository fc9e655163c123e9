// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <mutex>

#include <QtCore/QHash>
#include <QtCore/QString>

#include "server/guard/limitjudge.h"

namespace gatehouse {

class PeerAdmission;
class UserTable;

/// One open connection's place in a UserTable (its user's count and the server's). Given back when destroyed. Movable;
/// any thread.
class UserSlot final
{
public:
    UserSlot() = default;
    ~UserSlot();
    UserSlot(UserSlot &&other) noexcept;
    UserSlot &operator=(UserSlot &&other) noexcept;
    Q_DISABLE_COPY(UserSlot)

    /// Of a connection that no table counts. Gives nothing back.
    [[nodiscard]] static UserSlot uncounted(QString user);

    /// Whose connection it is.
    [[nodiscard]] const QString &user() const { return m_user; }
    /// Other nodes count the connection too: they are told when it is given back.
    void countWithPeers();

private:
    friend class UserTable;
    /// Where the slot is given back. Two for a table, so that a slot needs no further byte to say which it is.
    struct Desk
    {
        UserTable *table;
        bool isWithPeers;
    };
    UserSlot(const Desk &desk, QString user);
    void release();

    const Desk *m_desk = nullptr;
    QString m_user;
};

/// Open connections of every user, and in all. Shared by all workers; exact. Holds users with open connections only.
class UserTable final
{
public:
    UserTable() = default;
    Q_DISABLE_COPY_MOVE(UserTable)
    /// Who counts connections together with other nodes; null for nobody. Before anything else.
    void setPeers(PeerAdmission *peers) { m_peers = peers; }

    /// Connections of the user that are open now.
    [[nodiscard]] qint64 openOf(const QString &user) const;
    [[nodiscard]] qint64 openInAll() const { return m_total.load(std::memory_order_relaxed); }
    /// Puts in what admit() would judge by: with an attempt of this user; of nobody known, only what is open in all.
    void count(const QString *user, LimitCounts &counts) const;
    struct Admission
    {
        UserSlot slot; ///< valid if the attempt is admitted
        Findings findings;
    };
    /// Judges an attempt by MAX_CONNECTIONS and MAX_CONNECTIONS_PER_USER and, if it passes, counts it.
    [[nodiscard]] Admission admit(const QString &user, const LimitSnapshot &snapshot);

private:
    friend class UserSlot;
    void release(const QString &user);

    const UserSlot::Desk m_ownDesk{ this, false };
    const UserSlot::Desk m_peersDesk{ this, true };
    PeerAdmission *m_peers = nullptr;
    mutable std::mutex m_mutex;
    QHash<QString, qint64> m_open;
    std::atomic<qint64> m_total{ 0 };
};

} // namespace gatehouse
