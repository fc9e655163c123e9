// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/pages/datatable.h"

#include <algorithm>

#include <QtCore/QScopedValueRollback>

namespace gatehouse {

DataTable::DataTable(QWidget *parent)
    : QTableView(parent)
{
}

std::optional<int> DataTable::subjectRow() const
{
    return m_row.isValid() ? std::optional(m_row.row()) : std::nullopt;
}

void DataTable::forgetSubject()
{
    m_subject.clear();
    m_row = QPersistentModelIndex();
    clearSelection();
    Q_EMIT subjectChanged();
}

void DataTable::setModel(QAbstractItemModel *model)
{
    QTableView::setModel(model);
    // After Qt's own, which forget the selection and tell nobody.
    connect(model, &QAbstractItemModel::modelReset, this, &DataTable::findAgain);
}

void DataTable::findAgain()
{
    m_row = QPersistentModelIndex();
    if (!m_subject.isEmpty() && !find(0, model()->rowCount() - 1))
        Q_EMIT subjectChanged();
}

void DataTable::selectionChanged(const QItemSelection &selected, const QItemSelection &deselected)
{
    QTableView::selectionChanged(selected, deselected);
    if (m_isLosing)
        return;
    const QModelIndexList indexes = selectionModel()->selectedIndexes();
    m_row = indexes.isEmpty() ? QPersistentModelIndex() : QPersistentModelIndex(indexes.constFirst());
    m_subject = m_row.data(kIdRole).toString();
    m_column = std::max(0, m_row.column());
    Q_EMIT subjectChanged();
}

void DataTable::currentChanged(const QModelIndex &current, const QModelIndex &previous)
{
    QTableView::currentChanged(current, previous);
    if (current.isValid() && m_row.isValid() && current.row() == m_row.row())
        m_column = current.column(); // within the row by keys, which selects nothing new
}

void DataTable::dataChanged(const QModelIndex &topLeft, const QModelIndex &bottomRight, const QList<int> &roles)
{
    QTableView::dataChanged(topLeft, bottomRight, roles);
    if (!m_row.isValid() || m_row.row() < topLeft.row() || m_row.row() > bottomRight.row())
        return;
    // Another may stand in the row now.
    if (m_row.data(kIdRole).toString() != m_subject && find(0, model()->rowCount() - 1))
        return;
    if (m_row.data(kIdRole).toString() != m_subject)
        loseRow();
    else
        Q_EMIT subjectChanged();
}

void DataTable::rowsInserted(const QModelIndex &parent, int first, int last)
{
    QTableView::rowsInserted(parent, first, last);
    if (!m_row.isValid() && !m_subject.isEmpty())
        find(first, last);
}

void DataTable::rowsAboutToBeRemoved(const QModelIndex &parent, int first, int last)
{
    if (currentIndex().row() >= first && currentIndex().row() <= last) {
        // The keyboard goes on from here; Qt would select it too.
        const int beside = first > 0 ? first - 1 : last + 1;
        selectionModel()->setCurrentIndex(
            currentIndex().sibling(beside, currentIndex().column()), QItemSelectionModel::NoUpdate);
    }
    const bool isSubject = m_row.isValid() && m_row.row() >= first && m_row.row() <= last;
    if (isSubject)
        loseRow();
    QTableView::rowsAboutToBeRemoved(parent, first, last);
}

bool DataTable::find(int first, int last)
{
    for (int row = first; row <= last; ++row) {
        const QModelIndex index = model()->index(row, m_column);
        if (index.data(kIdRole).toString() != m_subject)
            continue;
        const bool scrolls = hasAutoScroll();
        setAutoScroll(false);
        selectionModel()->setCurrentIndex(index, selectionCommand(index));
        setAutoScroll(scrolls);
        return true;
    }
    return false;
}

void DataTable::loseRow()
{
    m_row = QPersistentModelIndex();
    {
        const QScopedValueRollback<bool> losing(m_isLosing, true);
        clearSelection();
    }
    Q_EMIT subjectChanged();
}

} // namespace gatehouse
