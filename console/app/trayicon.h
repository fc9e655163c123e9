// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QSystemTrayIcon>

#include "console/models/noticeboard.h"

namespace gatehouse {

/// The icon in the system tray: shows the worst notice, and tells of raised alerts by the desktop's notifications, of
/// one rule at most once in kCoolDown. GUI thread.
class TrayIcon final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(TrayIcon)

public:
    static constexpr std::chrono::minutes kCoolDown{ 5 };

    /// The server model must outlive it.
    explicit TrayIcon(ServerModel &serverModel, QObject *parent = nullptr);

    /// Whether an alert of this rule would be told now; counts as told if so.
    [[nodiscard]] bool takeTurn(const QString &rule);
    [[nodiscard]] QString toolTip() const { return m_icon.toolTip(); }

Q_SIGNALS:
    void activated();
    /// A desktop notification was shown, where the desktop can.
    void notified(const QString &title, const QString &text);

private:
    void refresh();
    void alertRaised(const Alert &alert);

    ServerModel &m_serverModel;
    NoticeBoard m_notices;
    QSystemTrayIcon m_icon;
    QHash<QString, MonoTime> m_told; ///< by rule
};

} // namespace gatehouse
