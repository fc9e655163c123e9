// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/tabletools.h"

#include <algorithm>

#include <QtCore/QSaveFile>
#include <QtGui/QAction>
#include <QtGui/QClipboard>
#include <QtGui/QGuiApplication>
#include <QtGui/QHelpEvent>
#include <QtWidgets/QAbstractItemView>
#include <QtWidgets/QFileDialog>
#include <QtWidgets/QHeaderView>
#include <QtWidgets/QMessageBox>
#include <QtWidgets/QTableView>
#include <QtWidgets/QToolTip>

#include "console/models/tableexport.h"

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
    auto *copy = new QAction(Texts::tr("Copy the row"), table);
    copy->setObjectName(table->objectName() + u".copyrow");
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    table->addAction(copy);
    table->setContextMenuPolicy(Qt::ActionsContextMenu);
    QObject::connect(copy, &QAction::triggered, table, [table] {
        QList<int> rows;
        for (const QModelIndex &index : table->selectionModel()->selectedIndexes()) {
            if (!rows.contains(index.row()))
                rows << index.row();
        }
        std::sort(rows.begin(), rows.end());
        if (!rows.isEmpty())
            QGuiApplication::clipboard()->setText(rowsAsText(*table->model(), shownColumns(*table), rows));
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
    askToSave(table, Texts::tr("Export the table"), fileName, Texts::tr("CSV (*.csv)"),
        [table] { return tableAsCsv(*table->model(), shownColumns(*table)); });
}

void askToSave(QWidget *parent, const QString &title, const QString &fileName, const QString &filter,
    std::function<QByteArray()> content)
{
    auto *dialog = new QFileDialog(parent->window(), title, QString(), filter);
    dialog->setObjectName(u"export.dialog"_s);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(fileName.section(u'.', -1));
    dialog->selectFile(fileName);
    QObject::connect(dialog, &QFileDialog::fileSelected, parent, [parent, title, content](const QString &path) {
        const Status status = saveFile(path, content());
        if (status)
            return;
        auto *box
            = new QMessageBox(QMessageBox::Warning, title, status.error().message, QMessageBox::Ok, parent->window());
        box->setObjectName(u"export.error"_s);
        box->setAttribute(Qt::WA_DeleteOnClose);
        box->open();
    });
    dialog->open();
}

Status saveFile(const QString &path, const QByteArray &content)
{
    QSaveFile file(path);
    if (file.open(QIODevice::WriteOnly) && file.write(content) == content.size() && file.commit())
        return ok();
    return Error{ Texts::tr("%1 cannot be written: %2").arg(path, file.errorString()), path };
}

} // namespace gatehouse
