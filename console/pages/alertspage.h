// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QWidget>

#include "console/models/servermodel.h"

QT_BEGIN_NAMESPACE
class QLabel;
class QPushButton;
QT_END_NAMESPACE

namespace gatehouse {

class DataTable;

/// Alerts that are active and that were, and the rules by which they are raised.
class AlertsPage final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(AlertsPage)

public:
    /// The server model must outlive the page.
    explicit AlertsPage(ServerModel &serverModel, QWidget *parent = nullptr);

    void acknowledge(const QString &id);

protected:
    void showEvent(QShowEvent *event) override;

private:
    [[nodiscard]] QWidget *makeAlerts();
    void layOutColumns();
    [[nodiscard]] QWidget *makeRules();
    void connectAll();
    void refresh();
    void saveRules();
    void tell(const QString &text, bool isGood);

    ServerModel &m_serverModel;
    QLabel *m_count;
    DataTable *m_alerts;
    QPushButton *m_acknowledge;
    DataTable *m_rules;
    QPushButton *m_save;
    QPushButton *m_discard;
    QLabel *m_message;
    QLabel *m_empty;
};

} // namespace gatehouse
