// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>

#include "shared/util/clock.h"

namespace gatehouse {

/// Keeps a production server from being changed by accident: it begins locked, one click unlocks it, and it locks again
/// after the user did nothing for kIdle. Other servers are never locked. A help for the user, not a right: rights are
/// the server's. GUI thread.
class EditLock final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(EditLock)

public:
    static constexpr std::chrono::minutes kIdle{ 15 };

    /// The clock must outlive the lock.
    explicit EditLock(const Clock &clock, QObject *parent = nullptr);

    /// Whether the server is one to be careful with; if so it is locked now.
    void setProtected(bool isProtected);
    [[nodiscard]] bool isProtected() const { return m_isProtected; }
    [[nodiscard]] bool isLocked() const { return m_isLocked; }

    void lock();
    void unlock();
    /// The user pressed a key or a button.
    void touch();
    /// Locks if the user was idle for long enough; to be called every now and then.
    void check();

Q_SIGNALS:
    void changed();

private:
    void setLocked(bool isLocked);

    const Clock &m_clock;
    MonoTime m_lastTouch{};
    bool m_isProtected = false;
    bool m_isLocked = false;
};

} // namespace gatehouse
