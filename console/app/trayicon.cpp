// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/trayicon.h"

#include <algorithm>

#include <QtWidgets/QApplication>

#include "console/look/icons.h"
#include "console/look/theme.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

TrayIcon::TrayIcon(ServerModel &serverModel, QObject *parent)
    : QObject(parent)
    , m_serverModel(serverModel)
{
    connect(&m_serverModel, &ServerModel::alertRaised, this, &TrayIcon::alertRaised);
    connect(&m_serverModel, &ServerModel::sampleArrived, this, &TrayIcon::refresh);
    connect(&m_serverModel, &ServerModel::serverChanged, this, &TrayIcon::refresh);
    connect(&m_serverModel.client(), &AdminClient::stateChanged, this, &TrayIcon::refresh);
    connect(&m_icon, &QSystemTrayIcon::activated, this, &TrayIcon::activated);
    refresh();
    if (QSystemTrayIcon::isSystemTrayAvailable())
        m_icon.show();
}

bool TrayIcon::takeTurn(const QString &rule)
{
    const MonoTime now = m_serverModel.clock().monotonic();
    const auto told = m_told.constFind(rule);
    if (told != m_told.constEnd() && now - *told < kCoolDown)
        return false;
    m_told.insert(rule, now);
    return true;
}

void TrayIcon::alertRaised(const Alert &alert)
{
    refresh();
    if (!takeTurn(alert.rule))
        return;
    const QString title = tr("Gatehouse alert");
    const QString text = AlertsModel::sentenceOf(alert);
    if (m_icon.isVisible() && QSystemTrayIcon::supportsMessages())
        m_icon.showMessage(title, text, QSystemTrayIcon::Warning);
    Q_EMIT notified(title, text);
}

void TrayIcon::refresh()
{
    const ThemeColors &colors = themeColors(QApplication::palette());
    const int activeAlerts = m_serverModel.alerts().activeCount();
    const bool isLive = m_serverModel.isLive();
    const bool isGuarding = m_serverModel.isGuarding();
    m_icon.setIcon(applicationIcon(!isLive || !isGuarding ? colors.bad
            : activeAlerts > 0                            ? colors.warning
                                                          : colors.good));
    const qint64 connections = m_serverModel.latest() ? m_serverModel.latest()->totals.activeConnections : 0;
    m_icon.setToolTip(!isLive ? tr("Gatehouse: not connected")
            : !isGuarding     ? tr("Gatehouse: the guards are off")
                              : tr("Gatehouse: %n connection(s)", nullptr, int(connections)));
}

} // namespace gatehouse
