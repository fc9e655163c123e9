// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QtCore/QPointer>

#include "console/models/pagedmodel.h"

QT_BEGIN_NAMESPACE
class QProgressDialog;
class QWidget;
QT_END_NAMESPACE

namespace gatehouse {

/// Writes a table of which the server has more than is shown: loads every row, on the side, and writes the file at the
/// end, whole or not at all. Shows how far it is ("export.progress") and can be stopped. Says what is not in the file,
/// if something is not ("export.lack"). Deletes itself when it is done. GUI thread; a child of `parent`.
class TableExporter final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(TableExporter)

public:
    /// A file of more rows is no table to read; it would take the console's memory.
    static constexpr int kMaxRows = 200'000;

    TableExporter(const PagedModel &model, QList<int> columns, const QString &path, QWidget *parent);
    ~TableExporter() override;

    void start();

private:
    void goOn();
    void write();
    /// Whatever the file does not have, in sentences; empty if it has everything.
    [[nodiscard]] QString lack() const;
    void end(const QString &objectName, const QString &text);

    QWidget *m_window;
    std::unique_ptr<PagedModel> m_rows;
    QList<int> m_columns;
    QString m_path;
    QPointer<QProgressDialog> m_progress;
    bool m_isOver = false;
};

} // namespace gatehouse
