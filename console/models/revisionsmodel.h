// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QAbstractTableModel>

#include "console/connection/apitypes.h"

namespace gatehouse {

/// The revisions of the limits, newest first. GUI thread.
class RevisionsModel final : public QAbstractTableModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(RevisionsModel)

public:
    enum Column
    {
        RevisionColumn,
        TimeColumn,
        ByColumn,
        AddressColumn,
        SourceColumn,
        ChangesColumn,
        NoteColumn,
        ColumnCount
    };
    enum Role
    {
        RevisionRole = Qt::UserRole + 1
    }; ///< qint64

    explicit RevisionsModel(QObject *parent = nullptr);

    /// The newest page; replaces everything.
    void setPage(const RevisionPage &page);
    /// A new one from the live stream; known ones are not added again.
    void add(const Revision &revision);
    void clear();
    [[nodiscard]] const Revision &at(int row) const { return m_revisions[size_t(row)]; }
    [[nodiscard]] const std::vector<Revision> &revisions() const { return m_revisions; }

    /// The newest one up to `revision` that changed a limit; nullptr if none is known.
    [[nodiscard]] const Revision *lastChangeOf(const QString &key, qint64 revision) const;
    /// What leads from the limits at `from` back to those of an older revision; nullopt if not all between them are
    /// known.
    [[nodiscard]] std::optional<std::vector<LimitPatch>> wayBack(qint64 from, qint64 to) const;

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::vector<Revision> m_revisions;
};

/// "Connections per address: 5 → 10", one change a line, in the user's language.
[[nodiscard]] QString changesText(const std::vector<LimitChange> &changes, QStringView separator = u"\n");

} // namespace gatehouse
