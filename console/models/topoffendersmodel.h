// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QAbstractTableModel>

#include "console/connection/apitypes.h"

namespace gatehouse {

/// Who is refused most, with the share of all refusals of that time. GUI thread.
class TopOffendersModel final : public QAbstractTableModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(TopOffendersModel)

public:
    enum Column
    {
        ValueColumn,
        CountColumn,
        ShareColumn,
        ColumnCount
    };
    enum Role
    {
        RawValueRole = Qt::UserRole + 1,
        ShareRole
    }; ///< QString as on the wire; double from 0 to 1

    explicit TopOffendersModel(QObject *parent = nullptr);

    void setOffenders(OffenderKind kind, const TopOffenders &offenders);
    [[nodiscard]] OffenderKind kind() const { return m_kind; }
    /// All refusals of that time.
    [[nodiscard]] qint64 total() const { return m_total; }
    /// Whether some of them could not be counted.
    [[nodiscard]] bool isSample() const { return m_isSample; }
    [[nodiscard]] const TopOffender &at(int row) const { return m_offenders[size_t(row)]; }

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::vector<TopOffender> m_offenders;
    OffenderKind m_kind = OffenderKind::Address;
    qint64 m_total = 0;
    bool m_isSample = false;
};

} // namespace gatehouse
