// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/nodespage.h"

#include <QtCore/QEvent>
#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>

#include "console/look/icons.h"
#include "console/look/theme.h"
#include "console/models/titles.h"
#include "console/pages/columnlayout.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

/// Each state has a shape of its own: colour is not the only difference.
QIcon stateIcon(const NodeInfo &node, const ThemeColors &colors)
{
    switch (node.state) {
    case NodeState::Up:
        return node.isAlone ? tintedIcon(u"warning"_s, colors.warning) : tintedIcon(u"up"_s, colors.good);
    case NodeState::Lost:
        return tintedIcon(u"close"_s, colors.bad);
    case NodeState::Left:
        return tintedIcon(u"power"_s, colors.muted);
    case NodeState::Unknown:
        break;
    }
    return tintedIcon(u"question"_s, colors.warning);
}

} // namespace

void NodeStateDelegate::initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    const auto *model = qobject_cast<const NodesModel *>(index.model());
    if (!model)
        return;
    option->features |= QStyleOptionViewItem::HasDecoration;
    option->decorationSize = QSize(16, 16);
    option->icon = stateIcon(model->at(index.row()), themeColors(option->palette));
}

NodesPage::NodesPage(ServerModel &serverModel, QWidget *parent)
    : QWidget(parent)
    , m_serverModel(serverModel)
    , m_count(makeLabel({}, u"muted"_s, this))
    , m_refresh(makeButton(tr("Refresh"), u"nodes.refresh"_s, u"refresh"_s, this))
    , m_export(makeButton(tr("Export…"), u"nodes.export"_s, u"export"_s, this))
    , m_forget(makeButton(tr("Forget node…"), u"nodes.forget"_s, u"close"_s, this))
    , m_forgetAction(new QAction(m_forget->text(), this))
    , m_redisIcon(new QLabel(this))
    , m_redis(makeLabel({}, {}, this))
    , m_note(makeLabel({}, u"muted"_s, this))
    , m_table(makeTable(&serverModel.nodes(), u"nodes.table"_s, tr("Nodes"), this))
    , m_empty(makeLabel({}, u"muted"_s, m_table))
    , m_message(makeLabel({}, u"good"_s, this))
{
    setObjectName(u"page.nodes"_s);
    m_count->setObjectName(u"nodes.count"_s);
    m_empty->setObjectName(u"nodes.empty"_s);
    m_message->setObjectName(u"nodes.message"_s);
    m_message->setWordWrap(true);
    m_message->hide();
    m_forgetAction->setObjectName(u"nodes.menu.forget"_s);
    m_table->setItemDelegateForColumn(NodesModel::StateColumn, new NodeStateDelegate(m_table));
    QFrame *card = makeTableCard(m_table, this);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(11);
    layout->addLayout(makeHead());
    layout->addWidget(makeRedisLine());
    layout->addWidget(m_message);
    layout->addWidget(card, 1);
    connectAll();
    refresh();
}

QLayout *NodesPage::makeHead()
{
    auto *row = new QHBoxLayout;
    row->setSpacing(7);
    row->addWidget(makeLabel(tr("Nodes"), u"title"_s, this));
    row->addSpacing(10);
    row->addWidget(m_count);
    row->addStretch(1);
    row->addWidget(m_refresh);
    row->addWidget(m_export);
    row->addSpacing(8);
    row->addWidget(m_forget);
    return row;
}

QWidget *NodesPage::makeRedisLine()
{
    m_redis->setObjectName(u"nodes.redis"_s);
    m_note->setObjectName(u"nodes.note"_s);
    for (QLabel *label : { m_redis, m_note }) {
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    m_redisIcon->setFixedSize(20, 20);
    auto *texts = new QVBoxLayout;
    texts->setSpacing(4);
    texts->addWidget(m_redis);
    texts->addWidget(m_note);
    QFrame *card = makeCard(this);
    auto *layout = new QHBoxLayout(card);
    layout->setContentsMargins(14, 10, 14, 10);
    layout->setSpacing(10);
    layout->addWidget(m_redisIcon, 0, Qt::AlignTop);
    layout->addLayout(texts, 1);
    return card;
}

void NodesPage::connectAll()
{
    NodesModel &model = m_serverModel.nodes();
    m_table->hideColumn(NodesModel::ClockColumn); // there is no other clock without Redis
    m_columns = new ColumnLayout(m_table,
        { { NodesModel::tr("%1 (answers)").arg(u"gatehouse-1:8080"_s), u"gatehouse-1"_s, 2, 0 },
            { widestText({ NodesModel::tr("Up, alone"), NodesModel::tr("Not known") }, m_table->font()),
                NodesModel::tr("Up"), 1, NodeStateDelegate::kIconWidth },
            { NodesModel::tr("%1 ago").arg(durationText(23h + 59min)), NodesModel::tr("%1 ago").arg(durationText(9s)),
                1, 0 },
            { NodesModel::tr("%1 behind").arg(durationText(59min)), NodesModel::tr("right"), 1, 0 },
            { u"99,999"_s, {}, 0, 0 }, { u"999,999"_s, {}, 0, 0 }, { u"99,999"_s, {}, 0, 0 },
            { u"10.10.10"_s, {}, 0, 0 }, { u"30 Nov 00:00:00"_s, u"00:00:00"_s, 1, 0 },
            { u"http://192.168.100.100:8080"_s, u"http://192"_s, 3, 0 } });
    installColumnChooser(m_table, [this] { m_columns->fit(); });
    connect(m_refresh, &QPushButton::clicked, this, &NodesPage::reload);
    connect(m_export, &QPushButton::clicked, this, [this] { exportTable(m_table, u"gatehouse-nodes.csv"_s); });
    connect(m_forget, &QPushButton::clicked, this, &NodesPage::askToForget);
    connect(m_forgetAction, &QAction::triggered, this, &NodesPage::askToForget);
    installRowMenu(m_table, { m_forgetAction });
    connect(&model, &NodesModel::statusChanged, this, &NodesPage::refresh);
    connect(m_table, &DataTable::subjectChanged, this, &NodesPage::refresh);
    connect(&m_serverModel, &ServerModel::serverLeft, m_table, &DataTable::forgetSubject);
    connect(&m_serverModel, &ServerModel::serverChanged, this, [this] {
        reload();
        refresh();
    });
    connect(&m_serverModel.client(), &AdminClient::stateChanged, this, &NodesPage::refresh);
    connect(&m_poll, &QTimer::timeout, this, &NodesPage::reload);
    m_poll.start(kPollInterval);
}

void NodesPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    reload();
}

void NodesPage::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        refreshRedis(); // its icon has a colour of the theme
}

void NodesPage::reload()
{
    if (isVisible() && m_serverModel.isLive())
        m_serverModel.nodes().refresh();
}

void NodesPage::refresh()
{
    const NodesModel &model = m_serverModel.nodes();
    m_forget->setEnabled(canForget());
    m_forgetAction->setEnabled(canForget());
    m_count->setText(model.isKnown()
            ? tr("%1 of %2 up").arg(locale().toString(model.upCount()), locale().toString(model.rowCount()))
            : QString());
    if (model.isKnown())
        showColumnWhile(m_table, NodesModel::ClockColumn, model.redis().has_value());
    m_empty->setVisible(model.rowCount() == 0 && !model.errorText().isEmpty());
    m_empty->setText(model.errorText());
    m_empty->adjustSize();
    m_empty->move(16, m_table->horizontalHeader()->height() + 14);
    refreshRedis();
}

QString NodesPage::redisText(const RedisState &redis) const
{
    const UtcTime now = m_serverModel.history().now();
    const QString since
        = tr("%1, for %2")
              .arg(recentTime(redis.since, now),
                  durationText(std::chrono::duration_cast<std::chrono::milliseconds>(now - redis.since)));
    if (redis.isUp)
        return tr("Redis at %1 is up, since %2.").arg(redis.server, since);
    return redis.server.isEmpty() ? tr("Redis is away, since %1: %2.").arg(since, redis.detail)
                                  : tr("Redis at %1 is away, since %2: %3.").arg(redis.server, since, redis.detail);
}

void NodesPage::refreshRedis()
{
    const NodesModel &model = m_serverModel.nodes();
    const ThemeColors &colors = themeColors(palette());
    const std::optional<RedisState> &redis = model.redis();
    QIcon icon = tintedIcon(u"server"_s, colors.muted);
    QString text;
    QString note;
    if (!model.isKnown()) {
        text = tr("The server has not said yet how it stands to others.");
    } else if (!redis) {
        text = tr("This server runs by itself.");
        note = tr("To make several servers one cluster, start each with the same REDIS_URL, as in "
                  "REDIS_URL=redis://10.0.0.5:6379/0, and with the same keys, and put them behind a balancer. They "
                  "then share "
                  "notifications, limits, bans and this console. “Several nodes” in the README says more.");
    } else if (!redis->isUp) {
        icon = tintedIcon(u"warning"_s, colors.bad);
        text = redisText(*redis);
        note = tr("Clients stay connected. Until Redis is back, the node holds the limits by itself, as its REDIS_AWAY "
                  "says. What needs Redis, as publishing and changes of limits, is refused with 503.");
    } else {
        icon = tintedIcon(model.hasAlone() ? u"warning"_s : u"up"_s, model.hasAlone() ? colors.warning : colors.good);
        text = redisText(*redis);
        note = tr("A node that is “alone” cannot reach Redis in time: it holds the limits by itself, as its REDIS_AWAY "
                  "says: in full, or each divided by the nodes that it knew of last.");
    }
    m_redisIcon->setPixmap(icon.pixmap(QSize(20, 20), devicePixelRatioF()));
    m_redis->setText(text);
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
}

const NodeInfo *NodesPage::selected() const
{
    const std::optional<int> row = m_table->subjectRow();
    return row ? &m_serverModel.nodes().at(*row) : nullptr;
}

bool NodesPage::canForget() const
{
    const NodeInfo *node = selected();
    return node && (node->state == NodeState::Lost || node->state == NodeState::Left)
        && m_serverModel.mayChange(Role::Operator);
}

void NodesPage::askToForget()
{
    if (!canForget())
        return;
    askBefore(this, u"nodes.forget.box"_s, tr("Forget the node “%1”?").arg(selected()->name),
        tr("Its history and the alert about it are deleted for all nodes. If it starts again, it is a new one."),
        tr("Forget"), [this, name = selected()->name] {
            if (m_serverModel.mayChange(Role::Operator)) // the lock may have closed while the box was open
                forget(name);
        });
}

void NodesPage::forget(const QString &name)
{
    m_serverModel.client().forgetNode(name, this, [this, name](const ApiResult<std::monostate> &result) {
        tell(result ? tr("The node %1 is forgotten.").arg(name) : problemText(result.problem()), bool(result));
        reload();
    });
}

void NodesPage::tell(const QString &text, bool isGood)
{
    setLabelRole(*m_message, isGood ? u"good"_s : u"bad"_s);
    m_message->setText(text);
    m_message->setVisible(!text.isEmpty());
}

} // namespace gatehouse
