// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QTimer>
#include <QtWidgets/QWidget>

#include "console/models/servermodel.h"
#include "console/models/watchedconnection.h"

QT_BEGIN_NAMESPACE
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
class SubjectMenu;

/// Who is connected. The server filters and sorts; one connection can be looked at and ended.
class ConnectionsPage final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ConnectionsPage)

public:
    /// The server model must outlive the page.
    explicit ConnectionsPage(ServerModel &serverModel, QWidget *parent = nullptr);

    /// Shows those that have this text in them.
    void showText(const QString &text);

protected:
    void showEvent(QShowEvent *event) override;

private:
    [[nodiscard]] QLayout *makeHead();
    void connectAll();
    void connectSubjects();
    void refresh();
    void refreshStatus();
    void watchSubject();
    void showDetails();
    void showNote();
    void askKick();
    void kick(const ConnectionInfo &connection);
    /// Who it is and where, in words.
    [[nodiscard]] QString nameOf(const ConnectionInfo &connection) const;

    ServerModel &m_serverModel;
    WatchedConnection m_watched; ///< what the details show
    QTimer m_ages;               ///< keeps ages and rates fresh while the page is seen
    QTimer m_seconds;            ///< counts since when it has left
    QLabel *m_count;
    FilterField *m_filter;
    QPushButton *m_refresh;
    QPushButton *m_export;
    DataTable *m_table;
    ColumnLayout *m_columns;
    QLabel *m_message;
    DetailsPanel *m_details;
    QPushButton *m_kick;
    QPushButton *m_ban;
    SubjectMenu *m_banMenu;
    AccessOutcome *m_outcome;
};

} // namespace gatehouse
