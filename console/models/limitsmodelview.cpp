// SPDX-License-Identifier: GPL-3.0-or-later
// The table side of LimitsModel: what a view reads and edits.
#include "console/models/limitsmodel.h"

#include <QtCore/QLocale>
#include <QtGui/QFont>

#include "console/models/titles.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

int LimitsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_document.limits.size());
}

int LimitsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant LimitsModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const int row = index.row();
    switch (role) {
    case Qt::DisplayRole:
        return displayData(row, index.column());
    case Qt::EditRole:
        if (index.column() == ValueColumn)
            return m_staged[size_t(row)].text.isEmpty() ? QVariant(stagedValue(row).value) : m_staged[size_t(row)].text;
        if (index.column() == ModeColumn)
            return int(stagedValue(row).mode);
        return displayData(row, index.column());
    case Qt::ToolTipRole: {
        const QString error = m_staged[size_t(row)].error;
        return error.isEmpty() ? roleData(row, HelpRole) : QVariant(error);
    }
    case Qt::TextAlignmentRole:
        if (index.column() == ValueColumn || index.column() == DefaultColumn)
            return int(Qt::AlignRight | Qt::AlignVCenter);
        return {};
    case Qt::FontRole:
        if (m_staged[size_t(row)].isSet() && (index.column() == ValueColumn || index.column() == ModeColumn)) {
            QFont bold;
            bold.setBold(true);
            return bold;
        }
        return {};
    default:
        return roleData(row, role);
    }
}

QVariant LimitsModel::displayData(int row, int column) const
{
    const LimitState &state = m_document.limits[size_t(row)];
    const QLocale locale;
    switch (column) {
    case TitleColumn:
        return limitTitle(state.key, state.title);
    case ValueColumn: {
        const QString &text = m_staged[size_t(row)].text;
        return text.isEmpty() ? locale.toString(stagedValue(row).value) : text;
    }
    case ModeColumn:
        return limitModeTitle(stagedValue(row).mode);
    case UnitColumn:
        return unitTitle(state.unit);
    case BoundsColumn:
        return tr("%1 – %2").arg(locale.toString(state.minimum), locale.toString(state.maximum));
    case DefaultColumn:
        return locale.toString(state.defaultValue);
    case ChangedColumn:
        if (!state.changedAt)
            return tr("never");
        return tr("%1 by %2").arg(dateAndTime(*state.changedAt), state.changedBy);
    default:
        return {};
    }
}

QVariant LimitsModel::roleData(int row, int role) const
{
    const LimitState &state = m_document.limits[size_t(row)];
    const Staged &staged = m_staged[size_t(row)];
    switch (role) {
    case KeyRole:
        return state.key;
    case ServerValueRole:
        return state.value;
    case ServerModeRole:
        return int(state.mode);
    case StagedValueRole:
        return stagedValue(row).value;
    case StagedModeRole:
        return int(stagedValue(row).mode);
    case MinimumRole:
        return state.minimum;
    case MaximumRole:
        return state.maximum;
    case DefaultRole:
        return state.defaultValue;
    case UnitRole:
        return unitTitle(state.unit);
    case HelpRole:
        return limitHelp(state.key, state.help);
    case IsStagedRole:
        return staged.isSet();
    case ErrorRole:
        return staged.error;
    case IsConflictRole:
        return staged.isConflict;
    case BaseValueRole:
        return staged.isSet() ? staged.base.value : state.value;
    default:
        return {};
    }
}

bool LimitsModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    if (role != Qt::EditRole || !checkIndex(index, CheckIndexOption::IndexIsValid))
        return false;
    if (index.column() == ValueColumn) {
        stageValue(index.row(), value.toString());
        return true;
    }
    if (index.column() != ModeColumn)
        return false;
    bool isNumber = false;
    const int number = value.toInt(&isNumber);
    std::optional<LimitMode> mode = parseLimitMode(value.toString());
    if (!mode && isNumber && number >= int(LimitMode::Enforce) && number <= int(LimitMode::Off))
        mode = LimitMode(number);
    if (!mode)
        return false;
    stageMode(index.row(), *mode);
    return true;
}

Qt::ItemFlags LimitsModel::flags(const QModelIndex &index) const
{
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (index.column() == ValueColumn || index.column() == ModeColumn)
        flags |= Qt::ItemIsEditable;
    return flags;
}

QVariant LimitsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return QAbstractTableModel::headerData(section, orientation, role);
    switch (section) {
    case TitleColumn:
        return tr("Limit");
    case ValueColumn:
        return tr("Value");
    case ModeColumn:
        return tr("Mode");
    case UnitColumn:
        return tr("Unit");
    case BoundsColumn:
        return tr("Allowed");
    case DefaultColumn:
        return tr("Default");
    case ChangedColumn:
        return tr("Last changed");
    default:
        return {};
    }
}

} // namespace gatehouse
