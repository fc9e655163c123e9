// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/alertsmodel.h"

#include <algorithm>

#include <QtCore/QLocale>

#include "console/models/tableexport.h"
#include "console/models/titles.h"
#include "shared/util/isotime.h"

namespace gatehouse {

namespace {

bool isBefore(const Alert &a, const Alert &b)
{
    if (a.isActive() != b.isActive())
        return a.isActive();
    return a.raisedAt != b.raisedAt ? a.raisedAt > b.raisedAt : a.id > b.id;
}

bool isAlertNumber(int column)
{
    return column == AlertsModel::ValueColumn || column == AlertsModel::ThresholdColumn;
}

QString number(double value)
{
    return QLocale().toString(value, 'g', 6);
}

} // namespace

AlertsModel::AlertsModel(QObject *parent)
    : QAbstractTableModel(parent)
{
}

void AlertsModel::setAlerts(std::vector<Alert> alerts)
{
    beginResetModel();
    m_alerts = std::move(alerts);
    std::sort(m_alerts.begin(), m_alerts.end(), isBefore);
    if (m_alerts.size() > kMaxRows)
        m_alerts.resize(kMaxRows);
    endResetModel();
    Q_EMIT countsChanged();
}

void AlertsModel::update(const Alert &alert)
{
    const auto known
        = std::find_if(m_alerts.begin(), m_alerts.end(), [&](const Alert &other) { return other.id == alert.id; });
    if (known != m_alerts.end() && known->isActive() == alert.isActive() && known->raisedAt == alert.raisedAt) {
        *known = alert;
        const int row = int(known - m_alerts.begin());
        Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
        Q_EMIT countsChanged();
        return;
    }
    if (known != m_alerts.end()) {
        const int row = int(known - m_alerts.begin());
        beginRemoveRows({}, row, row);
        m_alerts.erase(known);
        endRemoveRows();
    } else if (m_alerts.size() >= kMaxRows) {
        beginRemoveRows({}, rowCount() - 1, rowCount() - 1);
        m_alerts.pop_back();
        endRemoveRows();
    }
    const auto place = std::lower_bound(m_alerts.begin(), m_alerts.end(), alert, isBefore);
    const int row = int(place - m_alerts.begin());
    beginInsertRows({}, row, row);
    m_alerts.insert(place, alert);
    endInsertRows();
    Q_EMIT countsChanged();
}

int AlertsModel::activeCount() const
{
    return int(std::count_if(m_alerts.begin(), m_alerts.end(), [](const Alert &alert) { return alert.isActive(); }));
}

QString AlertsModel::sentenceOf(const Alert &alert)
{
    const QString title = displayData(alert, TitleColumn).toString();
    if (!alert.detail.isEmpty()) // more than the number, which may count yes and no
        return title + QLatin1StringView(": ") + alert.detail;
    return tr("%1: %2 (threshold %3)").arg(title, number(alert.value), number(alert.threshold));
}

QString AlertsModel::activeDetails() const
{
    QStringList details;
    for (const Alert &alert : m_alerts) {
        if (alert.isActive() && !alert.detail.isEmpty())
            details.append(sentenceOf(alert));
    }
    return details.join(u'\n');
}

int AlertsModel::unacknowledgedCount() const
{
    return int(std::count_if(m_alerts.begin(), m_alerts.end(),
        [](const Alert &alert) { return alert.isActive() && !alert.acknowledgedAt; }));
}

int AlertsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_alerts.size());
}

int AlertsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant AlertsModel::displayData(const Alert &alert, int column)
{
    switch (column) {
    case StateColumn:
        return alert.isActive() ? tr("Raised") : tr("Cleared");
    case TitleColumn:
        return alert.node.isEmpty()
            ? alertTitle(alert.rule, alert.title)
            : QString(alertTitle(alert.rule, alert.title) + QLatin1StringView(" @ ") + alert.node);
    case ValueColumn:
        return number(alert.value);
    case ThresholdColumn:
        return number(alert.threshold);
    case UnitColumn:
        return alertUnit(alert.rule);
    case RaisedColumn:
        return dateAndTime(alert.raisedAt);
    case ClearedColumn:
        return alert.clearedAt ? dateAndTime(*alert.clearedAt) : QString();
    case AcknowledgedColumn:
        return alert.acknowledgedAt ? tr("%1 by %2").arg(dateAndTime(*alert.acknowledgedAt), alert.acknowledgedBy)
                                    : QString();
    default:
        return {};
    }
}

QVariant AlertsModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Alert &alert = at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return displayData(alert, index.column());
    case kExportRole:
        if (index.column() == RaisedColumn)
            return isoMillis(alert.raisedAt);
        if (index.column() == ClearedColumn)
            return alert.clearedAt ? isoMillis(*alert.clearedAt) : QString();
        return isAlertNumber(index.column())
            ? QVariant(QString::number(index.column() == ValueColumn ? alert.value : alert.threshold, 'g', 12))
            : QVariant();
    case Qt::ToolTipRole:
        return alert.detail;
    case IdRole:
        return alert.id;
    case IsActiveRole:
        return alert.isActive();
    case IsAcknowledgedRole:
        return alert.acknowledgedAt.has_value();
    case Qt::TextAlignmentRole:
        if (isAlertNumber(index.column()))
            return int(Qt::AlignRight | Qt::AlignVCenter);
        return {};
    default:
        return {};
    }
}

QVariant AlertsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole && isAlertNumber(section))
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return QAbstractTableModel::headerData(section, orientation, role);
    switch (section) {
    case StateColumn:
        return tr("State");
    case TitleColumn:
        return tr("Alert");
    case ValueColumn:
        return tr("Value");
    case ThresholdColumn:
        return tr("Threshold");
    case UnitColumn:
        return tr("Unit");
    case RaisedColumn:
        return tr("Raised");
    case ClearedColumn:
        return tr("Cleared");
    case AcknowledgedColumn:
        return tr("Acknowledged");
    default:
        return {};
    }
}

} // namespace gatehouse
