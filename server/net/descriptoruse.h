// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>

#include "server/net/descriptorzones.h"

namespace gatehouse {

/// Counts the descriptors that the process uses, without asking the kernel: those of clients one by one, and the
/// server's own by what the numbers of new ones show. Thread-safe.
class DescriptorUse final
{
public:
    /// `limit` is how many the process may have open.
    explicit DescriptorUse(qint64 limit)
        : m_zones(limit)
    {
    }
    Q_DISABLE_COPY_MOVE(DescriptorUse)

    /// To be called before a client's descriptor is asked for; take it back with gaveBack() if there is none. How many
    /// others there are.
    [[nodiscard]] qint64 asking() { return m_clients.fetch_add(1, std::memory_order_relaxed); }
    /// The number that the kernel gave, and what asking() said. Where that client stands.
    [[nodiscard]] DescriptorZone got(int descriptor, qint64 othersBefore);
    /// After a client's descriptor was closed.
    void gaveBack() { m_clients.fetch_sub(1, std::memory_order_relaxed); }

    /// A worker gives its reserved descriptor up to turn a peer away, until takenBack(). What another one is given
    /// meanwhile may be that one, which no client is to keep.
    void lend() { m_lent.fetch_add(1, std::memory_order_seq_cst); }
    void takenBack() { m_lent.fetch_sub(1, std::memory_order_seq_cst); }
    [[nodiscard]] bool isAnyLent() const { return m_lent.load(std::memory_order_seq_cst) > 0; }

private:
    const DescriptorZones m_zones;
    std::atomic<qint64> m_clients{ 0 };
    std::atomic<qint64> m_own{ 0 };
    std::atomic<int> m_lent{ 0 };
};

} // namespace gatehouse
