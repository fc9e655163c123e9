// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QtCore/QtGlobal>

namespace gatehouse {

/// Gives memory back to the system once a crowd has left. What thousands of connections had is free inside the C
/// library's heaps then, but those keep their pages: 15,000 clients that had just spoken left 130 MB behind. To give
/// those back took 70 ms and holds up whoever allocates meanwhile, hence only after a crowd, once it is calm,
/// and never on a worker's thread. Lives on the main thread; told the number of open connections once a second.
class HeapTrimmer final
{
public:
    static constexpr qint64 kFewest = 500; ///< connections that must have gone
    static constexpr int kCalmSeconds = 3; ///< after the last of them

    explicit HeapTrimmer(std::function<void()> trim = &HeapTrimmer::trimHeap);
    Q_DISABLE_COPY_MOVE(HeapTrimmer)

    /// Trims if more than half of the connections have gone and no more of them go.
    void observe(qint64 connections);
    /// Gives back what is free, whatever it is free from. Any thread; whoever allocates meanwhile may wait.
    static void trimHeap();

private:
    std::function<void()> m_trim;
    qint64 m_most = 0; ///< since the last trimming
    qint64 m_last = 0;
    int m_calmSeconds = 0;
};

} // namespace gatehouse
