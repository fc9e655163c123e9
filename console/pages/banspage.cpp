// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/banspage.h"

#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>

#include "console/models/subjectcells.h"
#include "console/models/titles.h"
#include "console/pages/accessoutcome.h"
#include "console/pages/bandialog.h"
#include "console/pages/columnlayout.h"
#include "console/pages/filterfield.h"
#include "console/pages/loadmore.h"
#include "console/pages/subjectmenu.h"
#include "console/pages/tabletools.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

BansPage::BansPage(ServerModel &serverModel, QWidget *parent)
    : QWidget(parent)
    , m_serverModel(serverModel)
    , m_list(new QComboBox(this))
    , m_count(makeLabel({}, u"muted"_s, this))
    , m_filter(new FilterField(this))
    , m_refresh(makeButton(tr("Refresh"), u"bans.refresh"_s, u"refresh"_s, this))
    , m_export(makeButton(tr("Export…"), u"bans.export"_s, u"export"_s, this))
    , m_add(makeButton({}, u"bans.add"_s, u"bans"_s, this))
    , m_lift(makeButton(tr("Lift…"), u"bans.lift"_s, u"undo"_s, this))
    , m_table(makeTable(&serverModel.access(), u"bans.table"_s, tr("Bans and exemptions"), this))
    , m_empty(makeLabel({}, u"muted"_s, m_table))
    , m_outcome(new AccessOutcome(serverModel, u"bans.outcome"_s, this))
{
    setObjectName(u"page.bans"_s);
    m_count->setObjectName(u"bans.count"_s);
    m_empty->setObjectName(u"bans.empty"_s);
    QFrame *card = makeTableCard(m_table, this);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(11);
    layout->addLayout(makeHead());
    layout->addWidget(m_outcome);
    layout->addWidget(card, 1);
    connectAll();
    refresh();
}

QLayout *BansPage::makeHead()
{
    m_list->addItem(tr("Bans"), int(AccessList::Bans));
    m_list->addItem(tr("Exemptions"), int(AccessList::Exemptions));
    m_list->setObjectName(u"bans.list"_s);
    m_list->setAccessibleName(tr("List"));
    m_filter->setObjectName(u"bans.filter"_s);
    m_filter->setAccessibleName(tr("Filter"));
    m_filter->setPlaceholderText(tr("Filter what, reason, note, who…"));
    auto *row = new QHBoxLayout;
    row->setSpacing(7);
    row->addWidget(makeLabel(tr("Bans"), u"title"_s, this));
    row->addSpacing(10);
    row->addWidget(m_list);
    row->addWidget(m_count);
    row->addWidget(new LoadMore(m_serverModel.access(), u"bans.more"_s, this));
    row->addStretch(1);
    row->addWidget(m_filter, 1);
    row->addWidget(m_refresh);
    row->addWidget(m_export);
    row->addSpacing(8);
    row->addWidget(m_lift);
    row->addWidget(m_add);
    return row;
}

void BansPage::connectAll()
{
    AccessModel &model = m_serverModel.access();
    m_columns = new ColumnLayout(m_table,
        { { tr("All tokens of a user"), tr("Network"), 0, 0 },
            { u"2001:db8:1234:5678::/64"_s, u"127.100.100.100"_s, 2, 0 },
            { u"credential stuffing from there"_s, u"credential"_s, 3, 0 },
            { AccessModel::tr("in %1").arg(durationText(23h + 59min)), {}, 0, 0 },
            { u"2026-11-24 00:00:00"_s, u"00:00:00"_s, 1, 0 }, { u"operator"_s, u"root"_s, 1, 0 },
            { u"ticket 4711, see there"_s, u"ticket"_s, 2, 0 } });
    installColumnChooser(m_table, [this] { m_columns->fit(); });
    connect(m_list, &QComboBox::currentIndexChanged, this,
        [this, &model] { model.setList(AccessList(m_list->currentData().toInt())); });
    connect(m_filter, &FilterField::settled, &model, &AccessModel::setFilter);
    connect(m_refresh, &QPushButton::clicked, this, &BansPage::reload);
    connect(m_export, &QPushButton::clicked, this, [this] {
        const bool isOfBans = m_serverModel.access().list() == AccessList::Bans;
        exportTable(m_table, isOfBans ? u"gatehouse-bans.csv"_s : u"gatehouse-exemptions.csv"_s);
    });
    connect(m_add, &QPushButton::clicked, this, &BansPage::askForNew);
    connect(m_lift, &QPushButton::clicked, this, &BansPage::askToLift);
    connect(m_table, &DataTable::doubleClicked, this, &BansPage::askToLift);
    auto *menu = new SubjectMenu(m_serverModel, this);
    connect(menu, &SubjectMenu::added, m_outcome, &AccessOutcome::tellAdded);
    installSubjectMenu(m_table, menu, [&model](const QModelIndex &index) { return subjectAt(model, index); });
    connect(m_outcome, &AccessOutcome::changed, this, &BansPage::reload);
    connect(&model, &AccessModel::statusChanged, this, &BansPage::refresh);
    connect(m_table, &DataTable::subjectChanged, this, &BansPage::refresh);
    connect(&m_serverModel, &ServerModel::serverLeft, m_table, &DataTable::forgetSubject);
    connect(&model, &QAbstractItemModel::modelReset, this, &BansPage::refresh);
    connect(&m_serverModel, &ServerModel::serverChanged, this, [this] {
        reload();
        refresh();
    });
    connect(&m_serverModel.client(), &AdminClient::stateChanged, this, &BansPage::refresh);
    m_ages.setInterval(5s);
    connect(&m_ages, &QTimer::timeout, this, [this] {
        reload();
        m_table->viewport()->update();
    });
    m_ages.start();
}

void BansPage::showList(AccessList list, const QString &text)
{
    m_list->setCurrentIndex(m_list->findData(int(list)));
    m_filter->setText(text);
    m_serverModel.access().setFilter(text);
}

void BansPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    reload();
}

void BansPage::reload()
{
    if (isVisible() && m_serverModel.isLive())
        m_serverModel.access().refresh();
}

void BansPage::refresh()
{
    const AccessModel &model = m_serverModel.access();
    const bool isOfBans = model.list() == AccessList::Bans;
    const bool mayChange = m_serverModel.mayChange(Role::Operator);
    m_add->setText(isOfBans ? tr("Ban…") : tr("Exempt…"));
    m_add->setEnabled(mayChange);
    m_lift->setEnabled(mayChange && selected());
    const QString total = locale().toString(model.totalCount());
    m_count->setText(model.rowCount() < model.totalCount()
            ? tr("%1 of %2 loaded").arg(locale().toString(model.rowCount()), total)
            : model.filter().isEmpty() ? tr("%1 in force").arg(total)
                                       : tr("%1 match the filter").arg(total));
    m_empty->setVisible(model.rowCount() == 0);
    setLabelRole(*m_empty, model.errorText().isEmpty() ? u"muted"_s : u"bad"_s);
    m_empty->setText(!model.errorText().isEmpty() ? model.errorText()
            : !model.filter().isEmpty()           ? tr("Nothing fits the filter.")
            : isOfBans                            ? tr("Nothing is banned.")
                                                  : tr("Nothing is exempt."));
    m_empty->adjustSize();
    m_empty->move(16, m_table->horizontalHeader()->height() + 14);
}

const AccessRule *BansPage::selected() const
{
    const std::optional<int> row = m_table->subjectRow();
    return row ? &m_serverModel.access().at(*row) : nullptr;
}

void BansPage::askForNew()
{
    AccessDraft preset;
    preset.list = m_serverModel.access().list();
    auto *dialog = new BanDialog(m_serverModel, preset, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &BanDialog::added, m_outcome, &AccessOutcome::tellAdded);
    dialog->open();
}

void BansPage::askToLift()
{
    const AccessRule *rule = selected();
    if (!rule || !m_serverModel.mayChange(Role::Operator))
        return;
    const AccessList list = m_serverModel.access().list();
    const QString what = accessKindTitle(*rule) + u' ' + rule->value;
    askBefore(this, u"bans.lift.box"_s,
        (list == AccessList::Bans ? tr("Lift the ban of “%1”?") : tr("Lift the exemption of “%1”?")).arg(what),
        list == AccessList::Bans ? tr("Who it is about may connect again at once. You can undo this.")
                                 : tr("The limits count its connections again. You can undo this."),
        tr("Lift"), [this, list, copy = *rule] {
            if (m_serverModel.mayChange(Role::Operator)) // the lock may have closed while the box was open
                lift(list, copy);
        });
}

void BansPage::lift(AccessList list, const AccessRule &rule)
{
    m_serverModel.client().liftAccess(list, rule.id, this, [this, list, rule](const ApiResult<std::monostate> &result) {
        if (result)
            m_outcome->tellLifted(list, rule);
        else
            m_outcome->tellFailure(problemText(result.problem()));
        reload();
    });
}

} // namespace gatehouse
