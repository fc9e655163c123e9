// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/statusline.h"

#include <QtWidgets/QLabel>

#include "console/look/theme.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

StatusLine::StatusLine(ServerModel &serverModel, QWidget *parent)
    : QStatusBar(parent)
    , m_serverModel(serverModel)
    , m_state(add(u"state"_s, false))
    , m_server(add(u"server"_s, false))
    , m_role(add(u"role"_s, false))
    , m_revision(add(u"revision"_s, true))
    , m_guards(add(u"guards"_s, true))
{
    setSizeGripEnabled(false);
    setContentsMargins(6, 0, 6, 0);
    connect(&m_serverModel.client(), &AdminClient::stateChanged, this, &StatusLine::refresh);
    connect(&m_serverModel, &ServerModel::serverChanged, this, &StatusLine::refresh);
    connect(&m_serverModel, &ServerModel::sampleArrived, this, &StatusLine::refresh);
    connect(&m_serverModel, &ServerModel::revisionArrived, this, &StatusLine::refresh);
    refresh();
}

QLabel *StatusLine::add(const QString &name, bool isAtTheRight)
{
    auto *label = new QLabel(this);
    label->setObjectName(u"statusbar."_s + name);
    isAtTheRight ? addPermanentWidget(label) : addWidget(label);
    return label;
}

QString StatusLine::sampleAgeText() const
{
    const std::optional<std::chrono::milliseconds> age = m_serverModel.client().sampleAge();
    return age ? tr("last sample %1 s ago").arg(locale().toString(double(age->count()) / 1000.0, 'f', 1))
               : tr("no sample yet");
}

void StatusLine::refresh()
{
    const ConnectionStatus status = m_serverModel.client().status();
    const ThemeColors &colors = themeColors(palette());
    const QColor dot = status.isLive()                                                          ? colors.good
        : status.state == ConnectionState::Connecting || status.state == ConnectionState::Stale ? colors.warning
                                                                                                : colors.bad;
    m_state->setText(u"<span style=\"color:%1\">●</span> %2 · %3"_s.arg(
        dot.name(), connectionStateTitle(status.state), sampleAgeText()));
    m_server->setText(m_serverModel.client().url().toString(QUrl::RemoveUserInfo));
    // Nothing is claimed of a server that was not asked, nor of one that may be another by now.
    const std::optional<ServerInfo> &server = m_serverModel.server();
    const bool isKnown = server && status.isLive();
    for (QLabel *label : { m_role, m_revision, m_guards })
        label->setVisible(isKnown);
    if (!isKnown)
        return;
    const bool isGuarding = m_serverModel.isGuarding();
    m_role->setText(tr("role: %1").arg(server->role));
    m_revision->setText(tr("limits revision %1").arg(m_serverModel.limits().revision()));
    m_guards->setText(isGuarding ? tr("guards on") : tr("GUARDS OFF"));
    m_guards->setStyleSheet(isGuarding ? QString() : u"color: %1; font-weight: 600"_s.arg(colors.bad.name()));
}

} // namespace gatehouse
