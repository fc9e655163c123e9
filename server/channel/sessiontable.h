// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QtCore/QHash>
#include <QtCore/QStringList>

namespace gatehouse {

class Session;

/// A session's places in its SessionTable; for the table alone.
struct SessionPlaces
{
    Session *previousOfUser = nullptr;
    Session *nextOfUser = nullptr;
    std::unique_ptr<quint32[]> inGroups; ///< by the session's groups; null if there are none
};

/// The sessions of one worker, owned and found by number, user and group. Every look-up may end the session that it is
/// visiting. Lives on the worker's thread.
class SessionTable final
{
public:
    SessionTable();
    ~SessionTable();
    Q_DISABLE_COPY_MOVE(SessionTable)

    /// The number that the next session must have. Numbers are not used twice in a process' life (2^40 connections).
    [[nodiscard]] quint64 nextNumber() const;
    Session &add(std::unique_ptr<Session> session);
    /// Null if there is no such session (any more).
    [[nodiscard]] Session *find(quint64 number) const;
    /// Takes the session out of the table and of all its indices.
    [[nodiscard]] std::unique_ptr<Session> take(quint64 number);
    /// From now on it is found by these groups, and by no others.
    void changeGroups(Session &session, QStringList groups);
    [[nodiscard]] qint64 size() const { return m_size; }

    template <typename Visit> void forEach(Visit visit) const
    {
        for (size_t slot = 0; slot < m_slots.size(); ++slot) {
            if (Session *session = m_slots[slot].session.get())
                visit(*session);
        }
    }
    template <typename Visit> void forUser(const QString &user, Visit visit) const
    {
        for (Session *session = m_byUser.value(user); session;) {
            Session *next = nextOfUser(*session);
            visit(*session);
            session = next;
        }
    }
    /// Each session that is in one of the groups, once.
    template <typename Visit> void forGroups(const QStringList &groups, Visit visit) const
    {
        for (const quint64 number : numbersInGroups(groups)) {
            if (Session *session = find(number))
                visit(*session);
        }
    }

private:
    static constexpr int kSlotBits = 24; // more than a process has descriptors
    struct Slot
    {
        std::unique_ptr<Session> session;
        quint64 generation = 0;
    };
    struct Member
    {
        Session *session;
        qsizetype group; ///< which of the session's groups this is
    };
    [[nodiscard]] static Session *nextOfUser(const Session &session);
    [[nodiscard]] std::vector<quint64> numbersInGroups(const QStringList &groups) const;
    void link(Session &session);
    void unlink(Session &session);
    void linkGroups(Session &session);
    void unlinkGroups(Session &session);

    std::vector<Slot> m_slots;
    std::vector<quint32> m_free;
    qint64 m_size = 0;
    QHash<QString, Session *> m_byUser; ///< the first of a list
    QHash<QString, std::vector<Member>> m_byGroup;
};

} // namespace gatehouse
