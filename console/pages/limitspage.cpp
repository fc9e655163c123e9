// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/limitspage.h"

#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QScrollArea>
#include <QtWidgets/QTableView>

#include "console/models/limitpresets.h"
#include "console/models/subjectcells.h"
#include "console/pages/limitseditor.h"
#include "console/pages/stagedpanel.h"
#include "console/pages/subjectmenu.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kNarrow = 1100; ///< of the page
constexpr int kStaged = 300;
constexpr int kNarrowStaged = 240;

} // namespace

LimitsPage::LimitsPage(ServerModel &serverModel, QWidget *parent)
    : QWidget(parent)
    , m_serverModel(serverModel)
    , m_controller(serverModel)
    , m_editor(new LimitsEditor(serverModel.limits(), this))
    , m_staged(new StagedPanel(serverModel, m_controller, this))
    , m_guardsOff(makeLabel(tr("The guards are off"), u"bad"_s, this))
    , m_strict(makeButton(tr("Strict"), u"limits.preset.strict"_s, {}, this))
    , m_defaults(makeButton(tr("Guide defaults"), u"limits.preset.defaults"_s, {}, this))
    , m_site(makeButton(tr("Site"), u"limits.preset.site"_s, {}, this))
    , m_highTraffic(makeButton(tr("High traffic"), u"limits.preset.hightraffic"_s, {}, this))
    , m_switch(makeButton({}, u"limits.switch"_s, u"power"_s, this))
    , m_restore(makeButton(tr("Restore"), u"limits.restore"_s, u"undo"_s, this))
    , m_revisions(makeTable(&serverModel.revisions(), u"limits.revisions"_s, tr("Revisions"), this))
{
    setObjectName(u"page.limits"_s);
    auto *left = new QVBoxLayout;
    left->setSpacing(11);
    left->addWidget(m_editor);
    left->addWidget(makeRevisions(), 1);
    auto *scrolled = new QWidget;
    scrolled->setProperty("clear", true);
    left->setContentsMargins({});
    scrolled->setLayout(left);
    auto *scroll = new QScrollArea(this);
    scroll->setWidget(scrolled);
    scroll->setWidgetResizable(true);
    scroll->viewport()->setAutoFillBackground(false);
    scroll->setFocusPolicy(Qt::NoFocus);
    auto *body = new QHBoxLayout;
    body->setSpacing(12);
    body->addWidget(scroll, 5);
    m_staged->setMinimumWidth(kStaged);
    m_staged->setMaximumWidth(400);
    body->addWidget(m_staged, 2);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(11);
    layout->addLayout(makeHead());
    layout->addLayout(body, 1);
    connectAll();
    refresh();
}

QLayout *LimitsPage::makeHead()
{
    m_strict->setToolTip(tr("Stages half of the default connections, and fewer messages"));
    m_defaults->setToolTip(tr("Stages the defaults: 5 connections, 10 reconnects, 60 messages"));
    m_site->setToolTip(tr("Stages what a site needs whose users share the addresses of offices"));
    m_highTraffic->setToolTip(tr("Stages 10 connections per address and 120 messages per minute"));
    m_restore->setToolTip(tr("Stages the values that the limits had then"));
    m_switch->setToolTip(tr("The rollback switch: rate limits and monitoring as a whole"));
    auto *row = new QHBoxLayout;
    row->setSpacing(7);
    row->addWidget(makeLabel(tr("Limits"), u"title"_s, this));
    row->addSpacing(10);
    row->addWidget(m_guardsOff);
    row->addStretch(1);
    row->addWidget(m_strict);
    row->addWidget(m_defaults);
    row->addWidget(m_site);
    row->addWidget(m_highTraffic);
    row->addSpacing(12);
    row->addWidget(m_switch);
    return row;
}

QWidget *LimitsPage::makeRevisions()
{
    QFrame *card = makeCard(this);
    auto *layout = new QVBoxLayout(card);
    layout->setContentsMargins(8, 8, 8, 8);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(6, 0, 0, 0);
    head->addWidget(makeLabel(tr("Revisions"), u"heading"_s, card));
    head->addStretch(1);
    head->addWidget(m_restore);
    layout->addLayout(head);
    layout->addWidget(m_revisions, 1);
    m_revisions->setMinimumHeight(150);
    m_revisions->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_revisions->horizontalHeader()->setSectionResizeMode(RevisionsModel::ChangesColumn, QHeaderView::Stretch);
    m_revisions->hideColumn(RevisionsModel::AddressColumn);
    installSubjectMenu(m_revisions,
        new SubjectMenu(m_serverModel, this, { SubjectAction::Everything, SubjectAction::Copy }),
        [this](const QModelIndex &index) { return subjectAt(m_serverModel.revisions(), index); });
    m_noRevisions = makeLabel(tr("The limits were never changed."), u"muted"_s, m_revisions);
    m_noRevisions->adjustSize();
    m_noRevisions->move(10, m_revisions->fontMetrics().height() + 34);
    return card;
}

void LimitsPage::connectAll()
{
    for (const auto &[button, profile] : { std::pair(m_strict, LimitProfile::Strict),
             std::pair(m_site, LimitProfile::Site), std::pair(m_highTraffic, LimitProfile::HighTraffic) }) {
        connect(button, &QPushButton::clicked, this,
            [this, profile = profile] { m_serverModel.limits().stage(patchesOf(profile)); });
    }
    connect(m_defaults, &QPushButton::clicked, this, &LimitsPage::stageDefaults);
    connect(m_switch, &QPushButton::clicked, this, &LimitsPage::askSwitch);
    connect(m_restore, &QPushButton::clicked, this, &LimitsPage::stageRevision);
    connect(m_revisions, &QTableView::doubleClicked, this, &LimitsPage::stageRevision);
    connect(m_revisions->selectionModel(), &QItemSelectionModel::selectionChanged, this, &LimitsPage::refresh);
    connect(&m_serverModel.revisions(), &QAbstractItemModel::modelReset, this, &LimitsPage::refresh);
    connect(&m_serverModel.revisions(), &QAbstractItemModel::rowsInserted, this, &LimitsPage::refresh);
    connect(&m_serverModel, &ServerModel::serverChanged, this, &LimitsPage::refresh);
    connect(&m_serverModel.client(), &AdminClient::stateChanged, this, &LimitsPage::refresh);
    connect(&m_controller, &LimitsController::stateChanged, this, &LimitsPage::refresh);
    connect(&m_controller, &LimitsController::switched, &m_serverModel, &ServerModel::setGuarding);
}

void LimitsPage::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    const bool isNarrow = width() < kNarrow;
    m_editor->setCompact(isNarrow);
    m_staged->setMinimumWidth(isNarrow ? kNarrowStaged : kStaged);
}

void LimitsPage::focusLimit(const QString &key)
{
    m_editor->focusLimit(key);
}

void LimitsPage::refresh()
{
    const bool mayChange = m_serverModel.mayDo(Role::Operator) && !m_serverModel.editLock().isLocked();
    const bool isReady = m_serverModel.mayChange(Role::Operator);
    m_editor->setReadOnly(!mayChange);
    m_staged->setReadOnly(!mayChange);
    for (QPushButton *button : { m_strict, m_defaults, m_site, m_highTraffic })
        button->setEnabled(isReady);
    m_restore->setEnabled(isReady && !m_controller.isBusy() && m_revisions->selectionModel()->hasSelection());
    m_switch->setEnabled(m_serverModel.mayChange(Role::Admin) && !m_controller.isBusy());
    m_switch->setText(m_serverModel.isGuarding() ? tr("Turn guards off…") : tr("Turn guards on…"));
    m_noRevisions->setVisible(m_serverModel.revisions().rowCount() == 0);
    m_guardsOff->setVisible(!m_serverModel.isGuarding());
}

void LimitsPage::stageDefaults()
{
    std::vector<LimitPatch> patches;
    for (const LimitState &state : m_serverModel.limits().document().limits)
        patches.push_back({ state.key, state.defaultValue, LimitMode::Enforce });
    m_serverModel.limits().stage(patches);
}

void LimitsPage::stageRevision()
{
    const QModelIndexList rows = m_revisions->selectionModel()->selectedRows();
    if (!rows.isEmpty() && m_restore->isEnabled())
        m_controller.restore(rows.constFirst().data(RevisionsModel::RevisionRole).toLongLong());
}

void LimitsPage::askSwitch()
{
    const bool isEnabled = !m_serverModel.isGuarding();
    askBefore(this, u"limits.switch.box"_s, isEnabled ? tr("Turn the guards on?") : tr("Turn the guards off?"),
        isEnabled
            ? tr("Rate limits and monitoring take effect again, for open connections too.")
            : tr("Nobody will be limited and nothing counted, until they are turned on again or the server restarts. "
                 "Origin and token checks stay on."),
        isEnabled ? tr("Turn on") : tr("Turn off"), [this, isEnabled] { m_controller.setSwitch(isEnabled, {}); });
}

} // namespace gatehouse
