// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/editlock.h"

namespace gatehouse {

EditLock::EditLock(const Clock &clock, QObject *parent)
    : QObject(parent)
    , m_clock(clock)
{
}

void EditLock::setProtected(bool isProtected)
{
    m_isProtected = isProtected;
    m_isLocked = isProtected;
    Q_EMIT changed();
}

void EditLock::lock()
{
    setLocked(m_isProtected);
}

void EditLock::unlock()
{
    m_lastTouch = m_clock.monotonic();
    setLocked(false);
}

void EditLock::touch()
{
    // A key after a long absence must not slip past the lock.
    check();
    m_lastTouch = m_clock.monotonic();
}

void EditLock::check()
{
    if (m_isProtected && !m_isLocked && m_clock.monotonic() - m_lastTouch >= kIdle)
        setLocked(true);
}

void EditLock::setLocked(bool isLocked)
{
    if (m_isLocked == isLocked)
        return;
    m_isLocked = isLocked;
    Q_EMIT changed();
}

} // namespace gatehouse
