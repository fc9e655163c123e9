// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/trayicon.h"

#include <QtWidgets/QApplication>

#include "console/look/icons.h"
#include "console/look/theme.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

TrayIcon::TrayIcon(ServerModel &serverModel, QObject *parent)
    : QObject(parent)
    , m_serverModel(serverModel)
    , m_notices(serverModel)
{
    connect(&m_serverModel, &ServerModel::alertRaised, this, &TrayIcon::alertRaised);
    connect(&m_serverModel, &ServerModel::sampleArrived, this, &TrayIcon::refresh);
    connect(&m_notices, &NoticeBoard::changed, this, &TrayIcon::refresh);
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
    const Notice &worst = m_notices.worst();
    const bool isLive = m_serverModel.isLive();
    m_icon.setIcon(applicationIcon(!isLive || worst.severity == NoticeSeverity::Bad ? colors.bad
            : worst.severity == NoticeSeverity::Warning                             ? colors.warning
                                                                                    : colors.good));
    const QString title = windowTitleOf(m_notices.serverName(), worst);
    // A number of before is none of now.
    if (!isLive || !m_serverModel.latest()) {
        m_icon.setToolTip(title);
        return;
    }
    const qint64 connections = m_serverModel.latest()->totals.activeConnections;
    m_icon.setToolTip(title + u'\n' + tr("%n connection(s)", nullptr, int(connections)));
}

} // namespace gatehouse
