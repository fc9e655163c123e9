// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include <QtCore/QObject>
#include <QtCore/QSocketNotifier>

#include "shared/util/clock.h"

namespace gatehouse {

/// One alarm to the microsecond (timerfd), where a QTimer knows whole milliseconds only and may be one late. On its
/// owner's thread.
class DeadlineTimer final : public QObject
{
    Q_OBJECT
public:
    explicit DeadlineTimer(std::function<void()> due, QObject *parent = nullptr);
    ~DeadlineTimer() override;
    Q_DISABLE_COPY_MOVE(DeadlineTimer)

    /// Sets it anew; a moment that has passed is due at once.
    void setAlarm(MonoTime moment);

private:
    int m_fd;
    std::function<void()> m_due;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace gatehouse
