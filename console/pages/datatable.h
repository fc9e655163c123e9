// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtWidgets/QTableView>

namespace gatehouse {

/// A table in which what is selected is an id, not a row. Qt selects the neighbour of a row that goes, and what a row
/// number stands for changes by itself: neither may change whom a button is about. When the selected row goes, nothing
/// is selected; when it comes again, it is. Made by makeTable(). GUI thread.
class DataTable final : public QTableView
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DataTable)

public:
    /// Every model of the console tells a row's id by its first role.
    static constexpr int kIdRole = Qt::UserRole + 1;

    explicit DataTable(QWidget *parent = nullptr);

    /// The id of what was selected last, whether it still has a row or not; empty: nothing was.
    [[nodiscard]] const QString &subject() const { return m_subject; }
    /// The subject's row; nullopt: it has gone, or there is no subject.
    [[nodiscard]] std::optional<int> subjectRow() const;
    /// Selects nothing, as for another server.
    void forgetSubject();
    void setModel(QAbstractItemModel *model) override;

Q_SIGNALS:
    /// There is another subject, its row came or went, or what its row says is new.
    void subjectChanged();

protected:
    void selectionChanged(const QItemSelection &selected, const QItemSelection &deselected) override;
    void currentChanged(const QModelIndex &current, const QModelIndex &previous) override;
    void dataChanged(const QModelIndex &topLeft, const QModelIndex &bottomRight, const QList<int> &roles = {}) override;
    void rowsInserted(const QModelIndex &parent, int first, int last) override;
    void rowsAboutToBeRemoved(const QModelIndex &parent, int first, int last) override;

private:
    /// Selects the subject where it is now, if it is among these rows. The view stays where it is.
    bool find(int first, int last);
    void loseRow();
    void findAgain();

    QString m_subject;
    QPersistentModelIndex m_row; ///< invalid while the subject has none
    int m_column = 0;            ///< of the current cell
    bool m_isLosing = false;     ///< the selection goes because the row does
};

} // namespace gatehouse
