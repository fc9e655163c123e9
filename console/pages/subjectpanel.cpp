// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/subjectpanel.h"

#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>

#include "console/models/subjectcells.h"
#include "console/models/titles.h"
#include "console/pages/accessoutcome.h"
#include "console/pages/banspage.h"
#include "console/pages/columnlayout.h"
#include "console/pages/connectionspage.h"
#include "console/pages/datatable.h"
#include "console/pages/pageguide.h"
#include "console/pages/reasondelegate.h"
#include "console/pages/refusalspage.h"
#include "console/pages/subjectmenu.h"
#include "console/pages/subjectpart.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

DecisionFilter filterFor(const Subject &subject)
{
    DecisionFilter filter;
    (subject.kind == SubjectKind::User ? filter.user : filter.address) = subject.value;
    return filter;
}

void hideColumns(DataTable *table, std::initializer_list<int> columns)
{
    for (const int column : columns)
        table->hideColumn(column);
}

} // namespace

void SubjectPanel::open(ServerModel &serverModel, const Subject &subject, QWidget *from)
{
    QWidget *window = mainWindowOf(*from);
    for (SubjectPanel *panel : window->findChildren<SubjectPanel *>()) {
        if (panel->m_subject.kind != subject.kind || panel->m_subject.value != subject.value)
            continue;
        panel->raise();
        panel->activateWindow();
        return;
    }
    (new SubjectPanel(serverModel, subject, window))->show();
}

SubjectPanel::SubjectPanel(ServerModel &serverModel, const Subject &subject, QWidget *from)
    : QDialog(from)
    , m_serverModel(serverModel)
    , m_subject(subject)
    , m_connections(serverModel.client(), serverModel.clock())
    , m_itsConnections(m_connections, subject)
    , m_decisions(serverModel.client(), serverModel.clock())
    , m_bans(serverModel.client(), serverModel.clock())
    , m_itsBans(m_bans, subject)
    , m_exemptions(serverModel.client(), serverModel.clock())
    , m_itsExemptions(m_exemptions, subject)
    , m_menu(new SubjectMenu(serverModel, this,
          { SubjectAction::Copy, SubjectAction::Ban, SubjectAction::LogOut, SubjectAction::Exempt,
              SubjectAction::ExemptNetwork, SubjectAction::OwnNumber }))
    , m_outcome(new AccessOutcome(serverModel, u"subject.outcome"_s, this))
    , m_note(makeLabel({}, u"warning"_s, this))
{
    setObjectName(u"subject.panel"_s);
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("%1 on %2").arg(subjectTitle(subject), serverModel.client().url().authority()));
    m_note->setObjectName(u"subject.note"_s);
    m_menu->setSubjects({ subject });
    m_decisions.setFilter(filterFor(subject));
    m_exemptions.setList(AccessList::Exemptions);
    auto *rules = new QHBoxLayout;
    rules->setSpacing(10);
    rules->addWidget(makeRules(AccessList::Bans));
    if (subject.kind == SubjectKind::Address) // users are not exempt
        rules->addWidget(makeRules(AccessList::Exemptions));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 12, 14, 12);
    layout->setSpacing(10);
    layout->addLayout(makeHead());
    layout->addWidget(m_outcome);
    layout->addWidget(makeConnections(), 3);
    layout->addWidget(makeRefusals(), 3);
    layout->addLayout(rules, 2);
    resize(QSize(860, 640).boundedTo(from->size()));
    connect(m_menu, &SubjectMenu::added, m_outcome, &AccessOutcome::tellAdded);
    connect(m_outcome, &AccessOutcome::changed, this, &SubjectPanel::refreshRules);
    connect(&serverModel, &ServerModel::serverLeft, this, &QDialog::close);
    connect(&serverModel.client(), &AdminClient::stateChanged, this, &SubjectPanel::refresh);
    connect(&m_refreshing, &QTimer::timeout, this, &SubjectPanel::refresh);
    connect(&m_refreshingRules, &QTimer::timeout, this, &SubjectPanel::refreshRules);
    m_refreshing.start(kRefresh);
    m_refreshingRules.start(kRefreshRules);
    refresh();
    refreshRules();
}

QLayout *SubjectPanel::makeHead()
{
    QPushButton *act = makeButton(tr("Actions"), u"subject.act"_s, {}, this);
    act->setAccessibleName(tr("What can be done about it"));
    act->setMenu(m_menu);
    auto *title = makeLabel(subjectTitle(m_subject), u"title"_s, this);
    title->setObjectName(u"subject.title"_s);
    title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    title->setWordWrap(true);
    auto *row = new QHBoxLayout;
    row->addWidget(title, 1);
    row->addWidget(m_note);
    row->addWidget(act);
    return row;
}

SubjectPart *SubjectPanel::makeConnections()
{
    auto *part = new SubjectPart({ u"subject.connections"_s, tr("Open connections"), tr("Show in Connections") },
        m_connections, m_itsConnections, this);
    hideColumns(part->table(),
        { ConnectionsModel::WorkerColumn, ConnectionsModel::UserAgentColumn, ConnectionsModel::IdColumn,
            ConnectionsModel::NodeColumn,
            m_subject.kind == SubjectKind::User ? ConnectionsModel::UserColumn : ConnectionsModel::AddressColumn });
    new ColumnLayout(part->table(),
        { { u"user 4211"_s, u"user"_s, 1, 0 }, { u"127.100.100.100"_s, u"127.100"_s, 1, 0 },
            { u"https://app.example.com"_s, u"https://a"_s, 3, 0 }, { u"23 h 59 min"_s, {}, 0, 0 },
            { u"99,999"_s, {}, 0, 0 }, { u"99,999"_s, {}, 0, 0 }, { u"9,999"_s, {}, 0, 0 }, { u"64.0 KiB"_s, {}, 0, 0 },
            {}, {}, {}, {} });
    part->setSummary([this] {
        const QString open = tr("%n open", nullptr, m_itsConnections.rowCount());
        const qint64 rest = m_itsConnections.notLookedAt();
        return rest == 0 ? open : tr("%1 · %2 more that mention it are not loaded").arg(open, locale().toString(rest));
    });
    connect(part, &SubjectPart::thereRequested, this, [this] {
        if (auto *page = pageBeside<ConnectionsPage>(*this))
            page->showText(m_subject.value);
        goToPage(*this, u"connections"_s);
    });
    return part;
}

SubjectPart *SubjectPanel::makeRefusals()
{
    auto *part = new SubjectPart(
        { u"subject.refusals"_s, tr("Refusals"), tr("Show in Refusals") }, m_decisions, m_decisions, this);
    DataTable *table = part->table();
    table->setItemDelegateForColumn(DecisionsModel::ReasonColumn, new ReasonDelegate(table));
    hideColumns(table,
        { DecisionsModel::GuardColumn, DecisionsModel::NodeColumn,
            m_subject.kind == SubjectKind::User ? DecisionsModel::UserColumn : DecisionsModel::AddressColumn });
    new ColumnLayout(table,
        { { u"00:00:00"_s, {}, 0, 0 }, {},
            { reasonTitle(Reason::TooManyConnections), u"Too many"_s, 2, ReasonDelegate::kDotWidth },
            { u"127.100.100.100"_s, u"127.100"_s, 1, 0 }, { u"user 42"_s, u"user"_s, 1, 0 },
            { u"https://app.example.com"_s, u"https://a"_s, 3, 0 }, { u"61 / 60"_s, {}, 0, 0 },
            { DecisionsModel::tr("Observed"), {}, 0, 0 }, {} });
    part->setSummary([this] {
        if (m_decisions.totalCount() == 0 && m_decisions.lack().isEmpty())
            return tr("None");
        const QString loaded
            = tr("%1 of %2 loaded")
                  .arg(locale().toString(m_decisions.rowCount()), locale().toString(m_decisions.totalCount()));
        return m_decisions.lack().isEmpty() ? loaded : loaded + u" · "_s + m_decisions.lack();
    });
    connect(part, &SubjectPart::thereRequested, this, [this] {
        if (auto *page = pageBeside<RefusalsPage>(*this)) {
            if (m_subject.kind == SubjectKind::User)
                page->showUser(m_subject.value);
            else
                page->showAddress(m_subject.value);
        }
        goToPage(*this, u"refusals"_s);
    });
    return part;
}

SubjectPart *SubjectPanel::makeRules(AccessList list)
{
    const bool isOfBans = list == AccessList::Bans;
    AccessModel &model = isOfBans ? m_bans : m_exemptions;
    SubjectRows &rows = isOfBans ? m_itsBans : m_itsExemptions;
    auto *part = new SubjectPart({ isOfBans ? u"subject.bans"_s : u"subject.exemptions"_s,
                                     isOfBans ? tr("Bans") : tr("Exemptions"), tr("Show in Bans") },
        model, rows, this);
    hideColumns(part->table(), { AccessModel::CreatedColumn, AccessModel::NoteColumn, AccessModel::KindColumn });
    new ColumnLayout(part->table(),
        { {}, { u"127.100.100.100/24"_s, u"127.100"_s, 2, 0 }, { u"credential"_s, u"cred"_s, 3, 0 },
            { AccessModel::tr("in %1").arg(durationText(23h + 59min)), {}, 0, 0 }, {},
            { u"operator"_s, u"root"_s, 1, 0 }, {} });
    part->setSummary([this, &rows] {
        const QString hold = rows.rowCount() > 0 ? tr("%n in force", nullptr, rows.rowCount()) : tr("None");
        const qint64 rest = rows.notLookedAt();
        return rest == 0 ? hold : tr("%1 · %2 more rules were not looked at").arg(hold, locale().toString(rest));
    });
    connect(
        &model, &PagedModel::statusChanged, this, [this, &model] { lookAtMore(model); }, Qt::QueuedConnection);
    connect(part, &SubjectPart::thereRequested, this, [this, list] {
        if (auto *page = pageBeside<BansPage>(*this))
            page->showList(list, m_subject.kind == SubjectKind::User ? m_subject.value : QString());
        goToPage(*this, u"bans"_s);
    });
    return part;
}

void SubjectPanel::lookAtMore(AccessModel &rules)
{
    if (rules.errorText().isEmpty() && rules.rowCount() < kMostRules)
        rules.fetchMore({});
}

void SubjectPanel::refresh()
{
    refreshNote();
    if (!m_serverModel.isLive())
        return;
    m_connections.refresh();
    m_decisions.refresh();
}

void SubjectPanel::refreshRules()
{
    if (!m_serverModel.isLive())
        return;
    m_bans.refresh();
    if (m_subject.kind == SubjectKind::Address)
        m_exemptions.refresh();
}

void SubjectPanel::refreshNote()
{
    const UtcTime now = m_serverModel.clock().utc();
    if (m_serverModel.isLive())
        m_liveAt = now;
    m_note->setText(m_serverModel.isLive() ? QString()
            : m_liveAt                     ? tr("not live: as of %1").arg(recentTime(*m_liveAt, now))
                                           : tr("not live"));
    m_note->setVisible(!m_note->text().isEmpty());
}

} // namespace gatehouse
