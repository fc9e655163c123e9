// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/alertrulesmodel.h"

#include <algorithm>
#include <cmath>

#include <QtCore/QLocale>

#include "console/models/numbertext.h"
#include "console/models/titles.h"
#include "shared/alerts/alertruledescriptor.h"

namespace gatehouse {

namespace {

/// Within what the model holds at all; what a rule may say is in its row.
constexpr double kLongestHold = 1e9;

bool isSame(const AlertRule &a, const AlertRule &b)
{
    return a.toJson() == b.toJson();
}

bool isNumberColumn(int column)
{
    return column == AlertRulesModel::RaiseColumn || column == AlertRulesModel::ClearColumn
        || column == AlertRulesModel::HoldColumn;
}

void setNumber(AlertRule &rule, int column, double number)
{
    if (column == AlertRulesModel::RaiseColumn)
        rule.raiseAbove = number;
    else if (column == AlertRulesModel::ClearColumn)
        rule.clearBelow = number;
    else
        rule.holdFor = std::chrono::seconds(std::llround(std::clamp(number, -1.0, kLongestHold + 1)));
}

} // namespace

AlertRulesModel::AlertRulesModel(QObject *parent)
    : QAbstractTableModel(parent)
{
}

void AlertRulesModel::setRules(std::vector<AlertRule> rules)
{
    beginResetModel();
    m_rules = std::move(rules);
    m_serverRules = m_rules;
    m_unreadable.clear();
    endResetModel();
    Q_EMIT editsChanged();
}

void AlertRulesModel::setEditable(bool isEditable)
{
    if (isEditable == m_isEditable)
        return;
    m_isEditable = isEditable;
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

bool AlertRulesModel::hasEdits() const
{
    return !m_unreadable.isEmpty()
        || !std::equal(m_rules.begin(), m_rules.end(), m_serverRules.begin(), m_serverRules.end(), isSame);
}

bool AlertRulesModel::isValid() const
{
    for (int row = 0; row < rowCount(); ++row) {
        if (!errorOf(row).isEmpty())
            return false;
    }
    return true;
}

void AlertRulesModel::discard()
{
    setRules(m_serverRules);
}

QString AlertRulesModel::errorOf(int row) const
{
    for (const int column : { RaiseColumn, ClearColumn, HoldColumn }) {
        const auto typed = m_unreadable.constFind({ row, column });
        if (typed != m_unreadable.constEnd())
            return typed->trimmed().isEmpty() ? tr("A number is missing.") : tr("“%1” is not a number.").arg(*typed);
    }
    const AlertRule &rule = m_rules[size_t(row)];
    const AlertRuleBounds bounds = alertRuleBounds(rule.key);
    const std::pair<double, AlertBounds> numbers[] = { { rule.raiseAbove, bounds.threshold },
        { rule.clearBelow, bounds.threshold }, { double(rule.holdFor.count()), bounds.holdSeconds } };
    for (const auto &[number, allowed] : numbers) {
        const auto text = [](double value) { return QLocale().toString(value, 'f', 0); };
        if (!allowed.contain(number))
            return tr("Must be from %1 to %2.").arg(text(allowed.minimum), text(allowed.maximum));
    }
    if (rule.clearBelow > rule.raiseAbove)
        return tr("“Clear below” must not be above “Raise above”.");
    return {};
}

int AlertRulesModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rules.size());
}

int AlertRulesModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant AlertRulesModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const AlertRule &rule = m_rules[size_t(index.row())];
    if (role == KeyRole)
        return rule.key;
    if (role == ErrorRole)
        return errorOf(index.row());
    if (role == Qt::ToolTipRole)
        return errorOf(index.row()).isEmpty() ? rule.help : errorOf(index.row());
    if (index.column() == EnabledColumn)
        return role == Qt::CheckStateRole ? QVariant(int(rule.isEnabled ? Qt::Checked : Qt::Unchecked)) : QVariant();
    if (role == Qt::TextAlignmentRole && isNumberColumn(index.column()))
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole && role != Qt::EditRole)
        return {};
    switch (index.column()) {
    case TitleColumn:
        return alertTitle(rule.key, rule.title);
    case RaiseColumn:
        return number(index, rule.raiseAbove, role);
    case ClearColumn:
        return number(index, rule.clearBelow, role);
    case UnitColumn:
        return alertUnit(rule.key);
    case HoldColumn:
        return number(index, double(rule.holdFor.count()), role);
    default:
        return {};
    }
}

QVariant AlertRulesModel::number(const QModelIndex &index, double value, int role) const
{
    const auto typed = m_unreadable.constFind({ index.row(), index.column() });
    if (typed != m_unreadable.constEnd())
        return *typed;
    // A text: a field for numbers makes another one of what it cannot read.
    if (role == Qt::EditRole)
        return plainNumber(value);
    if (index.column() == HoldColumn)
        return durationText(std::chrono::seconds(qint64(value)));
    return QLocale().toString(value, 'g', 10);
}

bool AlertRulesModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    if (!m_isEditable || !checkIndex(index, CheckIndexOption::IndexIsValid))
        return false;
    AlertRule &rule = m_rules[size_t(index.row())];
    if (index.column() == EnabledColumn && role == Qt::CheckStateRole) {
        rule.isEnabled = value.toInt() == int(Qt::Checked);
    } else {
        if (role != Qt::EditRole || !isNumberColumn(index.column()))
            return false;
        const std::pair<int, int> cell{ index.row(), index.column() };
        const bool isText = value.typeId() == QMetaType::QString;
        const std::optional<double> number = isText ? readNumber(value.toString()) : std::optional(value.toDouble());
        if (number) {
            setNumber(rule, index.column(), *number);
            m_unreadable.remove(cell);
        } else {
            m_unreadable.insert(cell, value.toString());
        }
    }
    Q_EMIT dataChanged(index.siblingAtColumn(0), index.siblingAtColumn(ColumnCount - 1));
    Q_EMIT editsChanged();
    return true;
}

Qt::ItemFlags AlertRulesModel::flags(const QModelIndex &index) const
{
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (!index.isValid() || !m_isEditable)
        return flags;
    if (index.column() == EnabledColumn)
        flags |= Qt::ItemIsUserCheckable;
    else if (isNumberColumn(index.column()))
        flags |= Qt::ItemIsEditable;
    return flags;
}

QVariant AlertRulesModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole && isNumberColumn(section))
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return QAbstractTableModel::headerData(section, orientation, role);
    switch (section) {
    case EnabledColumn:
        return tr("On");
    case TitleColumn:
        return tr("Alert");
    case RaiseColumn:
        return tr("Raise above");
    case ClearColumn:
        return tr("Clear below");
    case UnitColumn:
        return tr("Unit");
    case HoldColumn:
        return tr("For at least (seconds)");
    default:
        return {};
    }
}

} // namespace gatehouse
