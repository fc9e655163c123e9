// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/topoffendersmodel.h"

#include <algorithm>

#include <QtCore/QLocale>

#include "console/models/titles.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// The wire names a reason by its code alone.
QString reasonTitleOf(const QString &code)
{
    for (const ReasonDescriptor &descriptor : reasonDescriptors()) {
        if (descriptor.code == code)
            return reasonTitle(descriptor.reason);
    }
    return code;
}

} // namespace

TopOffendersModel::TopOffendersModel(QObject *parent)
    : QAbstractTableModel(parent)
{
}

void TopOffendersModel::setOffenders(OffenderKind kind, const TopOffenders &counted)
{
    const bool isKindNew = kind != m_kind;
    m_kind = kind;
    m_total = counted.total;
    m_isSample = counted.isSample;
    const std::vector<TopOffender> &offenders = counted.top;
    // Rows come and go at the end, so that a selection and the scroll position outlive a refresh.
    const int before = rowCount();
    const int after = int(offenders.size());
    if (after < before) {
        beginRemoveRows({}, after, before - 1);
        m_offenders.resize(size_t(after));
        endRemoveRows();
    }
    std::copy_n(offenders.begin(), m_offenders.size(), m_offenders.begin());
    if (!m_offenders.empty())
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    if (after > before) {
        beginInsertRows({}, before, after - 1);
        m_offenders.insert(m_offenders.end(), offenders.begin() + before, offenders.end());
        endInsertRows();
    }
    if (isKindNew)
        Q_EMIT headerDataChanged(Qt::Horizontal, ValueColumn, ValueColumn);
}

int TopOffendersModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_offenders.size());
}

int TopOffendersModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant TopOffendersModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const TopOffender &offender = at(index.row());
    const double share = m_total > 0 ? double(offender.count) / double(m_total) : 0.0;
    if (role == RawValueRole)
        return offender.value;
    if (role == ShareRole)
        return share;
    if (role == Qt::TextAlignmentRole && index.column() != ValueColumn)
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case ValueColumn:
        if (offender.value.isEmpty())
            return tr("(none)");
        return m_kind == OffenderKind::Reason ? reasonTitleOf(offender.value) : offender.value;
    case CountColumn:
        return QLocale().toString(offender.count);
    case ShareColumn:
        return tr("%1 %").arg(QLocale().toString(share * 100, 'f', 1));
    default:
        return {};
    }
}

QVariant TopOffendersModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return QAbstractTableModel::headerData(section, orientation, role);
    if (section == CountColumn)
        return tr("Refusals");
    if (section == ShareColumn)
        return tr("Share");
    switch (m_kind) {
    case OffenderKind::Address:
        return tr("Address");
    case OffenderKind::User:
        return tr("User");
    case OffenderKind::Origin:
        return tr("Origin");
    case OffenderKind::Reason:
        break;
    }
    return tr("Reason");
}

} // namespace gatehouse
