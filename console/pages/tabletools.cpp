// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/tabletools.h"

#include <algorithm>
#include <utility>

#include <QtCore/QFileInfo>
#include <QtCore/QSaveFile>
#include <QtGui/QAction>
#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtGui/QHelpEvent>
#include <QtWidgets/QAbstractItemView>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QMenu>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QTableView>
#include <QtWidgets/QToolTip>

#include "console/models/tableexport.h"
#include "console/pages/tableexporter.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

struct Texts
{
    Q_DECLARE_TR_FUNCTIONS(gatehouse::TableTools)
};

} // namespace

bool CellDelegate::helpEvent(
    QHelpEvent *event, QAbstractItemView *view, const QStyleOptionViewItem &option, const QModelIndex &index)
{
    if (event->type() != QEvent::ToolTip || !index.data(Qt::ToolTipRole).toString().isEmpty())
        return QStyledItemDelegate::helpEvent(event, view, option, index);
    const bool isElided = sizeHint(option, index).width() > view->visualRect(index).width();
    QToolTip::showText(event->globalPos(), isElided ? index.data().toString() : QString(), view);
    return true;
}

QList<int> shownColumns(const QTableView &table)
{
    QList<int> columns;
    const QHeaderView *header = table.horizontalHeader();
    for (int place = 0; place < header->count(); ++place) {
        if (!header->isSectionHidden(header->logicalIndex(place)))
            columns << header->logicalIndex(place);
    }
    return columns;
}

void installCopy(QTableView *table)
{
    const auto add = [table](const QString &text, const QString &name, const QKeySequence &keys) {
        auto *action = new QAction(text, table);
        action->setObjectName(table->objectName() + name);
        action->setShortcut(keys);
        action->setShortcutContext(Qt::WidgetShortcut);
        table->addAction(action);
        return action;
    };
    QAction *cell = add(Texts::tr("Copy the cell"), u".copycell"_s, QKeySequence(u"Ctrl+Shift+C"_s));
    QAction *row = add(Texts::tr("Copy the row"), u".copyrow"_s, QKeySequence::Copy);
    QObject::connect(cell, &QAction::triggered, table, [table] {
        // The current cell is another's while its own row is gone.
        if (table->selectionModel()->isSelected(table->currentIndex()))
            QGuiApplication::clipboard()->setText(exportText(table->currentIndex()));
    });
    QObject::connect(row, &QAction::triggered, table, [table] {
        QList<int> rows;
        for (const QModelIndex &index : table->selectionModel()->selectedIndexes()) {
            if (!rows.contains(index.row()))
                rows << index.row();
        }
        std::sort(rows.begin(), rows.end());
        if (!rows.isEmpty())
            QGuiApplication::clipboard()->setText(rowsAsText(*table->model(), shownColumns(*table), rows));
    });
    installRowMenu(table, {});
}

void installRowMenu(QTableView *table, const QList<QAction *> &actions)
{
    auto *menu = new QMenu(table);
    menu->addActions(actions);
    menu->addSeparator();
    menu->addActions(table->actions());
    installRowMenu(table, menu, [] {});
}

void installRowMenu(QTableView *table, QMenu *menu, std::function<void()> prepare)
{
    const QString name = table->objectName() + u".menu";
    delete table->findChild<QMenu *>(name, Qt::FindDirectChildrenOnly);
    menu->setObjectName(name);
    table->setContextMenuPolicy(Qt::CustomContextMenu);
    QObject::connect(
        table, &QWidget::customContextMenuRequested, menu, [table, menu, prepare = std::move(prepare)](QPoint at) {
            // The current cell is another's while its own row is gone.
            if (!table->selectionModel()->isSelected(table->currentIndex()))
                return;
            prepare();
            menu->popup(table->viewport()->mapToGlobal(at));
        });
}

void installColumnChooser(QTableView *table, std::function<void()> columnsChanged)
{
    QHeaderView *header = table->horizontalHeader();
    header->setContextMenuPolicy(Qt::ActionsContextMenu);
    for (int column = 0; column < header->count(); ++column) {
        auto *toggle = new QAction(table->model()->headerData(column, Qt::Horizontal).toString(), header);
        toggle->setObjectName(u"%1.column.%2"_s.arg(table->objectName()).arg(column));
        toggle->setCheckable(true);
        toggle->setChecked(!table->isColumnHidden(column));
        header->addAction(toggle);
        QObject::connect(toggle, &QAction::toggled, table, [table, column, toggle, columnsChanged](bool isShown) {
            if (!isShown && shownColumns(*table).size() < 2) {
                toggle->setChecked(true); // a table without columns has no header to bring one back
                return;
            }
            table->setColumnHidden(column, !isShown);
            columnsChanged();
        });
    }
}

void showColumnWhile(QTableView *table, int column, bool isThere)
{
    const QByteArray known = "isColumnThere" + QByteArray::number(column);
    if (table->property(known.constData()).toBool() == isThere)
        return;
    table->setProperty(known.constData(), isThere);
    for (QAction *toggle : table->horizontalHeader()->actions()) {
        if (toggle->objectName() == u"%1.column.%2"_s.arg(table->objectName()).arg(column))
            toggle->setChecked(isThere);
    }
}

void exportTable(QTableView *table, const QString &fileName)
{
    const QString title = Texts::tr("Export the table");
    const QString kind = Texts::tr("CSV (*.csv)");
    const auto *paged = qobject_cast<const PagedModel *>(table->model());
    if (paged)
        askForFile(table, title, fileName, kind, [table, paged](const QString &path) {
            (new TableExporter(*paged, shownColumns(*table), path, table))->start();
        });
    else
        askToSave(table, title, fileName, kind, [table] { return tableAsCsv(*table->model(), shownColumns(*table)); });
}

void askForFile(QWidget *parent, const QString &title, const QString &fileName, const QString &filter,
    std::function<void(const QString &)> chosen)
{
    auto *dialog = new QFileDialog(parent->window(), title, QString(), filter);
    dialog->setObjectName(u"export.dialog"_s);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(fileName.section(u'.', -1));
    // The folder of the last export: the window knows it, and whoever remembers the window.
    QWidget *window = parent->window();
    if (const QString folder = window->property("exportFolder").toString(); !folder.isEmpty())
        dialog->setDirectory(folder);
    QObject::connect(dialog, &QFileDialog::fileSelected, window,
        [window](const QString &path) { window->setProperty("exportFolder", QFileInfo(path).absolutePath()); });
    dialog->selectFile(fileName);
    QObject::connect(dialog, &QFileDialog::fileSelected, parent, std::move(chosen));
    dialog->open();
}

void askToSave(QWidget *parent, const QString &title, const QString &fileName, const QString &filter,
    std::function<QByteArray()> content)
{
    askForFile(parent, title, fileName, filter, [parent, title, content](const QString &path) {
        if (const Status status = saveFile(path, content()); !status)
            warn(parent, u"export.error"_s, title, status.error().message);
    });
}

void warn(QWidget *parent, const QString &objectName, const QString &title, const QString &text)
{
    auto *box = new QMessageBox(QMessageBox::Warning, title, text, QMessageBox::Ok, parent->window());
    box->setObjectName(objectName);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

Status saveFile(const QString &path, const QByteArray &content)
{
    QSaveFile file(path);
    if (file.open(QIODevice::WriteOnly) && file.write(content) == content.size() && file.commit())
        return ok();
    return Error{ Texts::tr("%1 cannot be written: %2").arg(path, file.errorString()), path };
}

} // namespace gatehouse
