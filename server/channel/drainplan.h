// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

#include <QtCore/QtGlobal>

namespace gatehouse {

/// When the connections of a server that ends are closed, and when each client should be back: the closings are spread
/// evenly over a window, the returns as evenly over a window of the same length that begins when this one is over. Few
/// clients need little time: the window is what they need, and never longer than it may be. A pure value; knows no
/// clock and no sockets.
class DrainPlan final
{
public:
    /// What a client needs: time for those who come back not to be a herd.
    static constexpr std::chrono::milliseconds kTimePerClient{ 10 };
    /// The returns of many are spread over this at least, even if all are closed at once.
    static constexpr std::chrono::milliseconds kLeastSpread{ 3000 };
    /// Until the next server listens.
    static constexpr std::chrono::milliseconds kRestart{ 500 };

    /// `longest` is what the window may be at most.
    DrainPlan(qint64 connections, std::chrono::milliseconds longest);

    [[nodiscard]] std::chrono::milliseconds window() const { return m_window; }

    /// How many connections are to be closed by then, in all. The first is due at once, the last before the window
    /// ends.
    [[nodiscard]] qint64 due(std::chrono::milliseconds elapsed) const;
    /// The seconds that a client closed then should wait: the rest of the window, in which no client is let in, the
    /// restart, and a share of the spread. `random` is from [0, 1).
    [[nodiscard]] qint64 reconnectDelay(std::chrono::milliseconds elapsed, double random) const;

private:
    qint64 m_connections;
    std::chrono::milliseconds m_window{};
    std::chrono::milliseconds m_spread{};
};

} // namespace gatehouse
