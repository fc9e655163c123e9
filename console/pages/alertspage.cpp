// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/alertspage.h"

#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>

#include "console/models/titles.h"
#include "console/pages/columnlayout.h"
#include "console/pages/widgets.h"
#include "shared/alerts/alertruledescriptor.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

AlertsPage::AlertsPage(ServerModel &serverModel, QWidget *parent)
    : QWidget(parent)
    , m_serverModel(serverModel)
    , m_count(makeLabel({}, u"muted"_s, this))
    , m_alerts(makeTable(&serverModel.alerts(), u"alerts.table"_s, tr("Alerts"), this))
    , m_acknowledge(makeButton(tr("Acknowledge"), u"alerts.acknowledge"_s, {}, this))
    , m_rules(makeTable(&serverModel.alertRules(), u"alerts.rules"_s, tr("Rules"), this))
    , m_save(makeButton(tr("Save rules"), u"alerts.rules.save"_s, {}, this))
    , m_discard(makeButton(tr("Discard"), u"alerts.rules.discard"_s, {}, this))
    , m_message(makeLabel({}, u"good"_s, this))
    , m_empty(makeLabel(tr("No alert was raised."), u"muted"_s, m_alerts))
{
    setObjectName(u"page.alerts"_s);
    m_count->setObjectName(u"alerts.count"_s);
    m_message->setObjectName(u"alerts.message"_s);
    m_message->hide();
    m_message->setWordWrap(true);
    auto *head = new QHBoxLayout;
    head->addWidget(makeLabel(tr("Alerts"), u"title"_s, this));
    head->addSpacing(10);
    head->addWidget(m_count);
    head->addStretch(1);
    head->addWidget(m_acknowledge);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(11);
    layout->addLayout(head);
    layout->addWidget(makeAlerts(), 1);
    layout->addWidget(makeRules());
    connectAll();
    refresh();
}

QWidget *AlertsPage::makeAlerts()
{
    QFrame *card = makeCard(this);
    auto *layout = new QVBoxLayout(card);
    layout->setContentsMargins(5, 5, 5, 5);
    layout->addWidget(m_alerts);
    layOutColumns();
    m_empty->adjustSize();
    m_empty->move(16, m_alerts->fontMetrics().height() + 34);
    return card;
}

void AlertsPage::layOutColumns()
{
    QStringList titles;
    QStringList units;
    for (const AlertRuleDescriptor &rule : alertRuleDescriptors()) {
        titles.append(alertTitle(rule.key, {}));
        units.append(alertUnit(rule.key));
    }
    const QFont font = m_alerts->font();
    const QString title = widestText(titles, font);
    const QString time = u"2026-11-24 00:00:00"_s;
    new ColumnLayout(m_alerts,
        { { widestText({ AlertsModel::tr("Raised"), AlertsModel::tr("Cleared") }, font), {}, 0, 0 },
            { title + u" @ gatehouse-1"_s, title.left(title.size() / 2), 1, 0 }, { u"999,999"_s, {}, 0, 0 },
            { u"999,999"_s, {}, 0, 0 }, { widestText(units, font), {}, 2, 0 }, { time, {}, 0, 0 }, { time, {}, 0, 0 },
            { AlertsModel::tr("%1 by %2").arg(time, u"operator"_s), {}, 3, 0 } });
    new ColumnLayout(m_rules,
        { { {}, {}, 0, 0 }, { title, title, 2, 0 }, { u"999,999"_s, {}, 0, 0 }, { u"999,999"_s, {}, 0, 0 },
            { widestText(units, font), {}, 3, 0 }, { u"9,999 s"_s, {}, 1, 0 } });
}

QWidget *AlertsPage::makeRules()
{
    QFrame *card = makeCard(this);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(6, 0, 0, 0);
    head->addWidget(makeLabel(tr("Rules"), u"heading"_s, card));
    head->addSpacing(10);
    QLabel *hint
        = makeLabel(tr("An alert is raised above one value and cleared below another, so that it does not flutter. "
                       "Double-click a number to change it."),
            u"muted"_s, card);
    hint->setWordWrap(true);
    head->addWidget(hint, 1);
    head->addWidget(m_discard);
    head->addWidget(m_save);
    auto *layout = new QVBoxLayout(card);
    layout->setContentsMargins(8, 8, 8, 6);
    layout->addLayout(head);
    layout->addWidget(m_rules, 1);
    layout->addWidget(m_message);
    m_rules->setSizeAdjustPolicy(QAbstractScrollArea::AdjustToContents); // every rule is seen where there is room
    m_rules->setEditTriggers(
        QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed | QAbstractItemView::AnyKeyPressed);
    m_rules->setSelectionBehavior(QAbstractItemView::SelectItems);
    m_save->setProperty("primary", true);
    return card;
}

void AlertsPage::connectAll()
{
    connect(m_acknowledge, &QPushButton::clicked, this, [this] {
        if (m_alerts->subjectRow())
            acknowledge(m_alerts->subject());
    });
    connect(m_alerts, &DataTable::subjectChanged, this, &AlertsPage::refresh);
    connect(&m_serverModel, &ServerModel::serverLeft, m_alerts, &DataTable::forgetSubject);
    connect(&m_serverModel.alerts(), &AlertsModel::countsChanged, this, &AlertsPage::refresh);
    connect(&m_serverModel.alerts(), &QAbstractItemModel::modelReset, this, &AlertsPage::refresh);
    connect(&m_serverModel.alerts(), &QAbstractItemModel::dataChanged, this, &AlertsPage::refresh);
    connect(&m_serverModel.alertRules(), &AlertRulesModel::editsChanged, this, &AlertsPage::refresh);
    connect(&m_serverModel.alertRules(), &QAbstractItemModel::modelReset, this, &AlertsPage::refresh);
    connect(&m_serverModel, &ServerModel::serverChanged, this, &AlertsPage::refresh);
    connect(&m_serverModel.client(), &AdminClient::stateChanged, this, &AlertsPage::refresh);
    connect(m_save, &QPushButton::clicked, this, &AlertsPage::saveRules);
    connect(m_discard, &QPushButton::clicked, &m_serverModel.alertRules(), &AlertRulesModel::discard);
}

void AlertsPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (m_serverModel.isLive())
        m_serverModel.refreshAlerts();
}

void AlertsPage::refresh()
{
    const AlertsModel &alerts = m_serverModel.alerts();
    const AlertRulesModel &rules = m_serverModel.alertRules();
    const bool mayChange = m_serverModel.mayChange(Role::Operator);
    m_serverModel.alertRules().setEditable(mayChange);
    m_count->setText(alerts.activeCount() == 0 ? tr("none active") : tr("%n active", nullptr, alerts.activeCount()));
    m_empty->setVisible(alerts.rowCount() == 0);
    const std::optional<int> selected = m_alerts->subjectRow();
    const bool canAcknowledge = selected && alerts.at(*selected).isActive() && !alerts.at(*selected).acknowledgedAt;
    m_acknowledge->setEnabled(mayChange && canAcknowledge);
    m_save->setEnabled(mayChange && rules.hasEdits() && rules.isValid());
    m_discard->setEnabled(rules.hasEdits());
    for (int row = 0; row < rules.rowCount(); ++row) {
        const QString error = rules.index(row, 0).data(AlertRulesModel::ErrorRole).toString();
        if (error.isEmpty())
            continue;
        tell(rules.index(row, AlertRulesModel::TitleColumn).data().toString() + u": " + error, false);
        return;
    }
    if (m_message->property("role") == u"bad"_s)
        tell({}, true);
}

void AlertsPage::acknowledge(const QString &id)
{
    m_serverModel.client().acknowledgeAlert(id, this, [this](const ApiResult<Alert> &result) {
        if (result)
            m_serverModel.alerts().update(*result);
        else
            tell(problemText(result.problem()), false);
    });
}

void AlertsPage::saveRules()
{
    m_serverModel.client().putAlertRules(
        m_serverModel.alertRules().rules(), this, [this](const ApiResult<std::vector<AlertRule>> &result) {
            if (!result) {
                tell(problemText(result.problem()), false);
                return;
            }
            m_serverModel.alertRules().setRules(*result);
            tell(tr("The rules are saved and in force."), true);
        });
}

void AlertsPage::tell(const QString &text, bool isGood)
{
    setLabelRole(*m_message, isGood ? u"good"_s : u"bad"_s);
    m_message->setText(text);
    m_message->setVisible(!text.isEmpty());
}

} // namespace gatehouse
