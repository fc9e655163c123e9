// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/sessiontable.h"

#include <algorithm>

#include "server/channel/session.h"

namespace gatehouse {

SessionTable::SessionTable() = default;

SessionTable::~SessionTable() = default;

quint64 SessionTable::nextNumber() const
{
    const size_t slot = m_free.empty() ? m_slots.size() : m_free.back();
    const quint64 generation = slot < m_slots.size() ? m_slots[slot].generation : 0;
    return generation << kSlotBits | quint64(slot);
}

Session &SessionTable::add(std::unique_ptr<Session> session)
{
    const size_t slot = session->number() & ((1U << kSlotBits) - 1);
    if (slot == m_slots.size())
        m_slots.emplace_back();
    else
        m_free.pop_back();
    m_slots[slot].session = std::move(session);
    ++m_size;
    Session &added = *m_slots[slot].session;
    link(added);
    return added;
}

Session *SessionTable::find(quint64 number) const
{
    const size_t slot = number & ((1U << kSlotBits) - 1);
    if (slot >= m_slots.size() || m_slots[slot].generation != number >> kSlotBits)
        return nullptr;
    return m_slots[slot].session.get();
}

std::unique_ptr<Session> SessionTable::take(quint64 number)
{
    Session *session = find(number);
    if (!session)
        return nullptr;
    unlink(*session);
    const size_t slot = number & ((1U << kSlotBits) - 1);
    ++m_slots[slot].generation;
    m_free.push_back(quint32(slot));
    --m_size;
    return std::move(m_slots[slot].session);
}

Session *SessionTable::nextOfUser(const Session &session)
{
    return session.places().nextOfUser;
}

void SessionTable::link(Session &session)
{
    SessionPlaces &places = session.places();
    Session *&first = m_byUser[session.user()];
    places.nextOfUser = first;
    if (first)
        first->places().previousOfUser = &session;
    first = &session;
    linkGroups(session);
}

void SessionTable::linkGroups(Session &session)
{
    SessionPlaces &places = session.places();
    const QStringList &groups = session.groups();
    if (!groups.isEmpty())
        places.inGroups = std::make_unique<quint32[]>(size_t(groups.size()));
    for (qsizetype i = 0; i < groups.size(); ++i) {
        std::vector<Member> &members = m_byGroup[groups[i]];
        places.inGroups[size_t(i)] = quint32(members.size());
        members.push_back({ &session, i });
    }
}

void SessionTable::unlink(Session &session)
{
    SessionPlaces &places = session.places();
    if (places.nextOfUser)
        places.nextOfUser->places().previousOfUser = places.previousOfUser;
    if (places.previousOfUser)
        places.previousOfUser->places().nextOfUser = places.nextOfUser;
    else if (places.nextOfUser)
        m_byUser[session.user()] = places.nextOfUser;
    else
        m_byUser.remove(session.user());
    unlinkGroups(session);
    places = {};
}

void SessionTable::unlinkGroups(Session &session)
{
    SessionPlaces &places = session.places();
    const QStringList &groups = session.groups();
    for (qsizetype i = 0; i < groups.size(); ++i) {
        const auto members = m_byGroup.find(groups[i]);
        // The last one takes the place: to leave costs the same in a group of ten and of ten thousand.
        const quint32 place = places.inGroups[size_t(i)];
        const Member last = members->back();
        (*members)[place] = last;
        last.session->places().inGroups[size_t(last.group)] = place;
        members->pop_back();
        if (members->empty())
            m_byGroup.erase(members);
    }
    places.inGroups.reset();
}

void SessionTable::changeGroups(Session &session, QStringList groups)
{
    unlinkGroups(session);
    session.setGroups(std::move(groups));
    linkGroups(session);
}

std::vector<quint64> SessionTable::numbersInGroups(const QStringList &groups) const
{
    std::vector<quint64> numbers;
    for (const QString &group : groups) {
        const auto members = m_byGroup.constFind(group);
        if (members == m_byGroup.constEnd())
            continue;
        for (const Member &member : *members)
            numbers.push_back(member.session->number());
    }
    if (groups.size() > 1) {
        std::sort(numbers.begin(), numbers.end());
        numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    }
    return numbers;
}

} // namespace gatehouse
