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
#include "console/models/titles.h"
#include "console/pages/accessoutcome.h"
#include "console/pages/banmenu.h"
#include "console/pages/columnlayout.h"
#include "console/pages/detailspanel.h"
#include "console/pages/filterfield.h"
#include "console/pages/loadmore.h"
#include "console/pages/reasondelegate.h"
#include "console/pages/tabletools.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace gatehouse {

namespace {

constexpr int kChipWidth = 300; ///< clients choose their Origin: it must not push the window wide

} // namespace

RefusalsPage::RefusalsPage(ServerModel &serverModel, QWidget *parent)
    : QWidget(parent)
    , m_serverModel(serverModel)
    , m_live(makeButton(tr("Live"), u"refusals.live"_s, {}, this))
    , m_waiting(makeLabel({}, u"warning"_s, this))
    , m_guard(new QComboBox(this))
    , m_reason(new QComboBox(this))
    , m_text(new FilterField(this))
    , m_export(makeButton(tr("Export…"), u"refusals.export"_s, u"export"_s, this))
    , m_interval(makeButton({}, u"refusals.interval"_s, u"close"_s, this))
    , m_table(makeTable(&serverModel.decisions(), u"refusals.table"_s, tr("Refusals"), this))
    , m_empty(makeLabel(tr("Nothing was refused."), u"muted"_s, m_table))
    , m_foot(makeLabel({}, u"muted"_s, this))
    , m_more(new LoadMore(serverModel.decisions(), u"refusals.more"_s, this))
    , m_details(new DetailsPanel(tr("Decision"), tr("Select a row to see the whole decision."), this))
    , m_onlyAddress(makeButton(tr("Only this address"), u"refusals.onlyaddress"_s, {}, this))
    , m_copy(makeButton(tr("Copy"), u"refusals.copy"_s, u"copy"_s, this))
    , m_raise(makeButton(tr("Change the limit…"), u"refusals.changelimit"_s, {}, this))
    , m_ban(makeButton(tr("Ban"), u"refusals.ban"_s, u"bans"_s, this))
    , m_banMenu(new BanMenu(serverModel, this))
    , m_outcome(new AccessOutcome(serverModel, u"refusals.outcome"_s, this))
    , m_offenderTitle(makeLabel({}, u"heading"_s, this))
    , m_offenderKind(new QComboBox(this))
    , m_offenders(makeTable(&serverModel.offenders(), u"refusals.offenders"_s, tr("Top offenders"), this))
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
    side->addWidget(m_details);
    side->addWidget(m_outcome);
    side->addWidget(makeOffenders(), 1);
    auto *body = new QHBoxLayout;
    body->setSpacing(12);
    m_details->setMinimumWidth(270);
    body->addWidget(tableCard, 10);
    body->addLayout(side, 3);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->setSpacing(11);
    layout->addLayout(makeHead());
    layout->addWidget(makeChips());
    layout->addLayout(body, 1);
    connectAll();
    connectBans();
    applyFilter();
    showDetails();
}

QLayout *RefusalsPage::makeHead()
{
    m_live->setCheckable(true);
    m_live->setChecked(true);
    m_live->setToolTip(tr("New refusals appear at the top; switch it off to read in peace"));
    m_waiting->setObjectName(u"refusals.waiting"_s);
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
    row->addSpacing(10);
    row->addWidget(m_live);
    row->addWidget(m_waiting);
    row->addStretch(1);
    row->addWidget(m_guard);
    row->addWidget(m_reason);
    row->addWidget(m_text, 2);
    row->addWidget(m_export);
    return row;
}

QWidget *RefusalsPage::makeChips()
{
    m_chips = new QWidget(this);
    auto *row = new QHBoxLayout(m_chips);
    row->setContentsMargins({});
    row->setSpacing(7);
    const auto add = [this, row](QPushButton *chip, const QString &help) {
        chip->setLayoutDirection(Qt::RightToLeft);
        chip->setToolTip(help);
        chip->setAccessibleName(help);
        row->addWidget(chip);
    };
    add(m_interval, tr("Show all times again"));
    const auto addExactly = [&](QString DecisionFilter::*member, const QString &name, const QString &title) {
        QPushButton *chip = makeButton({}, u"refusals.chip."_s + name, u"close"_s, m_chips);
        add(chip, tr("Show all again"));
        m_exactly.push_back({ chip, member, title });
        connect(chip, &QPushButton::clicked, this, [this, member] { showOnly(member, {}); });
    };
    addExactly(&DecisionFilter::address, u"address"_s, tr("Address = %1"));
    addExactly(&DecisionFilter::user, u"user"_s, tr("User = %1"));
    addExactly(&DecisionFilter::origin, u"origin"_s, tr("Origin = %1"));
    addExactly(&DecisionFilter::codes, u"reason"_s, tr("Reason = %1"));
    row->addStretch(1);
    return m_chips;
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

QWidget *RefusalsPage::makeOffenders()
{
    const std::pair<OffenderKind, QString> kinds[]
        = { { OffenderKind::Address, tr("by address") }, { OffenderKind::User, tr("by user") },
              { OffenderKind::Origin, tr("by origin") }, { OffenderKind::Reason, tr("by reason") } };
    for (const auto &[kind, title] : kinds)
        m_offenderKind->addItem(title, int(kind));
    m_offenderKind->setObjectName(u"refusals.offenderkind"_s);
    m_offenderKind->setAccessibleName(tr("Top offenders"));
    QFrame *card = makeCard(this);
    auto *head = new QHBoxLayout;
    m_offenderTitle->setWordWrap(true);
    m_offenderTitle->setObjectName(u"refusals.offendertitle"_s);
    head->addWidget(m_offenderTitle, 1);
    head->addWidget(m_offenderKind);
    auto *layout = new QVBoxLayout(card);
    layout->setContentsMargins(14, 10, 12, 8);
    layout->addLayout(head);
    layout->addWidget(m_offenders, 1);
    m_offenders->horizontalHeader()->hide();
    m_offenders->setItemDelegateForColumn(TopOffendersModel::ShareColumn, new ShareDelegate(m_offenders));
    m_offenders->hideColumn(TopOffendersModel::CountColumn);
    new ColumnLayout(m_offenders,
        { { u"127.100.100.100"_s, u"127.100.100"_s, 1, 0 }, { u"999,999"_s, {}, 0, 0 },
            { u"999,999 999,999"_s, u"999,999"_s, 1, 0 } });
    m_offenders->setFocusPolicy(Qt::TabFocus);
    return card;
}

void RefusalsPage::connectAll()
{
    DecisionsModel &model = m_serverModel.decisions();
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

    connect(m_live, &QPushButton::toggled, this, [&model](bool isLive) { model.setPaused(!isLive); });
    connect(&m_serverModel.client(), &AdminClient::stateChanged, this, &RefusalsPage::refreshTail);
    connect(&model, &DecisionsModel::tailChanged, this, &RefusalsPage::refreshTail);
    connect(&model, &PagedModel::statusChanged, this, &RefusalsPage::refreshTail);
    connect(m_guard, &QComboBox::currentIndexChanged, this, &RefusalsPage::chooseGuard);
    connect(m_reason, &QComboBox::currentIndexChanged, this, &RefusalsPage::chooseReason);
    connect(m_text, &FilterField::settled, this, &RefusalsPage::applyFilter);
    connect(m_interval, &QPushButton::clicked, this, [this] {
        DecisionFilter filter = m_serverModel.decisions().filter();
        filter.interval.reset();
        apply(filter);
    });
    connect(m_table, &DataTable::subjectChanged, this, &RefusalsPage::takeSubject);
    connect(&m_serverModel, &ServerModel::serverLeft, m_table, &DataTable::forgetSubject);
    connect(m_onlyAddress, &QPushButton::clicked, this, [this] {
        if (m_decision)
            showOnly(&DecisionFilter::address, m_decision->address);
    });
    connect(m_raise, &QPushButton::clicked, this, [this] {
        if (m_decision)
            Q_EMIT limitRequested(limitOf(*m_decision));
    });
    connect(m_copy, &QPushButton::clicked, this, &RefusalsPage::copyDecision);
    connect(m_export, &QPushButton::clicked, this, [this] { exportTable(m_table, u"gatehouse-refusals.csv"_s); });
    connect(m_offenderKind, &QComboBox::currentIndexChanged, this, &RefusalsPage::refreshOffenders);
    connect(
        m_offenders, &DataTable::doubleClicked, this, [this](const QModelIndex &index) { showOffender(index.row()); });
    for (const auto signal : { &QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved })
        connect(&m_serverModel.offenders(), signal, this, &RefusalsPage::refreshOffenderTitle);
    connect(&m_serverModel.offenders(), &QAbstractItemModel::dataChanged, this, &RefusalsPage::refreshOffenderTitle);
    refreshOffenderTitle();
    m_offendersTimer.setInterval(10s);
    connect(&m_offendersTimer, &QTimer::timeout, this, &RefusalsPage::refreshOffenders);
    m_offendersTimer.start();
}

void RefusalsPage::connectBans()
{
    installRowMenu(m_table, m_banMenu->actions());
    connect(m_banMenu, &BanMenu::added, m_outcome, &AccessOutcome::tellAdded);
    connect(&m_serverModel, &ServerModel::serverChanged, this, &RefusalsPage::showDetails);
    connect(&m_serverModel.client(), &AdminClient::stateChanged, this, &RefusalsPage::showDetails);
}

void RefusalsPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    refreshOffenders();
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

void RefusalsPage::showOffender(int row)
{
    const TopOffendersModel &offenders = m_serverModel.offenders();
    const QString value = offenders.at(row).value;
    switch (offenders.kind()) {
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
    m_interval->setVisible(filter.interval.has_value());
    if (filter.interval)
        m_interval->setText(tr("%1, not live").arg(intervalText(*filter.interval, m_serverModel.clock().utc())));
    bool isAny = filter.interval.has_value();
    for (const Chip &chip : m_exactly) {
        const bool isSaidAbove = chip.member == &DecisionFilter::codes && reason; // by the reasons' field
        const bool isShown = !(filter.*chip.member).isEmpty() && !isSaidAbove;
        chip.button->setVisible(isShown);
        const QString text = chip.title.arg(filter.*chip.member);
        chip.button->setText(chip.button->fontMetrics().elidedText(text, Qt::ElideMiddle, kChipWidth));
        chip.button->setAccessibleName(text);
        chip.button->setToolTip(text);
        isAny = isAny || isShown;
    }
    m_chips->setVisible(isAny);
    refreshTail();
}

void RefusalsPage::refreshTail()
{
    const DecisionsModel &model = m_serverModel.decisions();
    // Without a connection nothing is live, nor is a stretch of time: no button may say so.
    m_live->setEnabled(m_serverModel.isLive() && !model.filter().interval);
    QStringList notes;
    const bool isOver = model.filter().interval.has_value(); // nothing more comes to it
    if (model.isPaused() && !isOver)
        notes << tr("%n waiting", nullptr, int(model.pendingCount()));
    if (model.skippedCount() > 0 && !isOver)
        notes << tr("%1 more not shown one by one").arg(locale().toString(model.skippedCount()));
    m_waiting->setText(notes.join(u" · "));
    m_waiting->setVisible(!notes.isEmpty());
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

void RefusalsPage::refreshOffenderTitle()
{
    const TopOffendersModel &offenders = m_serverModel.offenders();
    const QString total = locale().toString(offenders.total());
    m_offenderTitle->setText(offenders.total() == 0 ? tr("Top offenders, last hour")
            : offenders.isSample()                  ? tr("Top offenders, last hour: a sample of %1 refusals").arg(total)
                                                    : tr("Top offenders, last hour: of %1 refusals").arg(total));
}

void RefusalsPage::refreshOffenders()
{
    if (isVisible() && m_serverModel.isLive())
        m_serverModel.refreshOffenders(OffenderKind(m_offenderKind->currentData().toInt()));
}

void RefusalsPage::takeSubject()
{
    if (m_table->subject().isEmpty())
        m_decision.reset();
    else if (const std::optional<int> row = m_table->subjectRow())
        m_decision = m_serverModel.decisions().at(*row);
    showDetails();
}

QString RefusalsPage::limitOf(const Decision &decision) const
{
    const std::optional<LimitKey> limit = reasonDescriptor(decision.reason).limit;
    return limit ? QString(limitDescriptor(*limit).name) : QString();
}

void RefusalsPage::showDetails()
{
    const std::optional<Decision> &decision = m_decision;
    for (QPushButton *button : { m_onlyAddress, m_raise, m_ban, m_copy })
        button->setVisible(decision.has_value());
    m_details->setNote(decision && !m_table->subjectRow() ? tr("Not in the list any more") : QString());
    m_ban->setEnabled(m_serverModel.mayChange(Role::Operator));
    m_banMenu->setSubject(decision ? decision->address : QString(), decision ? decision->user : QString());
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
        { tr("Address"), decision->address },
        { tr("User"), decision->user },
        { tr("Origin"), decision->origin },
        { tr("Token"), decision->tokenFingerprint },
        { tr("Limit"), number(decision->limit) },
        { tr("Observed"), number(decision->observed) },
        { tr("Told to wait"),
            decision->retryAfterSeconds ? durationText(std::chrono::seconds(*decision->retryAfterSeconds))
                                        : QString() },
        { tr("Node"), decision->node },
        { tr("Id"), decision->id },
    });
    m_raise->setVisible(!limitOf(*decision).isEmpty());
    m_onlyAddress->setVisible(!decision->address.isEmpty());
}

void RefusalsPage::copyDecision()
{
    if (m_decision)
        QGuiApplication::clipboard()->setText(QString::fromUtf8(QJsonDocument(m_decision->toJson()).toJson()));
}

} // namespace gatehouse
