// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QTimer>
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
class FilterField;

/// Who and what is banned or exempt from limits. The server filters; rules are added in a dialog, lifted after a
/// question, and either can be undone.
class BansPage final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(BansPage)

public:
    /// The server model must outlive the page.
    explicit BansPage(ServerModel &serverModel, QWidget *parent = nullptr);

    /// Shows of one list those that have this text in them; empty: all.
    void showList(AccessList list, const QString &text);

protected:
    void showEvent(QShowEvent *event) override;

private:
    [[nodiscard]] QLayout *makeHead();
    void connectAll();
    void reload();
    void refresh();
    void askForNew();
    void askToLift();
    void lift(AccessList list, const AccessRule &rule);
    [[nodiscard]] const AccessRule *selected() const;

    ServerModel &m_serverModel;
    QTimer m_ages; ///< keeps what is shown fresh while the page is seen
    QComboBox *m_list;
    QLabel *m_count;
    FilterField *m_filter;
    QPushButton *m_refresh;
    QPushButton *m_export;
    QPushButton *m_add;
    QPushButton *m_lift;
    DataTable *m_table;
    ColumnLayout *m_columns;
    QLabel *m_empty;
    AccessOutcome *m_outcome;
};

} // namespace gatehouse
