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

UserSlot UserSlot::uncounted(QString user)
{
    UserSlot slot;
    slot.m_user = std::move(user);
    return slot;
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
    if (desk->isWithPeers)
        desk->table->m_peers->leave(m_user);
}

qint64 UserTable::openOf(const QString &user) const
{
    const std::lock_guard lock(m_mutex);
    return m_open.value(user);
}

void UserTable::count(const QString *user, LimitCounts &counts) const
{
    counts.set(Counted::ConnectionsInAll, openInAll() + 1);
    if (user)
        counts.set(Counted::ConnectionsOfUser, openOf(*user) + 1);
}

UserTable::Admission UserTable::admit(const QString &user, const LimitSnapshot &snapshot)
{
    const LimitRule inAll = LimitRule::of(Reason::ServerFull, snapshot);
    const LimitRule ofUser = LimitRule::of(Reason::TooManyUserConnections, snapshot);
    Admission admission;
    const std::lock_guard lock(m_mutex);
    const auto found = m_open.find(user);
    const qint64 open = found == m_open.end() ? 0 : found.value();
    const std::array judgements{
        judgeLimit(Reason::ServerFull, inAll, m_total.load(std::memory_order_relaxed) + 1),
        judgeLimit(Reason::TooManyUserConnections, ofUser, open + 1),
    };
    for (const LimitJudgement &judgement : judgements) {
        if (judgement.outcome == LimitJudgement::Outcome::Observed)
            admission.findings.push_back(judgement.finding());
    }
    for (const LimitJudgement &judgement : judgements) {
        if (judgement.outcome == LimitJudgement::Outcome::Refused && !doRefuse(admission.findings))
            admission.findings.push_back(judgement.finding());
    }
    if (doRefuse(admission.findings))
        return admission;
    if (found == m_open.end())
        m_open.insert(user, 1);
    else
        ++found.value();
    m_total.fetch_add(1, std::memory_order_relaxed);
    admission.slot = UserSlot(m_ownDesk, user);
    return admission;
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
