// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/refusalspage.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QSignalBlocker>
#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QLabel>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QStackedLayout>

#include "console/look/icons.h"
#include "console/models/subjectcells.h"
#include "console/models/titles.h"
#include "console/pages/accessoutcome.h"
#include "console/pages/columnlayout.h"
#include "console/pages/detailspanel.h"
#include "console/pages/filterfield.h"
#include "console/pages/loadmore.h"
#include "console/pages/offenderscard.h"
#include "console/pages/reasondelegate.h"
#include "console/pages/scopebar.h"
#include "console/pages/subjectmenu.h"
#include "console/pages/tabletools.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

const QString &intervalChip()
{
    static const QString kName = u"refusals.interval"_s;
    return kName;
}

struct ExactChip
{
    QString name; ///< behind "refusals.chip."
    QString DecisionFilter::*member;
};

/// What is sent to the server as it is, in the order of the chips.
const std::vector<ExactChip> &exactChips()
{
    static const std::vector<ExactChip> kChips{
        { u"address"_s, &DecisionFilter::address },
        { u"user"_s, &DecisionFilter::user },
        { u"origin"_s, &DecisionFilter::origin },
        { u"guard"_s, &DecisionFilter::guard },
        { u"reason"_s, &DecisionFilter::codes },
    };
    return kChips;
}

} // namespace

RefusalsPage::RefusalsPage(ServerModel &serverModel, QWidget *parent)
    : QWidget(parent)
    , m_serverModel(serverModel)
    , m_live(makeButton({}, u"refusals.live"_s, {}, this))
    , m_guard(new QComboBox(this))
    , m_reason(new QComboBox(this))
    , m_text(new FilterField(this))
    , m_export(makeButton(tr("Export…"), u"refusals.export"_s, u"export"_s, this))
    , m_scope(new ScopeBar(u"refusals.scope"_s, this))
    , m_table(makeTable(&serverModel.decisions(), u"refusals.table"_s, tr("Refusals"), this))
    , m_empty(makeLabel(tr("Nothing was refused."), u"muted"_s, m_table))
    , m_foot(makeLabel({}, u"muted"_s, this))
    , m_more(new LoadMore(serverModel.decisions(), u"refusals.more"_s, this))
    , m_details(new DetailsPanel(tr("Decision"), tr("Select a row to see the whole decision."), this))
    , m_onlyAddress(makeButton(tr("Only this address"), u"refusals.onlyaddress"_s, {}, this))
    , m_copy(makeButton(tr("Copy"), u"refusals.copy"_s, u"copy"_s, this))
    , m_raise(makeButton(tr("Change the limit…"), u"refusals.changelimit"_s, {}, this))
    , m_ban(makeButton(tr("Ban"), u"refusals.ban"_s, u"bans"_s, this))
    , m_banMenu(new SubjectMenu(serverModel, this, SubjectMenu::accessActions()))
    , m_outcome(new AccessOutcome(serverModel, u"refusals.outcome"_s, this))
    , m_offenders(new OffendersCard(serverModel, this))
{
    setObjectName(u"page.refusals"_s);
    m_details->setObjectName(u"refusals.details"_s);
    QFrame *tableCard = makeCard(this);
    auto *tableLayout = new QVBoxLayout(tableCard);
    tableLayout->setContentsMargins(5, 5, 5, 5);
    tableLayout->addWidget(m_table, 1);
    tableLayout->addLayout(makeFoot());
    m_details->buttonRow()->addWidget(m_onlyAddress);
    m_details->buttonRow()->addWidget(m_copy);
    m_details->buttonRow()->addStretch(1);
    m_ban->setMenu(m_banMenu);
    m_details->secondButtonRow()->addWidget(m_raise);
    m_details->secondButtonRow()->addWidget(m_ban);
    m_details->secondButtonRow()->addStretch(1);
    auto *side = new QVBoxLayout;
    side->setSpacing(11);
    side->addWidget(m_details, 3); // as high as its facts, where there is room
    side->addWidget(m_outcome);
    side->addWidget(m_offenders, 1);
    auto *body = new QHBoxLayout;
    body->setSpacing(12);
    m_details->setMinimumWidth(270);
    body->addWidget(tableCard, 10);
    body->addLayout(side, 3);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(11);
    layout->addLayout(makeHead());
    layout->addWidget(m_scope);
    layout->addLayout(body, 1);
    makeScope();
    connectAll();
    connectModel();
    connectSubjects();
    applyFilter();
    showDetails();
}

QLayout *RefusalsPage::makeHead()
{
    m_live->setCheckable(true);
    m_live->setChecked(true);
    m_guard->setObjectName(u"refusals.guard"_s);
    m_guard->setAccessibleName(tr("Guard"));
    m_reason->setObjectName(u"refusals.reason"_s);
    m_reason->setAccessibleName(tr("Reason"));
    m_text->setObjectName(u"refusals.text"_s);
    m_text->setAccessibleName(tr("Filter"));
    m_text->setPlaceholderText(tr("Filter address, user, origin, id…"));
    fillCombos();
    auto *row = new QHBoxLayout;
    row->setSpacing(7);
    row->addWidget(makeLabel(tr("Refusals"), u"title"_s, this));
    row->addStretch(1);
    row->addWidget(m_guard);
    row->addWidget(m_reason);
    row->addWidget(m_text, 2);
    row->addWidget(m_export);
    return row;
}

void RefusalsPage::makeScope()
{
    m_scope->addChip(intervalChip(), tr("Show all times again"));
    for (const ExactChip &chip : exactChips())
        m_scope->addChip(u"refusals.chip."_s + chip.name, tr("Show all again"));
    m_scope->addAtEnd(m_live);
}

QLayout *RefusalsPage::makeFoot()
{
    m_foot->setObjectName(u"refusals.count"_s);
    m_foot->setWordWrap(true);
    auto *row = new QHBoxLayout;
    row->setContentsMargins(9, 2, 5, 2);
    row->addWidget(m_foot, 1);
    row->addWidget(m_more);
    return row;
}

void RefusalsPage::fillCombos()
{
    m_guard->addItem(tr("All guards"), QString());
    m_reason->addItem(tr("All reasons"), -1);
    for (const ReasonDescriptor &descriptor : reasonDescriptors()) {
        if (m_guard->findData(QString(descriptor.guard)) < 0)
            m_guard->addItem(guardTitle(descriptor.guard), QString(descriptor.guard));
        m_reason->addItem(reasonTitle(descriptor.reason), int(descriptor.reason));
    }
    m_reason->setMaximumWidth(220);
    m_reason->view()->setMinimumWidth(m_reason->view()->sizeHintForColumn(0) + 24);
}

void RefusalsPage::connectAll()
{
    m_table->setItemDelegateForColumn(DecisionsModel::ReasonColumn, new ReasonDelegate(m_table));
    m_table->hideColumn(DecisionsModel::GuardColumn); // the reason says it; the header's menu brings it back
    m_table->hideColumn(DecisionsModel::NodeColumn);
    m_columns = new ColumnLayout(m_table,
        { { u"00:00:00"_s, {}, 0, 0 }, { guardTitle(u"reconnect"_s), {}, 0, 0 },
            { reasonTitle(Reason::TooManyConnections), u"Too many"_s, 2, ReasonDelegate::kDotWidth },
            { u"127.100.100.100"_s, {}, 0, 0 }, { u"user 42"_s, u"user"_s, 1, 0 },
            { u"https://app.example.com"_s, u"https://a"_s, 3, 0 }, { u"61 / 60"_s, {}, 0, 0 },
            { tr("Observed"), {}, 0, 0 }, { u"gatehouse-1"_s, u"node-1"_s, 1, 0 } });
    installColumnChooser(m_table, [this] { m_columns->fit(); });

    connect(m_live, &QPushButton::toggled, &m_serverModel.decisions(),
        [this](bool isLive) { m_serverModel.decisions().setPaused(!isLive); });
    connect(m_guard, &QComboBox::currentIndexChanged, this, &RefusalsPage::chooseGuard);
    connect(m_reason, &QComboBox::currentIndexChanged, this, &RefusalsPage::chooseReason);
    connect(m_text, &FilterField::settled, this, &RefusalsPage::applyFilter);
    connect(m_scope, &ScopeBar::closed, this, &RefusalsPage::closeChip);
    connect(m_onlyAddress, &QPushButton::clicked, this, [this] {
        if (m_decision)
            showOnly(&DecisionFilter::address, m_decision->address);
    });
    connect(m_raise, &QPushButton::clicked, this, [this] {
        if (m_decision)
            Q_EMIT limitRequested(limitBehind(*m_decision));
    });
    connect(m_copy, &QPushButton::clicked, this, &RefusalsPage::copyDecision);
    connect(m_export, &QPushButton::clicked, this, [this] { exportTable(m_table, u"gatehouse-refusals.csv"_s); });
}

void RefusalsPage::connectModel()
{
    const DecisionsModel &model = m_serverModel.decisions();
    connect(&m_serverModel.client(), &AdminClient::stateChanged, this, &RefusalsPage::refreshTail);
    connect(&model, &DecisionsModel::tailChanged, this, &RefusalsPage::refreshTail);
    connect(&model, &PagedModel::statusChanged, this, &RefusalsPage::refreshTail);
    connect(m_table, &DataTable::subjectChanged, this, &RefusalsPage::takeSubject);
    connect(&m_serverModel, &ServerModel::serverLeft, m_table, &DataTable::forgetSubject);
    connect(&m_serverModel, &ServerModel::serverChanged, this, &RefusalsPage::showDetails);
    connect(&m_serverModel.client(), &AdminClient::stateChanged, this, &RefusalsPage::showDetails);
}

SubjectMenu *RefusalsPage::makeMenu()
{
    SubjectMenu::Actions actions = SubjectMenu::accessActions();
    actions.insert(actions.end(),
        { SubjectAction::OnlyThis, SubjectAction::Everything, SubjectAction::Copy, SubjectAction::ChangeLimit });
    auto *menu = new SubjectMenu(m_serverModel, this, actions);
    connect(menu, &SubjectMenu::added, m_outcome, &AccessOutcome::tellAdded);
    connect(menu, &SubjectMenu::onlyRequested, this, &RefusalsPage::showOnlyThis);
    connect(menu, &SubjectMenu::limitRequested, this, &RefusalsPage::limitRequested);
    return menu;
}

void RefusalsPage::connectSubjects()
{
    connect(m_banMenu, &SubjectMenu::added, m_outcome, &AccessOutcome::tellAdded);
    m_details->setSubjectMenu(makeMenu());
    installSubjectMenu(
        m_table, makeMenu(), [this](const QModelIndex &index) { return subjectAt(m_serverModel.decisions(), index); });
    installSubjectMenu(m_offenders->table(), makeMenu(),
        [this](const QModelIndex &index) { return subjectAt(m_serverModel.offenders(), index); });
    connect(m_offenders, &OffendersCard::onlyRequested, this, &RefusalsPage::showOffender);
}

void RefusalsPage::showInterval(UtcTime from, UtcTime to, std::optional<Metric> kind)
{
    QStringList codes;
    for (const ReasonDescriptor &descriptor : reasonDescriptors()) {
        if (descriptor.metric == kind && !codes.contains(descriptor.code))
            codes << descriptor.code;
    }
    DecisionFilter filter = m_serverModel.decisions().filter();
    filter.interval = TimeInterval{ from, to };
    filter.codes = codes.join(u',');
    chooseNeither();
    apply(filter);
}

void RefusalsPage::showOnly(QString DecisionFilter::*member, const QString &value)
{
    DecisionFilter filter = m_serverModel.decisions().filter();
    filter.*member = value;
    apply(filter);
}

void RefusalsPage::showNothingBut(const DecisionFilter &filter)
{
    chooseNeither();
    const QSignalBlocker blocker(m_text);
    m_text->clear();
    apply(filter);
}

void RefusalsPage::showAddress(const QString &address)
{
    showNothingBut({ .address = address });
}

void RefusalsPage::showUser(const QString &user)
{
    showNothingBut({ .user = user });
}

void RefusalsPage::showOnlyThis(const Subject &subject)
{
    switch (subject.kind) {
    case SubjectKind::Address:
        return showOnly(&DecisionFilter::address, subject.value);
    case SubjectKind::User:
        return showOnly(&DecisionFilter::user, subject.value);
    case SubjectKind::Origin:
        return showOnly(&DecisionFilter::origin, subject.value);
    case SubjectKind::Token:
    case SubjectKind::Decision:
    case SubjectKind::Connection:
        break;
    }
    const QSignalBlocker blocker(m_text);
    m_text->setText(subject.value); // which the server looks for in fingerprints and ids
    applyFilter();
}

void RefusalsPage::showOffender(OffenderKind kind, const QString &value)
{
    switch (kind) {
    case OffenderKind::Address:
        return showOnly(&DecisionFilter::address, value);
    case OffenderKind::User:
        return showOnly(&DecisionFilter::user, value);
    case OffenderKind::Origin:
        return showOnly(&DecisionFilter::origin, value);
    case OffenderKind::Reason:
        break;
    }
    chooseNeither();
    showOnly(&DecisionFilter::codes, value);
}

void RefusalsPage::closeChip(const QString &name)
{
    DecisionFilter filter = m_serverModel.decisions().filter();
    if (name == intervalChip())
        filter.interval.reset();
    for (const ExactChip &chip : exactChips()) {
        if (name != u"refusals.chip."_s + chip.name)
            continue;
        (filter.*chip.member).clear();
        if (chip.member == &DecisionFilter::guard || chip.member == &DecisionFilter::codes)
            chooseNeither(); // the fields say the same
    }
    apply(filter);
}

void RefusalsPage::chooseGuard()
{
    DecisionFilter filter = m_serverModel.decisions().filter();
    const QString guard = m_guard->currentData().toString();
    if (const ReasonDescriptor *reason = chosenReason(); reason && !guard.isEmpty() && guard != reason->guard) {
        const QSignalBlocker blocker(m_reason);
        m_reason->setCurrentIndex(0);
        filter.codes.clear();
    }
    apply(filter);
}

void RefusalsPage::chooseReason()
{
    DecisionFilter filter = m_serverModel.decisions().filter();
    const ReasonDescriptor *reason = chosenReason();
    if (reason && m_guard->currentData().toString() != reason->guard) {
        const QSignalBlocker blocker(m_guard);
        m_guard->setCurrentIndex(0);
    }
    if (!reason)
        filter.codes.clear();
    apply(filter);
}

void RefusalsPage::chooseNeither()
{
    for (QComboBox *box : { m_guard, m_reason }) {
        const QSignalBlocker blocker(box);
        box->setCurrentIndex(0);
    }
}

const ReasonDescriptor *RefusalsPage::chosenReason() const
{
    const int reason = m_reason->currentData().toInt();
    return reason < 0 ? nullptr : &reasonDescriptor(Reason(reason));
}

void RefusalsPage::apply(DecisionFilter filter)
{
    const ReasonDescriptor *reason = chosenReason();
    filter.guard = reason ? QString(reason->guard) : m_guard->currentData().toString();
    if (reason)
        filter.codes = reason->code;
    filter.text = m_text->text().trimmed();
    m_serverModel.decisions().setFilter(filter);
    const auto setChip = [&](const QString &name, const QString &title, const QString &value) {
        m_scope->setChip(u"refusals.chip."_s + name, value.isEmpty() ? QString() : title.arg(value));
    };
    m_scope->setChip(
        intervalChip(), filter.interval ? intervalText(*filter.interval, m_serverModel.clock().utc()) : QString());
    setChip(u"address"_s, tr("Address = %1"), filter.address);
    setChip(u"user"_s, tr("User = %1"), filter.user);
    setChip(u"origin"_s, tr("Origin = %1"), filter.origin);
    // A reason is one of its guard: that need not be said too.
    setChip(u"guard"_s, tr("Guard = %1"), reason || filter.guard.isEmpty() ? QString() : guardTitle(filter.guard));
    setChip(u"reason"_s, tr("Reason = %1"), reason ? reasonTitle(reason->reason) : filter.codes);
    refreshTail();
}

void RefusalsPage::refreshScope()
{
    const DecisionsModel &model = m_serverModel.decisions();
    const std::optional<TimeInterval> &interval = model.filter().interval;
    // Without a connection nothing is live, nor is a stretch of time: no button may say so.
    m_live->setEnabled(m_serverModel.isLive() && !interval);
    m_live->setText(model.isPaused() ? tr("Go live") : tr("Pause"));
    m_live->setIcon(themedIcon(model.isPaused() ? u"play"_s : u"pause"_s));
    m_live->setToolTip(model.isPaused() ? tr("What has come meanwhile appears, and what comes from now on")
                                        : tr("New refusals wait, so that you can read in peace"));
    QStringList words;
    if (interval)
        words << tr("%1, not live").arg(intervalText(*interval, m_serverModel.clock().utc()));
    else if (!m_serverModel.isLive())
        words << tr("not live: no connection");
    else if (model.isPaused())
        words << tr("paused") << tr("%n waiting", nullptr, int(model.pendingCount()));
    else
        words << tr("live");
    if (model.skippedCount() > 0 && !interval) // nothing more comes to what is over
        words << tr("%1 more not shown one by one").arg(locale().toString(model.skippedCount()));
    const bool isLive = !interval && m_serverModel.isLive() && !model.isPaused();
    m_scope->setState(isLive ? ScopeBar::State::Live : ScopeBar::State::NotLive, words.join(u" · "));
}

void RefusalsPage::refreshTail()
{
    const DecisionsModel &model = m_serverModel.decisions();
    refreshScope();
    if (model.rowCount() > 0)
        showColumnWhile(m_table, DecisionsModel::NodeColumn, model.hasNodes());
    m_empty->setVisible(model.rowCount() == 0);
    m_empty->setText(!model.errorText().isEmpty() ? model.errorText()
            : model.isLoading()                   ? tr("Asking the server…")
            : model.isTail()                      ? tr("Nothing was refused.")
                                                  : tr("No refusal fits the filter."));
    m_empty->adjustSize();
    m_empty->move(16, m_table->horizontalHeader()->height() + 14);
    refreshFoot();
}

void RefusalsPage::refreshFoot()
{
    const DecisionsModel &model = m_serverModel.decisions();
    const QString loaded = locale().toString(model.rowCount());
    QStringList parts;
    if (model.isTail())
        parts << tr("The newest %1, as they come. A time or a filter finds all that are kept.").arg(loaded);
    else if (model.isLoading() && model.rowCount() == 0)
        parts << tr("Asking the server…");
    else
        parts << tr("%1 of %2 loaded").arg(loaded, locale().toString(model.totalCount()));
    if (!model.isTail() && !model.lack().isEmpty())
        parts << model.lack();
    if (!model.errorText().isEmpty())
        parts << model.errorText();
    setLabelRole(*m_foot, model.errorText().isEmpty() ? u"muted"_s : u"bad"_s);
    m_foot->setText(parts.join(u" · "));
}

void RefusalsPage::takeSubject()
{
    if (m_table->subject().isEmpty())
        m_decision.reset();
    else if (const std::optional<int> row = m_table->subjectRow())
        m_decision = m_serverModel.decisions().at(*row);
    showDetails();
}

void RefusalsPage::showDetails()
{
    const std::optional<Decision> &decision = m_decision;
    for (QPushButton *button : { m_onlyAddress, m_raise, m_ban, m_copy })
        button->setVisible(decision.has_value());
    m_details->setNote(decision && !m_table->subjectRow() ? tr("Not in the list any more") : QString());
    m_ban->setEnabled(m_serverModel.mayChange(Role::Operator));
    m_raise->setEnabled(m_serverModel.mayChange(Role::Operator));
    m_banMenu->setSubjects(decision ? whoOf(*decision) : std::vector<Subject>());
    if (!decision) {
        m_details->setFacts({});
        return;
    }
    const ReasonDescriptor &reason = reasonDescriptor(decision->reason);
    const auto number
        = [this](const std::optional<qint64> &value) { return value ? locale().toString(*value) : QString(); };
    const QString answer = reason.httpStatus > 0 ? tr("HTTP %1 before the upgrade").arg(reason.httpStatus)
                                                 : tr("close code %1").arg(int(reason.closeCode));
    m_details->setFacts({
        { tr("Reason"), reasonTitle(decision->reason) },
        { tr("Detail"), decision->detail },
        { tr("Guard"), guardTitle(reason.guard) },
        { tr("Action"), decision->isEnforced ? tr("refused: %1").arg(answer) : tr("let through, only observed") },
        { tr("Time"), dateAndTime(decision->at) },
        { tr("Address"), decision->address, subjectOf(*decision, SubjectKind::Address) },
        { tr("User"), decision->user, subjectOf(*decision, SubjectKind::User) },
        { tr("Origin"), decision->origin, subjectOf(*decision, SubjectKind::Origin) },
        { tr("Token"), decision->tokenFingerprint, subjectOf(*decision, SubjectKind::Token) },
        { tr("Limit"), number(decision->limit) },
        { tr("Observed"), number(decision->observed) },
        { tr("Told to wait"),
            decision->retryAfterSeconds ? durationText(std::chrono::seconds(*decision->retryAfterSeconds))
                                        : QString() },
        { tr("Node"), decision->node },
        { tr("Id"), decision->id, subjectOf(*decision, SubjectKind::Decision) },
    });
    m_raise->setVisible(!limitBehind(*decision).isEmpty());
    m_onlyAddress->setVisible(!decision->address.isEmpty());
}

void RefusalsPage::copyDecision()
{
    if (m_decision)
        QGuiApplication::clipboard()->setText(QString::fromUtf8(QJsonDocument(m_decision->toJson()).toJson()));
}

} // namespace gatehouse
