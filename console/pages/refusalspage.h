// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QTimer>
#include <QtWidgets/QWidget>

#include "console/models/servermodel.h"

QT_BEGIN_NAMESPACE
class QComboBox;
class QLabel;
class QLayout;
class QLineEdit;
class QPushButton;
class QTableView;
QT_END_NAMESPACE

namespace gatehouse {

class AccessOutcome;
class BanMenu;
class ColumnLayout;
class DetailsPanel;

/// Who is refused and why: a live tail with filters, the details of one decision, and the top offenders.
class RefusalsPage final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RefusalsPage)

public:
    /// The server model must outlive the page.
    explicit RefusalsPage(ServerModel &serverModel, QWidget *parent = nullptr);

    /// Shows only a stretch of time, until its chip is closed.
    void showInterval(UtcTime from, UtcTime to);

Q_SIGNALS:
    /// The user wants to change the limit behind a refusal.
    void limitRequested(const QString &key);

protected:
    void showEvent(QShowEvent *event) override;

private:
    [[nodiscard]] QLayout *makeHead();
    [[nodiscard]] QWidget *makeOffenders();
    void connectAll();
    void connectBans();
    void fillCombos();
    void applyFilter();
    void refreshTail();
    void refreshOffenders();
    void showDetails();
    void copyDecision();
    [[nodiscard]] const Decision *selected() const;
    [[nodiscard]] QString limitOf(const Decision &decision) const;

    ServerModel &m_serverModel;
    QTimer m_offendersTimer;
    QPushButton *m_live;
    QLabel *m_waiting;
    QComboBox *m_guard;
    QComboBox *m_reason;
    QLineEdit *m_text;
    QPushButton *m_export;
    QPushButton *m_interval;
    QTableView *m_table;
    ColumnLayout *m_columns;
    QLabel *m_empty;
    DetailsPanel *m_details;
    QPushButton *m_onlyAddress;
    QPushButton *m_copy;
    QPushButton *m_raise;
    QPushButton *m_ban;
    BanMenu *m_banMenu;
    AccessOutcome *m_outcome;
    QComboBox *m_offenderKind;
    QTableView *m_offenders;
};

} // namespace gatehouse
