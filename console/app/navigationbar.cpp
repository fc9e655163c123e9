// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/app/navigationbar.h"

#include <utility>

#include <QtWidgets/QButtonGroup>
#include <QtWidgets/QFrame>
#include <QtWidgets/QHBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>

#include "console/look/icons.h"
#include "console/models/alertsmodel.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kWidth = 168;
constexpr int kCompactWidth = 74; ///< an icon and a badge

} // namespace

NavigationBar::NavigationBar(const AlertsModel &alerts, QWidget *parent)
    : QWidget(parent)
    , m_alerts(alerts)
    , m_layout(new QVBoxLayout(this))
    , m_buttons(new QButtonGroup(this))
    , m_badge(makeLabel({}, u"badge"_s, this))
{
    setObjectName(u"navigation"_s);
    setFixedWidth(kWidth);
    m_layout->setContentsMargins(8, 12, 0, 12);
    m_layout->setSpacing(4);
    m_layout->addStretch(1);
    m_buttons->setExclusive(true);
    m_badge->setObjectName(u"nav.alerts.badge"_s);
    m_badge->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_badge->hide();
    connect(m_buttons, &QButtonGroup::idClicked, this, &NavigationBar::chosen);
    connect(&m_alerts, &AlertsModel::countsChanged, this, &NavigationBar::refreshBadge);
}

void NavigationBar::addGroup(const QString &name, const QString &title)
{
    auto *line = new QFrame(this);
    line->setProperty("line", true);
    line->setFixedHeight(1);
    QLabel *heading = makeLabel(title, u"small"_s, this);
    heading->setObjectName(u"nav.group."_s + name);
    heading->setContentsMargins(10, m_groups.empty() ? 0 : 8, 0, 1);
    m_layout->insertWidget(m_layout->count() - 1, line);
    m_layout->insertWidget(m_layout->count() - 1, heading);
    m_groups.push_back({ heading, line });
    refreshTexts();
}

void NavigationBar::setLive(bool isLive)
{
    if (std::exchange(m_isLive, isLive) != isLive)
        refreshBadge();
}

void NavigationBar::add(const QString &name, const QString &title)
{
    const int index = int(m_titles.size());
    auto *button = new QPushButton(themedIcon(name), title);
    button->setObjectName(u"nav."_s + name);
    button->setAccessibleName(title);
    button->setCheckable(true);
    button->setProperty("nav", true);
    button->setChecked(index == 0);
    m_buttons->addButton(button, index);
    m_layout->insertWidget(m_layout->count() - 1, button);
    m_titles.append(title);
    if (name == "alerts"_L1)
        addBadge(button);
    refreshTexts();
}

void NavigationBar::addBadge(QWidget *button)
{
    auto *layout = new QHBoxLayout(button);
    layout->setContentsMargins(0, 0, 4, 0);
    layout->addStretch(1);
    layout->addWidget(m_badge, 0, Qt::AlignVCenter);
    refreshBadge();
}

void NavigationBar::refreshBadge()
{
    // One that somebody has seen is raised all the same.
    const int raised = m_isLive ? m_alerts.activeCount() : 0;
    const int waiting = m_isLive ? m_alerts.unacknowledgedCount() : 0;
    m_badge->setVisible(raised > 0);
    m_badge->setText(locale().toString(raised));
    setLabelRole(*m_badge, waiting > 0 ? u"badge"_s : u"calmbadge"_s);
    m_badge->parentWidget()->setAccessibleDescription(waiting > 0 ? tr("%n to acknowledge", nullptr, waiting)
            : raised > 0                                          ? tr("%n raised", nullptr, raised)
                                                                  : QString());
}

void NavigationBar::setCurrent(int index)
{
    QAbstractButton *button = m_buttons->button(index);
    if (!button)
        return;
    button->setChecked(true);
    if (isAncestorOf(window()->focusWidget()))
        button->setFocus(); // the ring goes with the page
}

void NavigationBar::setCompact(bool isCompact)
{
    if (isCompact == m_isCompact)
        return;
    m_isCompact = isCompact;
    setFixedWidth(isCompact ? kCompactWidth : kWidth);
    refreshTexts();
}

void NavigationBar::refreshTexts()
{
    for (const Group &group : m_groups) {
        group.heading->setVisible(!m_isCompact);
        group.line->setVisible(m_isCompact && &group != &m_groups.front());
    }
    for (QAbstractButton *button : m_buttons->buttons()) {
        const int index = m_buttons->id(button);
        const QString keys = tr("Ctrl+%1").arg(index + 1);
        button->setText(m_isCompact ? QString() : m_titles[index]);
        button->setToolTip(m_isCompact ? m_titles[index] + u" · " + keys : keys);
    }
}

} // namespace gatehouse
