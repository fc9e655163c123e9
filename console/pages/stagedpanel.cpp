// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/stagedpanel.h"

#include <algorithm>

#include <QtWidgets/QBoxLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLineEdit>
#include <QtWidgets/QPushButton>

#include "console/models/titles.h"
#include "console/pages/widgets.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr int kMaxNoteChars = 500;

} // namespace

StagedPanel::StagedPanel(ServerModel &serverModel, LimitsController &controller, QWidget *parent)
    : QFrame(parent)
    , m_serverModel(serverModel)
    , m_controller(controller)
    , m_title(makeLabel({}, u"heading"_s, this))
    , m_diffBox(new QWidget(this))
    , m_note(new QLineEdit(this))
    , m_apply(makeButton({}, u"limits.apply"_s, {}, this))
    , m_discard(makeButton(tr("Discard"), u"limits.discard"_s, {}, this))
    , m_outcome(new QFrame(this))
    , m_outcomeText(makeLabel({}, {}, m_outcome))
    , m_undo(makeButton(tr("Undo"), u"limits.undo"_s, u"undo"_s, m_outcome))
{
    setProperty("card", true);
    setObjectName(u"limits.staged"_s);
    m_title->setObjectName(u"limits.staged.title"_s);
    m_outcomeText->setObjectName(u"limits.outcome"_s);
    m_outcomeText->setWordWrap(true);
    m_note->setObjectName(u"limits.note"_s);
    m_note->setMaxLength(kMaxNoteChars);
    m_note->setPlaceholderText(tr("Note: why? (kept in the audit)"));
    m_note->setAccessibleName(tr("Note"));
    m_apply->setProperty("primary", true);
    m_diff = new QVBoxLayout(m_diffBox);
    m_diff->setContentsMargins({});
    m_diff->setSpacing(9);
    auto *buttons = new QHBoxLayout;
    buttons->addWidget(m_apply);
    buttons->addWidget(m_discard);
    buttons->addStretch(1);
    auto *outcomeLayout = new QHBoxLayout(m_outcome);
    outcomeLayout->setContentsMargins(11, 8, 8, 8);
    outcomeLayout->addWidget(m_outcomeText, 1);
    outcomeLayout->addWidget(m_undo, 0, Qt::AlignTop);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 12, 14, 14);
    layout->setSpacing(11);
    layout->addWidget(m_title);
    layout->addWidget(m_diffBox);
    layout->addWidget(m_note);
    layout->addLayout(buttons);
    layout->addWidget(m_outcome);
    layout->addStretch(1);
    m_outcome->hide();
    connectAll();
    refresh();
}

void StagedPanel::connectAll()
{
    connect(&m_serverModel.limits(), &LimitsModel::editsChanged, this, &StagedPanel::refresh);
    connect(&m_serverModel.limits(), &QAbstractItemModel::modelReset, this, &StagedPanel::refresh);
    connect(&m_controller, &LimitsController::stateChanged, this, &StagedPanel::refresh);
    connect(m_apply, &QPushButton::clicked, this, &StagedPanel::apply);
    connect(m_note, &QLineEdit::returnPressed, this, &StagedPanel::apply);
    connect(m_discard, &QPushButton::clicked, &m_serverModel.limits(), &LimitsModel::discardAll);
    connect(m_undo, &QPushButton::clicked, &m_controller, &LimitsController::undo);
    connect(&m_serverModel, &ServerModel::serverChanged, this, [this] {
        if (!m_serverModel.server())
            m_told = Outcome::None; // of another server
        refreshOutcome();
    });
    connect(&m_serverModel.revisions(), &QAbstractItemModel::modelReset, this, &StagedPanel::refresh);
    connect(&m_serverModel.revisions(), &QAbstractItemModel::rowsInserted, this, &StagedPanel::refresh);
    connect(
        &m_controller, &LimitsController::applied, this, [this](qint64 revision, std::chrono::milliseconds elapsed) {
            m_note->clear();
            showOutcome(Outcome::Applied,
                tr("Revision %1 is effective on every worker, after %2 ms.").arg(revision).arg(elapsed.count()));
        });
    connect(&m_controller, &LimitsController::stagedBack, this, &StagedPanel::proposeNote);
    connect(&m_controller, &LimitsController::conflicted, this, [this] {
        showOutcome(Outcome::Conflict,
            tr("Somebody else changed the limits meanwhile. Nothing was sent; decide above which values hold."));
    });
    connect(&m_controller, &LimitsController::failed, this,
        [this](const QString &message) { showOutcome(Outcome::Failed, message); });
    connect(&m_controller, &LimitsController::switched, this, [this](bool isEnabled) {
        showOutcome(isEnabled ? Outcome::GuardsOn : Outcome::GuardsOff,
            isEnabled ? tr("The guards are on.") : tr("The guards are off: nothing is limited or counted."));
    });
}

void StagedPanel::setReadOnly(bool isReadOnly)
{
    m_isReadOnly = isReadOnly;
    refresh();
}

void StagedPanel::apply()
{
    if (m_apply->isEnabled())
        m_controller.apply(m_note->text().trimmed());
}

void StagedPanel::proposeNote(const QString &note)
{
    m_proposed.clear();
    if (!m_note->text().trimmed().isEmpty())
        return;
    m_proposed = note;
    m_proposedFor = m_serverModel.limits().edits();
    m_note->setText(note);
}

void StagedPanel::withdrawNote()
{
    if (m_proposed.isEmpty() || m_proposedFor == m_serverModel.limits().edits())
        return;
    if (m_note->text() == m_proposed)
        m_note->clear();
    m_proposed.clear();
}

void StagedPanel::refresh()
{
    const LimitsModel &model = m_serverModel.limits();
    withdrawNote();
    const int count = int(model.diff().size());
    m_title->setText(count == 0 ? tr("No staged changes") : tr("%n staged change(s)", nullptr, count));
    m_apply->setText(m_controller.isBusy() ? tr("Applying…")
            : count == 0                   ? tr("Apply")
                                           : tr("Apply %n change(s)", nullptr, count));
    m_apply->setShortcut(QKeySequence(u"Ctrl+Return"_s)); // lost with each new text
    m_apply->setEnabled(model.canApply() && !m_controller.isBusy() && !m_isReadOnly && m_serverModel.isLive());
    m_discard->setEnabled(model.hasEdits() && !m_controller.isBusy());
    m_note->setEnabled(!m_isReadOnly);
    refreshOutcome();
    refreshDiff();
}

void StagedPanel::refreshDiff()
{
    while (QLayoutItem *item = m_diff->takeAt(0)) {
        // Not at once: the click that led here may come from a button in it.
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    const std::vector<StagedChange> changes = m_serverModel.limits().diff();
    if (changes.empty()) {
        QLabel *hint = makeLabel(m_serverModel.editLock().isLocked()
                ? tr("This is a production server: it is read-only until you unlock it at the top right.")
                : m_isReadOnly ? tr("Your token may look at the limits, but not change them.")
                               : tr("Change a value or a mode on the left. Nothing is sent before you apply it."),
            u"muted"_s, m_diffBox);
        hint->setWordWrap(true);
        m_diff->addWidget(hint);
    }
    for (const StagedChange &change : changes)
        addChange(change);
}

void StagedPanel::addChange(const StagedChange &change)
{
    const QLocale locale;
    QStringList parts;
    if (change.server.value != change.staged.value)
        parts << tr("%1 → %2 %3")
                     .arg(locale.toString(change.server.value), locale.toString(change.staged.value), change.unit);
    if (change.server.mode != change.staged.mode)
        parts << tr("mode %1 → %2").arg(limitModeTitle(change.server.mode), limitModeTitle(change.staged.mode));
    LimitsModel &model = m_serverModel.limits();
    const int row = model.rowOf(change.key);
    const QModelIndex index = model.index(row, 0);
    auto *box = new QWidget(m_diffBox);
    box->setObjectName(u"limits.change."_s + change.key);
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins({});
    layout->setSpacing(2);
    layout->addWidget(makeLabel(change.title, {}, box));
    QLabel *what = makeLabel(parts.isEmpty() ? tr("as it was") : parts.join(u", "), u"heading"_s, box);
    what->setWordWrap(true);
    layout->addWidget(what);
    const QString error = index.data(LimitsModel::ErrorRole).toString();
    if (!error.isEmpty()) {
        QLabel *label = makeLabel(error, u"bad"_s, box);
        label->setWordWrap(true);
        layout->addWidget(label);
    }
    if (index.data(LimitsModel::IsConflictRole).toBool())
        addConflict(change, box);
    m_diff->addWidget(box);
}

void StagedPanel::addConflict(const StagedChange &change, QWidget *box)
{
    LimitsModel &model = m_serverModel.limits();
    const int row = model.rowOf(change.key);
    const QLocale locale;
    QStringList lines{ tr("Was %1 when you began; on the server it is %2 now.")
                           .arg(locale.toString(model.index(row, 0).data(LimitsModel::BaseValueRole).toLongLong()),
                               locale.toString(change.server.value)) };
    if (const Revision *theirs = m_serverModel.revisions().lastChangeOf(change.key, model.revision())) {
        lines << tr("Changed by %1 in revision %2, %3.")
                     .arg(theirs->by)
                     .arg(theirs->revision)
                     .arg(dateAndTime(theirs->at));
        if (!theirs->note.isEmpty())
            lines << tr("Note: %1").arg(theirs->note);
    }
    QLabel *label = makeLabel(lines.join(u'\n'), u"warning"_s, box);
    label->setWordWrap(true);
    QPushButton *mine = makeButton(tr("Keep mine"), u"limits.keepmine."_s + change.key, {}, box);
    QPushButton *theirs = makeButton(tr("Take theirs"), u"limits.taketheirs."_s + change.key, {}, box);
    connect(mine, &QPushButton::clicked, &model, [&model, row] { model.keepMine(row); });
    connect(theirs, &QPushButton::clicked, &model, [&model, row] { model.discard(row); });
    auto *buttons = new QHBoxLayout;
    buttons->addWidget(mine);
    buttons->addWidget(theirs);
    buttons->addStretch(1);
    auto *layout = static_cast<QVBoxLayout *>(box->layout());
    layout->addWidget(label);
    layout->addLayout(buttons);
}

void StagedPanel::showOutcome(Outcome outcome, const QString &text)
{
    m_told = outcome;
    m_toldText = text;
    refreshOutcome();
}

QString StagedPanel::successorText() const
{
    const qint64 now = m_serverModel.limits().revision();
    const std::vector<Revision> &known = m_serverModel.revisions().revisions();
    const auto successor
        = std::find_if(known.begin(), known.end(), [now](const Revision &one) { return one.revision == now; });
    if (successor == known.end())
        return tr("Revision %1 is no longer the newest; it is revision %2 now.")
            .arg(m_controller.appliedRevision())
            .arg(now);
    return tr("Revision %1 is no longer the newest: %2 made revision %3.")
               .arg(m_controller.appliedRevision())
               .arg(successor->by)
               .arg(now)
        + u'\n' + changesText(successor->changes);
}

void StagedPanel::refreshOutcome()
{
    const LimitsModel &limits = m_serverModel.limits();
    const bool isSuperseded = m_told == Outcome::Applied && limits.revision() != m_controller.appliedRevision();
    const bool isOver = (m_told == Outcome::Applied && limits.hasEdits())
        || (m_told == Outcome::Conflict && !limits.hasConflicts())
        || (m_told == Outcome::GuardsOn && !m_serverModel.isGuarding())
        || (m_told == Outcome::GuardsOff && m_serverModel.isGuarding());
    const bool isGood = (m_told == Outcome::Applied && !isSuperseded) || m_told == Outcome::GuardsOn;
    const QString banner = isGood ? u"good"_s : m_told == Outcome::Failed ? u"bad"_s : u"warning"_s;
    if (m_outcome->property("banner").toString() != banner) {
        m_outcome->setProperty("banner", banner);
        repolish(*m_outcome);
    }
    m_outcomeText->setText(isSuperseded ? successorText() : m_toldText);
    m_undo->setVisible(m_told == Outcome::Applied && (m_controller.canUndo() || m_controller.isBusy()));
    m_undo->setEnabled(m_controller.canUndo() && !m_isReadOnly && m_serverModel.isLive());
    m_outcome->setVisible(m_told != Outcome::None && !isOver);
}

} // namespace gatehouse
