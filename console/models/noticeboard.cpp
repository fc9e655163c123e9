// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/noticeboard.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

NoticeBoard::NoticeBoard(ServerModel &serverModel, QObject *parent)
    : QObject(parent)
    , m_serverModel(serverModel)
    , m_notices(noticesOf({}))
{
    connect(&m_serverModel.client(), &AdminClient::stateChanged, this, &NoticeBoard::refresh);
    connect(&m_serverModel, &ServerModel::serverChanged, this, &NoticeBoard::refresh);
    connect(&m_serverModel, &ServerModel::sampleArrived, this, &NoticeBoard::refresh);
    connect(&m_serverModel.alerts(), &AlertsModel::countsChanged, this, &NoticeBoard::refresh);
    refresh();
}

void NoticeBoard::setServerName(const QString &name)
{
    m_serverName = name;
    refresh();
}

QString NoticeBoard::serverName() const
{
    return m_serverName.isEmpty() ? m_serverModel.client().url().authority() : m_serverName;
}

NoticeSituation NoticeBoard::situation() const
{
    NoticeSituation situation;
    situation.serverName = serverName();
    situation.status = m_serverModel.client().status();
    situation.isFirst = !m_serverModel.latest();
    situation.isGuarding = !m_serverModel.server() || m_serverModel.isGuarding();
    situation.guardsOff = m_serverModel.markers().guardsOff().current();
    situation.mayTurnGuardsOn = m_serverModel.mayChange(Role::Admin);
    situation.tokenEndsAt = m_serverModel.client().tokenExpiresAt();
    const AlertsModel &alerts = m_serverModel.alerts();
    for (int row = 0; row < alerts.rowCount(); ++row) {
        const Alert &alert = alerts.at(row);
        // That the guards are off has a notice of its own.
        if (alert.isActive() && (situation.isGuarding || alert.rule != "guards_off"_L1))
            situation.raised.push_back(alert);
    }
    if (m_serverModel.latest())
        situation.refusalsPerMinute = m_serverModel.latest()->refusalsPerMinute;
    situation.localNow = m_serverModel.clock().utc();
    situation.serverNow = m_serverModel.history().now();
    return situation;
}

void NoticeBoard::refresh()
{
    std::vector<Notice> notices = noticesOf(situation());
    if (notices == m_notices)
        return;
    m_notices = std::move(notices);
    Q_EMIT changed();
}

} // namespace gatehouse
