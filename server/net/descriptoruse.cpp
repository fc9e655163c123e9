// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/descriptoruse.h"

namespace gatehouse {

DescriptorZone DescriptorUse::got(int descriptor, qint64 othersBefore)
{
    // Some may have come or gone meanwhile. Who has gone was there when the kernel chose the number.
    const qint64 others = qMax(othersBefore, m_clients.load(std::memory_order_relaxed) - 1);
    // The kernel gives out the lowest that is free: all below are in use, and those that are no client's are ours.
    qint64 own = m_own.load(std::memory_order_relaxed);
    while (own < descriptor - others) {
        if (m_own.compare_exchange_weak(own, descriptor - others, std::memory_order_relaxed))
            own = descriptor - others;
    }
    return m_zones.of(qMax(qint64(descriptor), others + own));
}

} // namespace gatehouse
