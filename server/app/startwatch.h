// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>

#include "server/app/signalwatcher.h"
#include "server/app/systemdnotifier.h"
#include "server/log/log.h"
#include "server/store/openfile.h"
#include "shared/util/clock.h"

namespace gatehouse {

/// What is done while a large state file is being read at the start: systemd is asked for time, the log says how far it
/// is, and a signal ends it. Lives on the main thread.
class StartWatch final
{
public:
    static constexpr std::chrono::seconds kTellInterval{ 5 }; ///< the first time after one
    static constexpr std::chrono::seconds kAskedTime{ 60 };   ///< that systemd is asked for each time

    /// All outlive it.
    StartWatch(SignalWatcher &signalWatcher, SystemdNotifier &systemd, const Clock &clock, Log &log);

    /// For the reading of a state file: false ends it.
    [[nodiscard]] bool observe(const ReadingProgress &progress);

private:
    void tell(const ReadingProgress &progress);

    SignalWatcher &m_signalWatcher;
    SystemdNotifier &m_systemd;
    const Clock &m_clock;
    Log &m_log;
    std::optional<MonoTime> m_lookedAt;
    MonoTime m_tellAt{};
};

} // namespace gatehouse
