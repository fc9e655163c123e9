// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/signalwatcher.h"

#include <array>
#include <csignal>

#include <sys/signalfd.h>
#include <unistd.h>

namespace gatehouse {

namespace {

constexpr std::array kWatched{ SIGTERM, SIGINT, SIGHUP };

sigset_t watchedSignals()
{
    sigset_t set;
    sigemptyset(&set);
    for (const int number : kWatched)
        sigaddset(&set, number);
    return set;
}

} // namespace

SignalWatcher::SignalWatcher(QObject *parent)
    : QObject(parent)
{
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ,
        SIG_IGN); // a file that may not grow (RLIMIT_FSIZE) is an error of the write, not the end of the server
    const sigset_t set = watchedSignals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    m_descriptor = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    m_notifier = std::make_unique<QSocketNotifier>(m_descriptor, QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &SignalWatcher::readSignals);
}

SignalWatcher::~SignalWatcher()
{
    m_notifier.reset();
    ::close(m_descriptor);
    // One that came while everything ended must not end it by force now. Ignoring a signal discards it.
    for (const int number : kWatched) {
        std::signal(number, SIG_IGN);
        std::signal(number, SIG_DFL);
    }
    const sigset_t set = watchedSignals();
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void SignalWatcher::readSignals()
{
    signalfd_siginfo info{};
    while (::read(m_descriptor, &info, sizeof info) == ssize_t(sizeof info)) {
        // The kernel itself sends SIGHUP to who runs in a terminal that is closed: nobody would be left to end it.
        if (info.ssi_signo == SIGHUP && info.ssi_code != SI_KERNEL)
            Q_EMIT reloadRequested();
        else {
            m_isStopRequested = true;
            Q_EMIT stopRequested(int(info.ssi_signo));
        }
    }
}

bool SignalWatcher::takeStopRequest()
{
    readSignals();
    return m_isStopRequested;
}

} // namespace gatehouse
