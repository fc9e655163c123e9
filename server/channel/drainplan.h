// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

#include <QtCore/QtGlobal>

namespace gatehouse {

/// When the connections of a server that ends are closed, and when each client should be back: the closings are spread
/// evenly over a window, the returns as evenly over a window of the same length that begins when this one is over. A
/// pure value; knows no clock and no sockets.
class DrainPlan final
{
public:
    /// How many seconds the returns are spread over at least: without a window all clients are closed at once.
    static constexpr qint64 kLeastSpreadSeconds = 3;

    DrainPlan(qint64 connections, std::chrono::milliseconds window);

    /// How many connections are to be closed by then, in all. The first is due at once, the last before the window
    /// ends.
    [[nodiscard]] qint64 due(std::chrono::milliseconds elapsed) const;
    /// The seconds that a client closed then should wait: the rest of the window, in which nobody listens, and a share
    /// of the spread. `random` is from [0, 1).
    [[nodiscard]] qint64 reconnectDelay(std::chrono::milliseconds elapsed, double random) const;

private:
    qint64 m_connections;
    std::chrono::milliseconds m_window;
};

} // namespace gatehouse
