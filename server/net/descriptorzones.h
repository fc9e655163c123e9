// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

namespace gatehouse {

/// How many descriptors are left for one more client.
enum class DescriptorZone : quint8
{
    Plenty,
    Short, ///< for each newcomer an idle connection goes
    Own,   ///< only the server's own are left: the newcomer goes, unless an idle connection does
    Last,  ///< the last of these
};

/// Where one more client would stand. The last descriptors are kept for the server itself (state file, Redis, log),
/// which must not fail because clients came. Immutable; any thread.
class DescriptorZones final
{
public:
    /// `limit` is how many the process may have open.
    explicit DescriptorZones(qint64 limit);

    /// `used` are in use, the newcomer's not counted.
    [[nodiscard]] DescriptorZone of(qint64 used) const;

private:
    qint64 m_firstShort;
    qint64 m_firstOwn;
    qint64 m_firstLast;
};

} // namespace gatehouse
