// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QWidget>

#include "console/models/limitscontroller.h"

QT_BEGIN_NAMESPACE
class QLabel;
class QLayout;
class QPushButton;
QT_END_NAMESPACE

namespace gatehouse {

class DataTable;
class LimitsEditor;
class StagedPanel;

/// The limits: editors, staged changes, presets, the rollback switch and the revisions.
class LimitsPage final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(LimitsPage)

public:
    /// The server model must outlive the page.
    explicit LimitsPage(ServerModel &serverModel, QWidget *parent = nullptr);

    /// Puts the cursor into a limit's value.
    void focusLimit(const QString &key);
    /// Asks whether to turn the guards off, or on again.
    void askSwitch();

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    [[nodiscard]] QLayout *makeHead();
    [[nodiscard]] QWidget *makeRevisions();
    void connectAll();
    void refresh();
    void stageDefaults();
    void stageRevision();

    ServerModel &m_serverModel;
    LimitsController m_controller;
    LimitsEditor *m_editor;
    StagedPanel *m_staged;
    QLabel *m_guardsOff;
    QPushButton *m_strict;
    QPushButton *m_defaults;
    QPushButton *m_site;
    QPushButton *m_highTraffic;
    QPushButton *m_switch;
    QPushButton *m_restore;
    DataTable *m_revisions;
    QLabel *m_noRevisions;
};

} // namespace gatehouse
