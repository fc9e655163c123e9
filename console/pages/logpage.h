// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtWidgets/QWidget>

QT_BEGIN_NAMESPACE
class QPushButton;
QT_END_NAMESPACE

namespace gatehouse {

class CallLog;
class DataTable;

/// Every call that this console made, each to be copied as a curl command.
class LogPage final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(LogPage)

public:
    /// The log must outlive the page.
    explicit LogPage(CallLog &log, QWidget *parent = nullptr);

private:
    void copy();
    void refresh();

    DataTable *m_table;
    QPushButton *m_copy;
    QPushButton *m_clear;
};

} // namespace gatehouse
