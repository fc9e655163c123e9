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
{
    m_firstShort = m_firstOwn - qMin(limit / 8, kShort);
}

DescriptorZone DescriptorZones::of(int newDescriptor) const
{
    if (newDescriptor >= m_firstOwn)
        return DescriptorZone::Used;
    return newDescriptor >= m_firstShort ? DescriptorZone::Short : DescriptorZone::Plenty;
}

} // namespace gatehouse
