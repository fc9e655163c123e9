// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>

namespace gatehouse {

/// Desktop notifications where there is no system tray: org.freedesktop.Notifications on the session's D-Bus. How often
/// is for others to say. Does nothing where the console was built without Qt DBus. GUI thread.
class DesktopNotifier final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DesktopNotifier)

public:
    /// `bus` is the address of a bus of one's own, for tests; empty: the session's.
    explicit DesktopNotifier(const QString &bus = {}, QObject *parent = nullptr);

    /// Whether there is a bus to ask; not whether anybody shows what it is asked for.
    [[nodiscard]] bool isAvailable() const;
    /// Shows it in place of the one before, as urgent as an alert is. Does not block.
    void show(const QString &title, const QString &text);

Q_SIGNALS:
    void shown();
    /// Nobody showed it: why, in English, for the log.
    void failed(const QString &why);

private:
    QString m_connection; ///< by its name
    quint32 m_last = 0;   ///< the notification that the next one replaces
};

} // namespace gatehouse
