// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <chrono>

#include <QtCore/QtGlobal>

namespace gatehouse {

/// So many things, spread evenly over a window. A pure value; knows no clock.
struct Spread
{
    qint64 count = 0;
    std::chrono::milliseconds window{}; ///< none: all at once

    /// How many are due by then, in all. The first is due at once, the last before the window ends.
    [[nodiscard]] qint64 due(std::chrono::milliseconds elapsed) const
    {
        if (elapsed >= window || count <= 0)
            return std::max<qint64>(count, 0);
        // Number i, from 0, is due at i/n of the window.
        return std::max<qint64>(elapsed.count(), 0) * count / window.count() + 1;
    }
};

} // namespace gatehouse
