// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/descriptorzones.h"

namespace gatehouse {

namespace {

// Of small limits an eighth each.
constexpr qint64 kOwn = 16;
constexpr qint64 kShort = 64; // as many as one worker accepts in a turn, before anybody has gone

} // namespace

DescriptorZones::DescriptorZones(qint64 limit)
    : m_firstShort(0)
    , m_firstOwn(limit - qMin(limit / 8, kOwn))
    , m_firstLast(limit - qMin(limit / 8, kOwn) / 2)
{
    m_firstShort = m_firstOwn - qMin(limit / 8, kShort);
}

DescriptorZone DescriptorZones::of(qint64 used) const
{
    if (used >= m_firstLast)
        return DescriptorZone::Last;
    if (used >= m_firstOwn)
        return DescriptorZone::Own;
    return used >= m_firstShort ? DescriptorZone::Short : DescriptorZone::Plenty;
}

} // namespace gatehouse
