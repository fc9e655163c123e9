// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QTimer>
#include <QtWidgets/QFrame>

#include "console/models/servermodel.h"

QT_BEGIN_NAMESPACE
class QComboBox;
class QLabel;
QT_END_NAMESPACE

namespace gatehouse {

class DataTable;

/// Who was refused most in the last hour, by address, user, origin or reason. Asks for it while it is seen. GUI thread.
class OffendersCard final : public QFrame
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(OffendersCard)

public:
    /// Its parts are named refusals.offenders, .offenderkind and .offendercount. The server model must outlive it.
    explicit OffendersCard(ServerModel &serverModel, QWidget *parent = nullptr);

    [[nodiscard]] DataTable *table() { return m_table; }

Q_SIGNALS:
    /// The user wants to see those of this address, user, Origin or reason (its code) alone.
    void onlyRequested(gatehouse::OffenderKind kind, const QString &value);

protected:
    void showEvent(QShowEvent *event) override;

private:
    void fillKinds();
    void refresh();
    void refreshCount();

    ServerModel &m_serverModel;
    QTimer m_refreshing;
    QLabel *m_count;
    QComboBox *m_kind;
    DataTable *m_table;
};

} // namespace gatehouse
