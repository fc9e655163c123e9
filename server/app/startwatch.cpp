// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/startwatch.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr std::chrono::milliseconds kLookInterval = 100ms;

qint64 mebibytes(qint64 bytes)
{
    return bytes / (1024 * 1024);
}

} // namespace

StartWatch::StartWatch(SignalWatcher &signalWatcher, SystemdNotifier &systemd, const Clock &clock, Log &log)
    : m_signalWatcher(signalWatcher)
    , m_systemd(systemd)
    , m_clock(clock)
    , m_log(log)
{
}

bool StartWatch::observe(const ReadingProgress &progress)
{
    const MonoTime now = m_clock.monotonic();
    if (!m_lookedAt)
        m_tellAt = now + 1s;
    else if (now - *m_lookedAt < kLookInterval)
        return true;
    m_lookedAt = now;
    if (m_signalWatcher.takeStopRequest())
        return false;
    if (now >= m_tellAt) {
        m_tellAt = now + kTellInterval;
        tell(progress);
    }
    return true;
}

void StartWatch::tell(const ReadingProgress &progress)
{
    const QString what = progress.isSalvage
        ? u"the state file is damaged; what can be read of it is being copied"_s
        : u"the state file was not closed in good order, and is being read through"_s;
    m_systemd.starting(what, kAskedTime);
    m_log.log(LogLevel::Info, "state_file_read"_L1,
        { { "detail"_L1, what }, { "read_mib"_L1, mebibytes(progress.readBytes) },
            { "file_mib"_L1, mebibytes(progress.fileBytes) } });
}

} // namespace gatehouse
