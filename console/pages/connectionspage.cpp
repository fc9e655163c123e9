// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/connectionspage.h"

#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>

#include "console/models/subjectcells.h"
#include "console/models/titles.h"
#include "console/pages/accessoutcome.h"
#include "console/pages/columnlayout.h"
#include "console/pages/detailspanel.h"
#include "console/pages/filterfield.h"
#include "console/pages/loadmore.h"
#include "console/pages/subjectmenu.h"
#include "console/pages/tabletools.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

ConnectionsPage::ConnectionsPage(ServerModel &serverModel, QWidget *parent)
    : QWidget(parent)
    , m_serverModel(serverModel)
    , m_watched(serverModel.client(), serverModel.clock())
    , m_count(makeLabel({}, u"muted"_s, this))
    , m_filter(new FilterField(this))
    , m_refresh(makeButton(tr("Refresh"), u"connections.refresh"_s, u"refresh"_s, this))
    , m_export(makeButton(tr("Export…"), u"connections.export"_s, u"export"_s, this))
    , m_table(makeTable(&serverModel.connections(), u"connections.table"_s, tr("Connections"), this))
    , m_message(makeLabel({}, u"muted"_s, this))
    , m_details(new DetailsPanel(tr("Connection"), tr("Select a row to see the whole connection."), this))
    , m_kick(makeButton(tr("Disconnect…"), u"connections.kick"_s, u"disconnect"_s, this))
    , m_ban(makeButton(tr("Ban"), u"connections.ban"_s, u"bans"_s, this))
    , m_banMenu(new SubjectMenu(serverModel, this, SubjectMenu::accessActions()))
    , m_outcome(new AccessOutcome(serverModel, u"connections.outcome"_s, this))
{
    setObjectName(u"page.connections"_s);
    m_count->setObjectName(u"connections.count"_s);
    m_message->setObjectName(u"connections.message"_s);
    m_message->setWordWrap(true);
    m_details->setObjectName(u"connections.details"_s);
    m_kick->setProperty("danger", true);
    m_ban->setMenu(m_banMenu);
    m_details->buttonRow()->addWidget(m_kick);
    m_details->buttonRow()->addWidget(m_ban);
    m_details->buttonRow()->addStretch(1);
    QFrame *card = makeTableCard(m_table, this);
    auto *side = new QVBoxLayout;
    side->addWidget(m_details);
    side->addWidget(m_message);
    side->addWidget(m_outcome);
    side->addStretch(1);
    auto *body = new QHBoxLayout;
    body->setSpacing(12);
    m_details->setMinimumWidth(250);
    body->addWidget(card, 3);
    body->addLayout(side, 1);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(11);
    layout->addLayout(makeHead());
    layout->addLayout(body, 1);
    connectAll();
    showDetails();
    refreshStatus();
}

QLayout *ConnectionsPage::makeHead()
{
    m_filter->setObjectName(u"connections.filter"_s);
    m_filter->setAccessibleName(tr("Filter"));
    m_filter->setPlaceholderText(tr("Filter user, address, origin, client…"));
    auto *row = new QHBoxLayout;
    row->setSpacing(7);
    row->addWidget(makeLabel(tr("Connections"), u"title"_s, this));
    row->addSpacing(10);
    row->addWidget(m_count);
    row->addWidget(new LoadMore(m_serverModel.connections(), u"connections.more"_s, this));
    row->addStretch(1);
    row->addWidget(m_filter, 1);
    row->addWidget(m_refresh);
    row->addWidget(m_export);
    return row;
}

void ConnectionsPage::connectAll()
{
    ConnectionsModel &model = m_serverModel.connections();
    m_table->setSortingEnabled(true);
    m_table->horizontalHeader()->setSortIndicator(ConnectionsModel::AgeColumn, Qt::AscendingOrder);
    // Rarely asked for; the details have them, and the header's menu brings them back.
    for (const int column : { ConnectionsModel::WorkerColumn, ConnectionsModel::UserAgentColumn,
             ConnectionsModel::IdColumn, ConnectionsModel::NodeColumn })
        m_table->hideColumn(column);
    m_columns = new ColumnLayout(m_table,
        { { u"user 4211"_s, u"user"_s, 1, 0 }, { u"127.100.100.100"_s, {}, 0, 0 },
            { u"https://app.example.com"_s, u"https://a"_s, 3, 0 }, { u"23 h 59 min"_s, {}, 0, 0 },
            { u"99,999"_s, {}, 0, 0 }, { u"99,999"_s, {}, 0, 0 }, { u"9,999"_s, {}, 0, 0 }, { u"64.0 KiB"_s, {}, 0, 0 },
            { u"Mozilla/5.0 (X11; Linux x86_64)"_s, u"Mozilla"_s, 2, 0 }, { u"8"_s, {}, 0, 0 },
            { u"01JD0000000000000000000000"_s, u"01JD0000"_s, 1, 0 }, { u"gatehouse-1"_s, u"node-1"_s, 1, 0 } });
    installColumnChooser(m_table, [this] { m_columns->fit(); });

    connect(m_filter, &FilterField::settled, &model, &ConnectionsModel::setFilter);
    connect(m_refresh, &QPushButton::clicked, &model, &ConnectionsModel::refresh);
    connect(&model, &ConnectionsModel::statusChanged, this, &ConnectionsPage::refreshStatus);
    connect(m_table, &DataTable::subjectChanged, this, &ConnectionsPage::watchSubject);
    connect(&m_watched, &WatchedConnection::changed, this, &ConnectionsPage::showDetails);
    connect(&m_serverModel, &ServerModel::serverLeft, m_table, &DataTable::forgetSubject);
    connect(&m_serverModel.client(), &AdminClient::connectionsChanged, this, &ConnectionsPage::refresh);
    connect(&m_serverModel, &ServerModel::serverChanged, this, [this] {
        refresh();
        showDetails();
    });
    connect(m_kick, &QPushButton::clicked, this, &ConnectionsPage::askKick);
    connectSubjects();
    connect(m_export, &QPushButton::clicked, this, [this] { exportTable(m_table, u"gatehouse-connections.csv"_s); });
    m_ages.setInterval(5s);
    connect(&m_ages, &QTimer::timeout, this, &ConnectionsPage::refresh);
    m_ages.start();
    m_seconds.setInterval(1s);
    connect(&m_seconds, &QTimer::timeout, this, &ConnectionsPage::showNote);
    m_seconds.start();
}

void ConnectionsPage::connectSubjects()
{
    auto *cells = new SubjectMenu(m_serverModel, this);
    auto *facts = new SubjectMenu(m_serverModel, this);
    for (const SubjectMenu *menu : { cells, facts, m_banMenu })
        connect(menu, &SubjectMenu::added, m_outcome, &AccessOutcome::tellAdded);
    installSubjectMenu(
        m_table, cells, [this](const QModelIndex &index) { return subjectAt(m_serverModel.connections(), index); });
    m_details->setSubjectMenu(facts);
    connect(m_outcome, &AccessOutcome::changed, this, &ConnectionsPage::refresh);
}

void ConnectionsPage::showText(const QString &text)
{
    m_filter->setText(text);
    m_serverModel.connections().setFilter(text);
}

void ConnectionsPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    refresh();
}

void ConnectionsPage::refresh()
{
    if (!isVisible() || !m_serverModel.isLive())
        return;
    m_serverModel.connections().refresh();
    if (!m_table->subjectRow())
        m_watched.look();
}

void ConnectionsPage::refreshStatus()
{
    const ConnectionsModel &model = m_serverModel.connections();
    const QString loaded = locale().toString(model.rowCount());
    const QString total = locale().toString(model.totalCount());
    m_count->setText(model.rowCount() < model.totalCount() ? tr("%1 of %2 loaded").arg(loaded, total)
            : model.filter().isEmpty()                     ? tr("%1 open").arg(total)
                                                           : tr("%1 match the filter").arg(total));
    if (model.rowCount() > 0)
        showColumnWhile(m_table, ConnectionsModel::NodeColumn, model.hasNodes());
    const QString missing = model.missingNodes().isEmpty()
        ? QString()
        : tr("Not in the list, because they do not answer: %1").arg(model.missingNodes().join(u", "_s));
    if (const QString &wrong = model.errorText().isEmpty() ? missing : model.errorText(); !wrong.isEmpty()) {
        setLabelRole(*m_message, u"bad"_s);
        m_message->setText(wrong);
    } else if (m_message->property("role") == u"bad"_s) {
        m_message->clear();
    }
}

void ConnectionsPage::watchSubject()
{
    if (m_watched.info() && m_table->subject() != m_watched.info()->id && m_message->property("role") == u"good"_s)
        m_message->clear(); // it was about another
    if (m_table->subject().isEmpty())
        m_watched.forget();
    else if (const std::optional<int> row = m_table->subjectRow())
        m_watched.show(m_serverModel.connections().at(*row));
    else
        m_watched.look();
}

void ConnectionsPage::showDetails()
{
    const std::optional<ConnectionInfo> &info = m_watched.info();
    const bool mayChange = m_serverModel.mayChange(Role::Operator);
    m_kick->setVisible(info.has_value());
    m_kick->setEnabled(mayChange && !m_watched.leftAt());
    m_ban->setVisible(info.has_value());
    m_ban->setEnabled(mayChange);
    m_banMenu->setSubjects(info ? whoOf(*info) : std::vector<Subject>());
    showNote();
    if (!info) {
        m_details->setFacts({});
        return;
    }
    const QLocale numbers = locale();
    m_details->setFacts({
        { tr("User"), info->user, subjectOf(*info, SubjectKind::User) },
        { tr("Address"), info->address, subjectOf(*info, SubjectKind::Address) },
        { tr("Origin"), info->origin, subjectOf(*info, SubjectKind::Origin) },
        { tr("Client"), info->userAgent },
        { tr("Since"), dateAndTime(info->connectedAt) },
        { tr("Messages in"), numbers.toString(info->messagesIn) },
        { tr("Messages out"), numbers.toString(info->messagesOut) },
        { tr("In the last minute"), numbers.toString(info->messagesLastMinute) },
        { tr("Waiting to be sent"), bytesText(info->queuedBytes) },
        { tr("Worker"), numbers.toString(info->worker) },
        { tr("Node"), info->node },
        { tr("Id"), info->id, subjectOf(*info, SubjectKind::Connection) },
    });
}

void ConnectionsPage::showNote()
{
    if (!m_watched.info() || m_watched.isListed())
        m_details->setNote({});
    else if (m_watched.leftAt())
        m_details->setNote(tr("Left %1 ago").arg(durationText(m_serverModel.clock().utc() - *m_watched.leftAt())));
    else
        m_details->setNote(tr("Not in the list as it is filtered and loaded"));
}

QString ConnectionsPage::nameOf(const ConnectionInfo &connection) const
{
    const QString place = connection.node.isEmpty() ? m_serverModel.client().url().authority() : connection.node;
    return connection.user.isEmpty() ? tr("%1 on %2").arg(connection.address, place)
                                     : tr("user %1 (%2) on %3").arg(connection.user, connection.address, place);
}

void ConnectionsPage::askKick()
{
    if (!m_watched.info() || m_watched.leftAt())
        return;
    askBefore(this, u"connections.kick.box"_s, tr("Disconnect %1?").arg(nameOf(*m_watched.info())),
        tr("The client is told with close code 4133; it may come back at once."), tr("Disconnect"),
        [this, connection = *m_watched.info()] {
            if (m_serverModel.mayChange(Role::Operator)) // the lock may have closed while the box was open
                kick(connection);
        });
}

void ConnectionsPage::kick(const ConnectionInfo &connection)
{
    m_serverModel.client().kickConnection(
        connection.id, this, [this, name = nameOf(connection)](const ApiResult<std::monostate> &result) {
            setLabelRole(*m_message, result ? u"good"_s : u"bad"_s);
            m_message->setText(result ? tr("Disconnected: %1").arg(name) : problemText(result.problem()));
            m_serverModel.connections().refresh();
        });
}

} // namespace gatehouse
