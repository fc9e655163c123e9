// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QtWidgets/QStyledItemDelegate>

#include "shared/util/result.h"

QT_BEGIN_NAMESPACE
class QAction;
class QMenu;
class QTableView;
class QWidget;
QT_END_NAMESPACE

/// What every table of the console can do besides showing: tell elided cells whole, copy rows, choose columns, export.
namespace gatehouse {

/// Tells a cell's whole text in a tooltip when the column is too narrow for it; the model's own tooltip goes first.
class CellDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;

    bool helpEvent(QHelpEvent *event, QAbstractItemView *view, const QStyleOptionViewItem &option,
        const QModelIndex &index) override;
};

/// Columns in the order in which they are seen, hidden ones left out.
[[nodiscard]] QList<int> shownColumns(const QTableView &table);
/// Ctrl+C copies the selected row's cells for other programs, Ctrl+Shift+C the current one: times as ISO 8601. Both are
/// in the menu of the rows. Installed by makeTable().
void installCopy(QTableView *table);
/// What may be done about a row, by the right button and by the keyboard's menu key: these, then copying. The menu is
/// named as the table, with ".menu".
void installRowMenu(QTableView *table, const QList<QAction *> &actions);
/// The same with a menu of its own, which becomes the table's; `prepare` runs before it is seen, while the current cell
/// is the one that was meant.
void installRowMenu(QTableView *table, QMenu *menu, std::function<void()> prepare);
/// A context menu at the header that shows and hides columns. `columnsChanged` runs after each change.
void installColumnChooser(QTableView *table, std::function<void()> columnsChanged);
/// Shows a column that only some servers have, once they turn out to have it, and hides it for others; in between it is
/// the user's to show or hide. The table has a column chooser.
void showColumnWhile(QTableView *table, int column, bool isThere);
/// Asks where to save the table's shown columns, as CSV; `fileName` is the suggestion. The dialog is named
/// "export.dialog". Of a PagedModel every row is loaded first, by a TableExporter.
void exportTable(QTableView *table, const QString &fileName);

/// Asks for a file's name.
void askForFile(QWidget *parent, const QString &title, const QString &fileName, const QString &filter,
    std::function<void(const QString &path)> chosen);
/// Asks for a file and writes to it. Whole or not at all; tells the user if it fails. Does not block.
void askToSave(QWidget *parent, const QString &title, const QString &fileName, const QString &filter,
    std::function<QByteArray()> content);
/// Tells what went wrong in a box of its own, named so, without blocking.
void warn(QWidget *parent, const QString &objectName, const QString &title, const QString &text);
/// Writes a file, whole or not at all. The error names the file.
[[nodiscard]] Status saveFile(const QString &path, const QByteArray &content);

} // namespace gatehouse
