// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/guard/usertable.h"

#include <utility>

#include "server/guard/peeradmission.h"

namespace gatehouse {

UserSlot::UserSlot(const Desk &desk, QString user)
    : m_desk(&desk)
    , m_user(std::move(user))
{
}

UserSlot::~UserSlot()
{
    release();
}

UserSlot::UserSlot(UserSlot &&other) noexcept
    : m_desk(std::exchange(other.m_desk, nullptr))
    , m_user(std::move(other.m_user))
{
}

UserSlot &UserSlot::operator=(UserSlot &&other) noexcept
{
    if (this != &other) {
        release();
        m_desk = std::exchange(other.m_desk, nullptr);
        m_user = std::move(other.m_user);
    }
    return *this;
}

void UserSlot::countWithPeers()
{
    if (m_desk)
        m_desk = &m_desk->table->m_peersDesk;
}

void UserSlot::release()
{
    const Desk *desk = std::exchange(m_desk, nullptr);
    if (!desk)
        return;
    desk->table->release(m_user);
    if (desk->isWithPeers && desk->table->m_peers)
        desk->table->m_peers->leave(m_user);
}

qint64 UserTable::openOf(const QString &user) const
{
    const std::lock_guard lock(m_mutex);
    return m_open.value(user);
}

UserTable::Outcome UserTable::take(const QString &user, const Bounds &bounds, UserSlot &slot)
{
    const std::lock_guard lock(m_mutex);
    if (m_total.load(std::memory_order_relaxed) >= bounds.inAll)
        return Outcome::ServerFull;
    qint64 &open = m_open[user];
    if (open >= bounds.perUser) {
        if (open == 0)
            m_open.remove(user);
        return Outcome::UserFull;
    }
    ++open;
    m_total.fetch_add(1, std::memory_order_relaxed);
    slot = UserSlot(m_ownDesk, user);
    return Outcome::Taken;
}

void UserTable::release(const QString &user)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_open.find(user);
    if (found == m_open.end())
        return;
    m_total.fetch_sub(1, std::memory_order_relaxed);
    if (--found.value() == 0)
        m_open.erase(found);
}

} // namespace gatehouse
