// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

#include "server/channel/spread.h"

namespace gatehouse {

/// When a worker's connections are closed as the server ends, and when each client should be back: the closings are
/// spread evenly over a window, the returns as evenly over a window of the same length that begins when this one is
/// over. A pure value; knows no clock and no sockets.
class DrainPlan final
{
public:
    /// What a client needs: time for those who come back not to be a herd.
    static constexpr std::chrono::milliseconds kTimePerClient{ 10 };
    /// The returns of many are spread over this at least, even if all are closed at once.
    static constexpr std::chrono::milliseconds kLeastSpread{ 3000 };
    /// Until the next server listens.
    static constexpr std::chrono::milliseconds kRestart{ 500 };

    /// Few clients need little time: the window is what those of the fullest worker need, and `longest` at most.
    [[nodiscard]] static std::chrono::milliseconds windowOf(qint64 connections, std::chrono::milliseconds longest);

    /// The window is that of all workers: none of them lets anybody in before the last one is done.
    DrainPlan(qint64 connections, std::chrono::milliseconds window);

    [[nodiscard]] std::chrono::milliseconds window() const { return m_closings.window; }
    /// How many connections are to be closed by then, in all.
    [[nodiscard]] qint64 due(std::chrono::milliseconds elapsed) const { return m_closings.due(elapsed); }
    /// The seconds that a client closed then should wait: the rest of the window, in which no client is let in, the
    /// restart, and a share of the spread. `random` is from [0, 1).
    [[nodiscard]] qint64 reconnectDelay(std::chrono::milliseconds elapsed, double random) const;

private:
    Spread m_closings;
    std::chrono::milliseconds m_returns; ///< what these are spread over
};

} // namespace gatehouse
