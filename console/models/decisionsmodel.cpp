// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/decisionsmodel.h"

#include <algorithm>

#include <QtCore/QLocale>

#include "console/models/tableexport.h"
#include "console/models/titles.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

bool DecisionFilter::accepts(const Decision &decision) const
{
    if (reason && decision.reason != *reason)
        return false;
    if (!guard.isEmpty() && reasonDescriptor(decision.reason).guard != guard)
        return false;
    if (interval && !interval->contains(decision.at))
        return false;
    if (text.isEmpty())
        return true;
    const auto has = [this](const QString &where) { return where.contains(text, Qt::CaseInsensitive); };
    return has(decision.address) || has(decision.user) || has(decision.origin) || has(decision.tokenFingerprint)
        || has(decision.detail) || has(decision.id);
}

DecisionQuery DecisionFilter::toQuery() const
{
    DecisionQuery query;
    query.guard = guard;
    if (reason) {
        query.guard = reasonDescriptor(*reason).guard;
        query.reason = reasonDescriptor(*reason).code;
    }
    if (interval) {
        query.from = interval->from;
        query.to = interval->to;
    }
    query.limit = 1000;
    return query;
}

DecisionsModel::DecisionsModel(const Clock &clock, QObject *parent)
    : QAbstractTableModel(parent)
    , m_clock(clock)
{
}

void DecisionsModel::add(const std::vector<Decision> &decisions, qint64 skipped)
{
    std::vector<Decision> fresh;
    for (auto decision = decisions.rbegin(); decision != decisions.rend(); ++decision) {
        if (m_ids.insert(decision->id).second)
            fresh.push_back(*decision);
    }
    m_skipped += skipped;
    if (m_isPaused) {
        m_pending.insert(m_pending.begin(), fresh.begin(), fresh.end());
        while (m_pending.size() > kMaxRows) {
            m_ids.erase(m_pending.back().id);
            m_pending.pop_back();
        }
    } else {
        prepend(fresh);
    }
    if (m_isPaused || skipped > 0)
        Q_EMIT tailChanged();
}

void DecisionsModel::prepend(const std::vector<Decision> &newestFirst)
{
    if (newestFirst.empty())
        return;
    m_all.insert(m_all.begin(), newestFirst.begin(), newestFirst.end());
    std::vector<Decision> shown;
    std::copy_if(newestFirst.begin(), newestFirst.end(), std::back_inserter(shown),
        [this](const Decision &decision) { return m_filter.accepts(decision); });
    if (!shown.empty()) {
        beginInsertRows({}, 0, int(shown.size()) - 1);
        m_visible.insert(m_visible.begin(), shown.begin(), shown.end());
        endInsertRows();
    }
    trim();
}

void DecisionsModel::trim()
{
    if (m_all.size() <= kMaxRows)
        return;
    std::set<QString> dropped;
    while (m_all.size() > kMaxRows) {
        dropped.insert(m_all.back().id);
        m_ids.erase(m_all.back().id);
        m_all.pop_back();
    }
    // m_visible has the order of m_all, so what was dropped is at its end.
    size_t keep = m_visible.size();
    while (keep > 0 && dropped.count(m_visible[keep - 1].id) > 0)
        --keep;
    if (keep == m_visible.size())
        return;
    beginRemoveRows({}, int(keep), rowCount() - 1);
    m_visible.resize(keep);
    endRemoveRows();
}

void DecisionsModel::addHistory(const std::vector<Decision> &decisions)
{
    const size_t before = m_all.size();
    for (const Decision &decision : decisions) {
        if (m_ids.insert(decision.id).second)
            m_all.push_back(decision);
    }
    if (m_all.size() == before)
        return;
    std::stable_sort(m_all.begin(), m_all.end(), [](const Decision &a, const Decision &b) { return a.at > b.at; });
    while (m_all.size() > kMaxRows) {
        m_ids.erase(m_all.back().id);
        m_all.pop_back();
    }
    rebuildVisible();
}

void DecisionsModel::clear()
{
    beginResetModel();
    m_all.clear();
    m_visible.clear();
    m_pending.clear();
    m_ids.clear();
    m_skipped = 0;
    endResetModel();
    Q_EMIT tailChanged();
}

void DecisionsModel::setPaused(bool isPaused)
{
    if (m_isPaused == isPaused)
        return;
    m_isPaused = isPaused;
    if (!isPaused) {
        const std::vector<Decision> waiting(m_pending.begin(), m_pending.end());
        m_pending.clear();
        prepend(waiting);
    }
    Q_EMIT tailChanged();
}

void DecisionsModel::setFilter(const DecisionFilter &filter)
{
    if (m_filter == filter)
        return;
    m_filter = filter;
    rebuildVisible();
}

void DecisionsModel::rebuildVisible()
{
    beginResetModel();
    m_visible.clear();
    std::copy_if(m_all.begin(), m_all.end(), std::back_inserter(m_visible),
        [this](const Decision &decision) { return m_filter.accepts(decision); });
    endResetModel();
}

int DecisionsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_visible.size());
}

int DecisionsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant DecisionsModel::exportData(const Decision &decision, int column)
{
    switch (column) {
    case TimeColumn:
        return isoMillis(decision.at);
    case GuardColumn:
        return QString(reasonDescriptor(decision.reason).guard);
    case ReasonColumn:
        return QString(reasonDescriptor(decision.reason).code);
    case ObservedColumn:
        if (decision.observed && decision.limit)
            return u"%1/%2"_s.arg(*decision.observed).arg(*decision.limit);
        return decision.observed ? QString::number(*decision.observed) : QString();
    case ActionColumn:
        return decision.isEnforced ? u"refused"_s : u"observed"_s;
    default:
        return {};
    }
}

QVariant DecisionsModel::displayData(const Decision &decision, int column) const
{
    const QLocale locale;
    switch (column) {
    case TimeColumn:
        return recentTime(decision.at, m_clock.utc());
    case GuardColumn:
        return guardTitle(reasonDescriptor(decision.reason).guard);
    case ReasonColumn:
        return reasonTitle(decision.reason);
    case AddressColumn:
        return decision.address;
    case UserColumn:
        return decision.user;
    case OriginColumn:
        return decision.origin;
    case ObservedColumn:
        if (decision.observed && decision.limit)
            return u"%1 / %2"_s.arg(locale.toString(*decision.observed), locale.toString(*decision.limit));
        return decision.observed ? locale.toString(*decision.observed) : QString();
    case ActionColumn:
        return decision.isEnforced ? tr("Refused") : tr("Observed");
    case NodeColumn:
        return decision.node;
    default:
        return {};
    }
}

QVariant DecisionsModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Decision &decision = at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return displayData(decision, index.column());
    case kExportRole:
        return exportData(decision, index.column());
    case Qt::ToolTipRole:
        return index.column() == TimeColumn ? QVariant(dateAndTime(decision.at)) : QVariant();
    case IdRole:
        return decision.id;
    case GuardRole:
        return QString(reasonDescriptor(decision.reason).guard);
    case AddressRole:
        return decision.address;
    case IsEnforcedRole:
        return decision.isEnforced;
    case Qt::TextAlignmentRole:
        return index.column() == ObservedColumn ? QVariant(int(Qt::AlignRight | Qt::AlignVCenter)) : QVariant();
    default:
        return {};
    }
}

QVariant DecisionsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole && section == ObservedColumn)
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return QAbstractTableModel::headerData(section, orientation, role);
    switch (section) {
    case TimeColumn:
        return tr("Time");
    case GuardColumn:
        return tr("Guard");
    case ReasonColumn:
        return tr("Reason");
    case AddressColumn:
        return tr("Address");
    case UserColumn:
        return tr("User");
    case OriginColumn:
        return tr("Origin");
    case ObservedColumn:
        return tr("Seen / limit");
    case ActionColumn:
        return tr("Action");
    case NodeColumn:
        return tr("Node");
    default:
        return {};
    }
}

} // namespace gatehouse
