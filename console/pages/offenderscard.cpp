// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/offenderscard.h"

#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>

#include "console/pages/columnlayout.h"
#include "console/pages/datatable.h"
#include "console/pages/reasondelegate.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

OffendersCard::OffendersCard(ServerModel &serverModel, QWidget *parent)
    : QFrame(parent)
    , m_serverModel(serverModel)
    , m_count(makeLabel({}, u"muted"_s, this))
    , m_kind(new QComboBox(this))
    , m_table(makeTable(&serverModel.offenders(), u"refusals.offenders"_s, tr("Top offenders"), this))
{
    setProperty("card", true);
    fillKinds();
    m_count->setObjectName(u"refusals.offendercount"_s);
    m_count->setMinimumWidth(1);
    QLabel *title = makeLabel(tr("Top offenders, last hour"), u"heading"_s, this);
    title->setMinimumWidth(1);
    title->setToolTip(title->text());
    auto *head = new QHBoxLayout;
    head->addWidget(m_count, 1);
    head->addWidget(m_kind);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 10, 12, 8);
    layout->setSpacing(4);
    layout->addWidget(title);
    layout->addLayout(head);
    layout->addWidget(m_table, 1);
    m_table->horizontalHeader()->hide();
    m_table->setItemDelegateForColumn(TopOffendersModel::ShareColumn, new ShareDelegate(m_table));
    m_table->hideColumn(TopOffendersModel::CountColumn);
    new ColumnLayout(m_table,
        { { u"127.100.100.100"_s, u"127.100.100"_s, 1, 0 }, { u"999,999"_s, {}, 0, 0 },
            { u"999,999 999,999"_s, u"999,999"_s, 1, 0 } });
    m_table->setFocusPolicy(Qt::TabFocus);
    m_table->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Ignored); // what is above it goes first
    m_table->setMinimumHeight(m_table->verticalHeader()->defaultSectionSize() * 3 / 2);

    const TopOffendersModel &model = serverModel.offenders();
    connect(m_kind, &QComboBox::currentIndexChanged, this, &OffendersCard::refresh);
    connect(m_table, &DataTable::doubleClicked, this,
        [this, &model](const QModelIndex &index) { Q_EMIT onlyRequested(model.kind(), model.at(index.row()).value); });
    for (const auto signal : { &QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved })
        connect(&model, signal, this, &OffendersCard::refreshCount);
    connect(&model, &QAbstractItemModel::dataChanged, this, &OffendersCard::refreshCount);
    m_refreshing.setInterval(10s);
    connect(&m_refreshing, &QTimer::timeout, this, &OffendersCard::refresh);
    m_refreshing.start();
    refreshCount();
}

void OffendersCard::fillKinds()
{
    const std::pair<OffenderKind, QString> kinds[]
        = { { OffenderKind::Address, tr("by address") }, { OffenderKind::User, tr("by user") },
              { OffenderKind::Origin, tr("by origin") }, { OffenderKind::Reason, tr("by reason") } };
    for (const auto &[kind, title] : kinds)
        m_kind->addItem(title, int(kind));
    m_kind->setObjectName(u"refusals.offenderkind"_s);
    m_kind->setAccessibleName(tr("Top offenders"));
}

void OffendersCard::showEvent(QShowEvent *event)
{
    QFrame::showEvent(event);
    refresh();
}

void OffendersCard::refresh()
{
    if (isVisible() && m_serverModel.isLive())
        m_serverModel.refreshOffenders(OffenderKind(m_kind->currentData().toInt()));
}

void OffendersCard::refreshCount()
{
    const TopOffendersModel &offenders = m_serverModel.offenders();
    const QString total = locale().toString(offenders.total());
    m_count->setText(offenders.total() == 0 ? QString()
            : offenders.isSample()          ? tr("a sample of %1 refusals").arg(total)
                                            : tr("of %1 refusals").arg(total));
    m_count->setToolTip(m_count->text());
}

} // namespace gatehouse
