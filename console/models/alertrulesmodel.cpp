// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/alertrulesmodel.h"

#include <algorithm>
#include <cmath>

#include <QtCore/QLocale>

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

std::optional<double> readNumber(const QVariant &value)
{
    bool isNumber = false;
    double number = value.toDouble(&isNumber);
    if (!isNumber)
        number = QLocale().toDouble(value.toString().trimmed(), &isNumber);
    return isNumber && std::isfinite(number) ? std::optional(number) : std::nullopt;
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
    endResetModel();
    Q_EMIT editsChanged();
}

bool AlertRulesModel::hasEdits() const
{
    return !std::equal(m_rules.begin(), m_rules.end(), m_serverRules.begin(), m_serverRules.end(), isSame);
}

bool AlertRulesModel::isValid() const
{
    return std::all_of(m_rules.begin(), m_rules.end(), [](const AlertRule &rule) { return errorOf(rule).isEmpty(); });
}

void AlertRulesModel::discard()
{
    setRules(m_serverRules);
}

QString AlertRulesModel::errorOf(const AlertRule &rule)
{
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
        return errorOf(rule);
    if (role == Qt::ToolTipRole)
        return errorOf(rule).isEmpty() ? rule.help : errorOf(rule);
    if (index.column() == EnabledColumn)
        return role == Qt::CheckStateRole ? QVariant(int(rule.isEnabled ? Qt::Checked : Qt::Unchecked)) : QVariant();
    if (role == Qt::TextAlignmentRole && isNumberColumn(index.column()))
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole && role != Qt::EditRole)
        return {};
    const auto number = [role](double value) {
        return role == Qt::EditRole ? QVariant(value) : QVariant(QLocale().toString(value, 'g', 10));
    };
    switch (index.column()) {
    case TitleColumn:
        return alertTitle(rule.key, rule.title);
    case RaiseColumn:
        return number(rule.raiseAbove);
    case ClearColumn:
        return number(rule.clearBelow);
    case UnitColumn:
        return alertUnit(rule.key);
    case HoldColumn:
        return role == Qt::EditRole ? QVariant(qint64(rule.holdFor.count())) : QVariant(durationText(rule.holdFor));
    default:
        return {};
    }
}

bool AlertRulesModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return false;
    AlertRule &rule = m_rules[size_t(index.row())];
    if (index.column() == EnabledColumn && role == Qt::CheckStateRole) {
        rule.isEnabled = value.toInt() == int(Qt::Checked);
    } else {
        const std::optional<double> number = readNumber(value);
        if (role != Qt::EditRole || !number)
            return false;
        if (index.column() == RaiseColumn)
            rule.raiseAbove = *number;
        else if (index.column() == ClearColumn)
            rule.clearBelow = *number;
        else if (index.column() == HoldColumn)
            rule.holdFor = std::chrono::seconds(std::llround(std::clamp(*number, -1.0, kLongestHold + 1)));
        else
            return false;
    }
    Q_EMIT dataChanged(index.siblingAtColumn(0), index.siblingAtColumn(ColumnCount - 1));
    Q_EMIT editsChanged();
    return true;
}

Qt::ItemFlags AlertRulesModel::flags(const QModelIndex &index) const
{
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (!index.isValid())
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
