// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QtGlobal>

namespace gatehouse {

/// How many descriptors are left, as a new one shows.
enum class DescriptorZone : quint8
{
    Plenty,
    Short, ///< for each newcomer an idle connection goes
    Used,  ///< only the server's own are left: the newcomer goes
};

/// Tells by a descriptor's number how many are left: the kernel gives out the lowest free one, so all below it are in
/// use. The last ones are kept for the server itself (state file, Redis, log), which must not fail because clients
/// came. Immutable; any thread.
class DescriptorZones final
{
public:
    /// `limit` is how many the process may have open.
    explicit DescriptorZones(qint64 limit);

    [[nodiscard]] DescriptorZone of(int newDescriptor) const;
    /// The first number that no client gets.
    [[nodiscard]] qint64 firstOwn() const { return m_firstOwn; }

private:
    qint64 m_firstShort;
    qint64 m_firstOwn;
};

} // namespace gatehouse
