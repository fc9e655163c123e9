// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QWidget>

#include "console/models/servermodel.h"

QT_BEGIN_NAMESPACE
class QComboBox;
class QLabel;
class QLayout;
class QPushButton;
QT_END_NAMESPACE

namespace gatehouse {

class AccessOutcome;
class ColumnLayout;
class DataTable;
class DetailsPanel;
class FilterField;
class LoadMore;
class OffendersCard;
class ScopeBar;
class SubjectMenu;
struct Subject;

/// Who is refused and why: the live tail or what fits a filter, the details of one decision, and the top offenders.
class RefusalsPage final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RefusalsPage)

public:
    /// The server model must outlive the page.
    explicit RefusalsPage(ServerModel &serverModel, QWidget *parent = nullptr);

    /// Shows only a stretch of time, until its chip is closed, and of that one kind, as the metric counts it.
    void showInterval(UtcTime from, UtcTime to, std::optional<Metric> kind = {});
    /// Shows all of exactly this address, or user, and nothing else.
    void showAddress(const QString &address);
    void showUser(const QString &user);

Q_SIGNALS:
    /// The user wants to change the limit behind a refusal.
    void limitRequested(const QString &key);

private:
    [[nodiscard]] QLayout *makeHead();
    void makeScope();
    void connectAll();
    void connectModel();
    void connectSubjects();
    [[nodiscard]] SubjectMenu *makeMenu();
    void fillCombos();
    [[nodiscard]] QLayout *makeFoot();
    void applyFilter() { apply(m_serverModel.decisions().filter()); }
    /// With what the fields of the head say.
    void apply(DecisionFilter filter);
    /// The reason is one of one guard: they do not contradict each other.
    void chooseGuard();
    void chooseReason();
    void chooseNeither();
    [[nodiscard]] const ReasonDescriptor *chosenReason() const;
    void showOnly(QString DecisionFilter::*member, const QString &value);
    void showNothingBut(const DecisionFilter &filter);
    void showOnlyThis(const Subject &subject);
    void showOffender(OffenderKind kind, const QString &value);
    void closeChip(const QString &name);
    void refreshScope();
    void refreshTail();
    void refreshFoot();
    void takeSubject();
    void showDetails();
    void copyDecision();

    ServerModel &m_serverModel;
    std::optional<Decision> m_decision; ///< what the details show: it stays when its row goes
    QPushButton *m_live;
    QComboBox *m_guard;
    QComboBox *m_reason;
    FilterField *m_text;
    QPushButton *m_export;
    ScopeBar *m_scope;
    DataTable *m_table;
    ColumnLayout *m_columns;
    QLabel *m_empty;
    QLabel *m_foot;
    LoadMore *m_more;
    DetailsPanel *m_details;
    QPushButton *m_onlyAddress;
    QPushButton *m_copy;
    QPushButton *m_raise;
    QPushButton *m_ban;
    SubjectMenu *m_banMenu;
    AccessOutcome *m_outcome;
    OffendersCard *m_offenders;
};

} // namespace gatehouse
