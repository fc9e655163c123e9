// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QtCore/QtGlobal>

namespace gatehouse {

/// Since when the oldest of the queued bytes has waited. What is queued within one tick is of one age. Pure: it knows
/// no socket and no clock. Exists only while the kernel takes no more, so that a client that reads costs nothing.
class QueueAge final
{
public:
    using Tick = quint32; ///< of the worker's TimingWheel

    /// Bytes were queued behind those that wait already.
    void queued(qint64 bytes, Tick now);
    /// The kernel took bytes, oldest first.
    void taken(qint64 bytes);
    /// Bytes behind the first `kept` ones were given up.
    void keepOnly(qint64 kept);
    /// nullopt: nothing waits.
    [[nodiscard]] std::optional<Tick> oldest() const;

private:
    struct Part
    {
        Tick since;
        qint64 bytes;
    };
    std::vector<Part> m_parts; ///< in the order of their queueing
};

} // namespace gatehouse
