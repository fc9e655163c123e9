// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/noticestrip.h"

#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>

#include "console/models/titles.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

NoticeStrip::NoticeStrip(ServerModel &serverModel, QWidget *parent)
    : QFrame(parent)
    , m_serverModel(serverModel)
    , m_text(makeLabel({}, {}, this))
    , m_retry(makeButton(tr("Try now"), u"banner.retry"_s, {}, this))
    , m_guards(makeButton(tr("Turn on…"), u"banner.guards"_s, {}, this))
{
    setObjectName(u"banner"_s);
    setProperty("banner", u"bad"_s);
    m_text->setObjectName(u"banner.text"_s);
    m_text->setWordWrap(true);
    auto *layout = new QHBoxLayout(this);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_retry);
    layout->addWidget(m_guards);
    connect(m_retry, &QPushButton::clicked, this, [this] { m_serverModel.client().retryNow(); });
    connect(m_guards, &QPushButton::clicked, this, &NoticeStrip::guardsRequested);
    connect(&m_serverModel.client(), &AdminClient::stateChanged, this, &NoticeStrip::refresh);
    connect(&m_serverModel, &ServerModel::serverChanged, this, &NoticeStrip::refresh);
    connect(&m_serverModel.alerts(), &AlertsModel::countsChanged, this, &NoticeStrip::refresh);
    refresh();
}

QString NoticeStrip::lostText() const
{
    const ConnectionStatus status = m_serverModel.client().status();
    // While it tries again nothing has come back yet.
    const bool isTrying = status.state == ConnectionState::Connecting;
    if (status.isLive() || (isTrying && !m_serverModel.latest()))
        return {};
    QString text = status.cause.isEmpty() ? connectionStateTitle(status.state) : status.cause;
    if (status.nextRetryAt) {
        const auto left = std::chrono::ceil<std::chrono::seconds>(*status.nextRetryAt - m_serverModel.clock().utc());
        text += u' ' + tr("Next try in %n second(s).", nullptr, int(qMax<qint64>(0, left.count())));
    }
    if (m_serverModel.latest())
        text += u' ' + tr("What you see is from before.");
    return text;
}

QString NoticeStrip::guardsText() const
{
    if (!m_serverModel.server() || m_serverModel.isGuarding())
        return {};
    const QString text = tr("The guards are off: nothing is limited or counted.");
    const std::optional<GuardsOffSpan> span = m_serverModel.markers().guardsOff().current();
    if (!span)
        return text;
    const QString since = recentTime(span->time.from, m_serverModel.history().now());
    return text + u' '
        + (span->by.isEmpty() ? tr("Since %1 at least.").arg(since) : tr("By %1, since %2.").arg(span->by, since));
}

void NoticeStrip::refresh()
{
    const QString lost = lostText();
    const QString guards = guardsText();
    const QString alerts = m_serverModel.alerts().activeDetails();
    const QString text = !lost.isEmpty() ? lost : !guards.isEmpty() ? guards : alerts;
    m_text->setText(text);
    m_retry->setVisible(m_serverModel.client().status().state == ConnectionState::WaitingToRetry);
    m_guards->setVisible(lost.isEmpty() && !guards.isEmpty());
    m_guards->setEnabled(m_serverModel.mayChange(Role::Admin));
    setVisible(!text.isEmpty());
}

} // namespace gatehouse
