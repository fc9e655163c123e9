// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/notify/quietinboxes.h"

#include <algorithm>
#include <limits>

#include "server/base/seededhash.h"

namespace gatehouse {

namespace {

quint32 clamped(qint64 number)
{
    return quint32(std::clamp<qint64>(number, 0, std::numeric_limits<quint32>::max()));
}

} // namespace

QuietInboxes::Entry::Entry(const QStringList &groups, const QuietInbox &inbox)
    : sequence(inbox.sequence)
    , unreadUntil(inbox.unreadUntil)
    , groupsHash(seededHash(groups))
    , quietFor(clamped(inbox.sequence - inbox.quietSince))
    , unread(clamped(inbox.unread))
{
}

QuietInbox QuietInboxes::Entry::inbox() const
{
    return { sequence - quietFor, sequence, unread, unreadUntil };
}

void QuietInboxes::beginReading(const QString &user)
{
    const std::lock_guard lock(m_mutex);
    m_beingRead.insert(user, true);
}

void QuietInboxes::giveUp(const QString &user)
{
    const std::lock_guard lock(m_mutex);
    m_beingRead.remove(user);
}

void QuietInboxes::remember(const QString &user, const QStringList &groups, const QuietInbox &inbox)
{
    const std::lock_guard lock(m_mutex);
    if (!m_beingRead.take(user))
        return; // what was read may be from before a change that has been told since
    if (m_entries.size() >= kMaxUsers)
        m_entries.clear(); // begins anew: cheaper than to know the longest unused
    m_entries.insert(seededHash(user), Entry(groups, inbox));
}

void QuietInboxes::published(const Audience &to, qint64 sequence)
{
    const std::lock_guard lock(m_mutex);
    if (const ToUsers *users = std::get_if<ToUsers>(&to)) {
        for (const QString &user : users->users)
            forgetLocked(user);
    } else if (const ToGroups *groups = std::get_if<ToGroups>(&to)) {
        for (const QString &group : groups->groups)
            m_lastOfGroup.insert(group, sequence);
        if (m_lastOfGroup.size() > kMaxUsers) { // a publish to all says the same of every group
            m_lastOfGroup.clear();
            m_lastOfAll = sequence;
        }
    } else {
        m_lastOfAll = sequence;
    }
}

void QuietInboxes::forget(const QString &user)
{
    const std::lock_guard lock(m_mutex);
    forgetLocked(user);
}

void QuietInboxes::forgetLocked(const QString &user)
{
    m_entries.remove(seededHash(user));
    if (const auto reading = m_beingRead.find(user); reading != m_beingRead.end())
        *reading = false;
}

std::optional<QuietInbox> QuietInboxes::find(const QString &user, const QStringList &groups) const
{
    const std::lock_guard lock(m_mutex);
    const auto entry = m_entries.constFind(seededHash(user));
    if (entry == m_entries.constEnd() || entry->sequence < m_lastOfAll || entry->groupsHash != seededHash(groups))
        return std::nullopt;
    const bool isOld = std::any_of(groups.begin(), groups.end(),
        [&](const QString &group) { return entry->sequence < m_lastOfGroup.value(group); });
    return isOld ? std::nullopt : std::optional(entry->inbox());
}

} // namespace gatehouse
