// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/limitsmodel.h"

#include <algorithm>

#include <QtCore/QLocale>
#include <QtGui/QFont>

#include "console/models/titles.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

LimitsModel::LimitsModel(QObject *parent)
    : QAbstractTableModel(parent)
{
}

void LimitsModel::setDocument(const LimitsDocument &now)
{
    const bool sameRows = std::equal(now.limits.begin(), now.limits.end(), document().limits.begin(),
        document().limits.end(), [](const LimitState &a, const LimitState &b) { return a.key == b.key; });
    if (!sameRows)
        beginResetModel();
    m_staged.setDocument(now);
    if (!sameRows)
        endResetModel();
    allChanged();
}

template <typename Change> void LimitsModel::changeRow(int row, Change change)
{
    if (!hasRow(row))
        return;
    const StagedLimits::Edit before = m_staged.edit(row);
    change();
    if (m_staged.edit(row) != before) // a field may tell the same twice: as a text and as a number
        rowChanged(row);
}

void LimitsModel::rowChanged(int row)
{
    Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
    Q_EMIT editsChanged();
}

void LimitsModel::allChanged()
{
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    Q_EMIT editsChanged();
}

void LimitsModel::stageValue(int row, const QString &text)
{
    changeRow(row, [&] { m_staged.stageText(row, text); });
}

void LimitsModel::stageValue(int row, qint64 value)
{
    changeRow(row, [&] { m_staged.stageValue(row, value); });
}

void LimitsModel::stageMode(int row, LimitMode mode)
{
    changeRow(row, [&] { m_staged.stageMode(row, mode); });
}

QStringList LimitsModel::stage(const std::vector<LimitPatch> &patches, const std::vector<LimitPatch> &from)
{
    QStringList unknown;
    m_staged.discardAll();
    for (const LimitPatch &patch : patches) {
        const int row = rowOf(patch.key);
        if (row < 0) {
            unknown << patch.key;
            continue;
        }
        LimitValue base = m_staged.inForce(row);
        const auto was
            = std::find_if(from.begin(), from.end(), [&](const LimitPatch &one) { return one.key == patch.key; });
        if (was != from.end())
            base = { was->value.value_or(base.value), was->mode.value_or(base.mode) };
        m_staged.stageFrom(row, patch, base);
    }
    allChanged();
    return unknown;
}

bool LimitsModel::isAnyInForce(const std::vector<LimitPatch> &patches) const
{
    return std::any_of(patches.begin(), patches.end(), [this](const LimitPatch &patch) {
        const int row = rowOf(patch.key);
        return row >= 0 && (patch.value == m_staged.inForce(row).value || patch.mode == m_staged.inForce(row).mode);
    });
}

void LimitsModel::discard(int row)
{
    if (!hasRow(row))
        return;
    m_staged.discard(row);
    rowChanged(row);
}

void LimitsModel::discardAll()
{
    if (rowCount() == 0)
        return;
    m_staged.discardAll();
    allChanged();
}

void LimitsModel::keepMine(int row)
{
    if (!hasRow(row) || !m_staged.edit(row).isConflict)
        return;
    m_staged.keepMine(row);
    rowChanged(row);
}

bool LimitsModel::hasEdits() const
{
    return m_staged.anyEdit([](const StagedLimits::Edit &edit) { return edit.isSet(); });
}

bool LimitsModel::hasConflicts() const
{
    return m_staged.anyEdit([](const StagedLimits::Edit &edit) { return edit.isConflict; });
}

bool LimitsModel::isValid() const
{
    return !m_staged.anyEdit([](const StagedLimits::Edit &edit) { return !edit.error.isEmpty(); });
}

std::vector<StagedChange> LimitsModel::diff() const
{
    std::vector<StagedChange> changes;
    for (int row = 0; row < rowCount(); ++row) {
        const LimitState &state = m_staged.state(row);
        if (m_staged.edit(row).isSet())
            changes.push_back({ state.key, limitTitle(state.key, state.title), unitTitle(state.unit),
                m_staged.inForce(row), m_staged.staged(row) });
    }
    return changes;
}

std::vector<LimitPatch> LimitsModel::inverseEdits() const
{
    std::vector<LimitPatch> patches = edits();
    for (LimitPatch &patch : patches) {
        const LimitValue server = m_staged.inForce(rowOf(patch.key));
        if (patch.value)
            patch.value = server.value;
        if (patch.mode)
            patch.mode = server.mode;
    }
    return patches;
}

void LimitsModel::setServerErrors(const std::vector<Error> &errors)
{
    for (const Error &error : errors) {
        // "max_connections.mode" is about the row of max_connections.
        const int row = rowOf(error.field.section(u'.', 0, 0));
        if (row < 0 || !m_staged.edit(row).isSet())
            continue;
        m_staged.setError(row, error.message);
        Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
    }
    Q_EMIT editsChanged();
}

int LimitsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : m_staged.count();
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
            return m_staged.edit(row).text.isEmpty() ? QVariant(m_staged.staged(row).value) : m_staged.edit(row).text;
        if (index.column() == ModeColumn)
            return int(m_staged.staged(row).mode);
        return displayData(row, index.column());
    case Qt::ToolTipRole: {
        const QString error = m_staged.edit(row).error;
        return error.isEmpty() ? roleData(row, HelpRole) : QVariant(error);
    }
    case Qt::TextAlignmentRole:
        if (index.column() == ValueColumn || index.column() == DefaultColumn)
            return int(Qt::AlignRight | Qt::AlignVCenter);
        return {};
    case Qt::FontRole:
        if (m_staged.edit(row).isSet() && (index.column() == ValueColumn || index.column() == ModeColumn)) {
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
    const LimitState &state = m_staged.state(row);
    const QLocale locale;
    switch (column) {
    case TitleColumn:
        return limitTitle(state.key, state.title);
    case ValueColumn: {
        const QString &text = m_staged.edit(row).text;
        return text.isEmpty() ? locale.toString(m_staged.staged(row).value) : text;
    }
    case ModeColumn:
        return limitModeTitle(m_staged.staged(row).mode);
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
    const LimitState &state = m_staged.state(row);
    const StagedLimits::Edit &edit = m_staged.edit(row);
    switch (role) {
    case KeyRole:
        return state.key;
    case ServerValueRole:
        return state.value;
    case ServerModeRole:
        return int(state.mode);
    case StagedValueRole:
        return m_staged.staged(row).value;
    case StagedModeRole:
        return int(m_staged.staged(row).mode);
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
        return edit.isSet();
    case ErrorRole:
        return edit.error;
    case IsConflictRole:
        return edit.isConflict;
    case BaseValueRole:
        return edit.isSet() ? edit.base.value : state.value;
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
