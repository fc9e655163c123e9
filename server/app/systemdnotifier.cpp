// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/app/systemdnotifier.h"

#include <cstring>
#include <ctime>

#include <QtCore/QPointer>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/app/environmentvariable.h"

namespace gatehouse {

namespace {

/// -1 if that cannot be: a server that systemd does not hear serves all the same.
int connectTo(const QByteArray &path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const bool isAbstract = path.startsWith('@');
    if ((!path.startsWith('/') && !isAbstract) || size_t(path.size()) >= sizeof address.sun_path)
        return -1;
    std::memcpy(address.sun_path, path.constData(), size_t(path.size()));
    if (isAbstract)
        address.sun_path[0] = '\0';
    const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const auto size = socklen_t(offsetof(sockaddr_un, sun_path) + size_t(path.size()) + (isAbstract ? 0 : 1));
    if (fd >= 0 && ::connect(fd, reinterpret_cast<const sockaddr *>(&address), size) == 0)
        return fd;
    if (fd >= 0)
        ::close(fd);
    return -1;
}

} // namespace

SystemdNotifier::SystemdNotifier()
    : m_descriptor(connectTo(takeEnvironmentVariable("NOTIFY_SOCKET")))
{
    const QByteArray watchdogPid = takeEnvironmentVariable("WATCHDOG_PID");
    const qint64 watchdogTime = takeEnvironmentVariable("WATCHDOG_USEC").toLongLong();
    if (m_descriptor >= 0 && watchdogTime > 0
        && (watchdogPid.isEmpty() || watchdogPid.toLongLong() == qint64(::getpid())))
        m_watchdogTime = std::chrono::microseconds(watchdogTime);
    connect(&m_watchdog, &QTimer::timeout, this, &SystemdNotifier::watch);
}

SystemdNotifier::~SystemdNotifier()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

void SystemdNotifier::starting(const QString &status, std::chrono::seconds atMost)
{
    m_hasStatus = true;
    send("STATUS=" + status.toUtf8());
    send("EXTEND_TIMEOUT_USEC=" + QByteArray::number(qint64(std::chrono::microseconds(atMost).count())));
}

void SystemdNotifier::ready(AskWorkers askWorkers)
{
    if (m_hasStatus)
        send("STATUS=");
    send("READY=1");
    if (m_watchdogTime.count() == 0)
        return;
    m_askWorkers = std::move(askWorkers);
    watch();
    m_watchdog.start(
        std::max(std::chrono::floor<std::chrono::milliseconds>(m_watchdogTime / 2), std::chrono::milliseconds(1)));
}

void SystemdNotifier::watch()
{
    if (!m_hasAnswer)
        return; // a worker is stuck: should it stay so, systemd starts the server anew
    send("WATCHDOG=1");
    m_hasAnswer = false;
    m_askWorkers([self = QPointer(this)] {
        if (self)
            self->m_hasAnswer = true;
    });
}

void SystemdNotifier::reloading()
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const qint64 micros = qint64(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
    send("RELOADING=1\nMONOTONIC_USEC=" + QByteArray::number(micros));
}

void SystemdNotifier::reloaded()
{
    send("READY=1");
}

void SystemdNotifier::stopping(std::chrono::seconds atMost)
{
    send("STOPPING=1");
    // A drain window beyond TimeoutStopSec= is no reason to be killed.
    send("EXTEND_TIMEOUT_USEC=" + QByteArray::number(qint64(std::chrono::microseconds(atMost).count())));
}

void SystemdNotifier::send(const QByteArray &message) const
{
    // Never waits: systemd's queue being full is no reason to stop serving.
    if (m_descriptor >= 0)
        (void)::send(m_descriptor, message.constData(), size_t(message.size()), MSG_NOSIGNAL | MSG_DONTWAIT);
}

} // namespace gatehouse
