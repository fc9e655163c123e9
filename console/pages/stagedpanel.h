// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QFrame>

#include "console/models/limitscontroller.h"

QT_BEGIN_NAMESPACE
class QLabel;
class QLineEdit;
class QPushButton;
class QVBoxLayout;
QT_END_NAMESPACE

namespace gatehouse {

/// What is staged, before and after; from here it is applied or discarded, and the outcome is told.
class StagedPanel final : public QFrame
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(StagedPanel)

public:
    /// Both must outlive the panel.
    StagedPanel(ServerModel &serverModel, LimitsController &controller, QWidget *parent = nullptr);

    void setReadOnly(bool isReadOnly);

private:
    /// What the last line tells, for as long as it is true.
    enum class Outcome : quint8
    {
        None,
        Applied,
        Conflict,
        Failed,
        GuardsOn,
        GuardsOff,
    };

    void connectAll();
    void refresh();
    void refreshDiff();
    void refreshOutcome();
    void addChange(const StagedChange &change);
    void addConflict(const StagedChange &change, QWidget *box);
    void showOutcome(Outcome outcome, const QString &text);
    [[nodiscard]] QString successorText() const;
    void apply();
    /// A note for what has just been staged, unless the user wrote one.
    void proposeNote(const QString &note);
    /// The proposal goes with the edits that it is about.
    void withdrawNote();

    ServerModel &m_serverModel;
    LimitsController &m_controller;
    QLabel *m_title;
    QVBoxLayout *m_diff;
    QWidget *m_diffBox;
    QLineEdit *m_note;
    QPushButton *m_apply;
    QPushButton *m_discard;
    QFrame *m_outcome;
    QLabel *m_outcomeText;
    QPushButton *m_undo;
    Outcome m_told = Outcome::None;
    QString m_toldText;
    QString m_proposed; ///< a note, for these edits only
    std::vector<LimitPatch> m_proposedFor;
    bool m_isReadOnly = false;
};

} // namespace gatehouse
