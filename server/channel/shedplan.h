// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <vector>

#include <QtCore/QtGlobal>

namespace gatehouse {

/// A client for which something waits.
struct ShedCandidate
{
    quint64 number = 0;
    qint64 queuedBytes = 0;
    std::chrono::milliseconds waitingFor{};
    bool isConsole = false;
};

/// Whom to cut, in this order, to get so many bytes of queues back: first who holds most for longest. As few as are
/// needed; somebody who has just come to read is hardly ever among them. Pure.
[[nodiscard]] std::vector<ShedCandidate> chooseToShed(std::vector<ShedCandidate> candidates, qint64 bytes);

} // namespace gatehouse
