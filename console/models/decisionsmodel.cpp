// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/decisionsmodel.h"

#include <algorithm>
#include <iterator>

#include <QtCore/QLocale>

#include "console/models/tableexport.h"
#include "console/models/titles.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

DecisionsModel::DecisionsModel(AdminClient &client, const Clock &clock, QObject *parent)
    : PagedModel(parent)
    , m_client(client)
    , m_clock(clock)
{
}

void DecisionsModel::add(const std::vector<Decision> &decisions, qint64 skipped)
{
    std::vector<Decision> fresh = m_tail.add(decisions);
    std::erase_if(fresh,
        [this](const Decision &decision) { return !m_filter.accepts(decision) || !m_ids.insert(decision.id).second; });
    m_skipped += skipped;
    if (m_isLoading) {
        for (const Decision &decision : fresh)
            m_sinceAsked.insert(decision.id);
    }
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
    beginInsertRows({}, 0, int(newestFirst.size()) - 1);
    m_rows.insert(m_rows.begin(), newestFirst.begin(), newestFirst.end());
    endInsertRows();
    m_total += qint64(newestFirst.size());
    trim();
    Q_EMIT statusChanged();
}

void DecisionsModel::trim()
{
    if (m_rows.size() <= m_room || (m_isLoading && !isTail())) // what is being loaded follows the last row
        return;
    beginRemoveRows({}, int(m_room), rowCount() - 1);
    for (size_t row = m_room; row < m_rows.size(); ++row)
        m_ids.erase(m_rows[row].id);
    m_rows.resize(m_room);
    endRemoveRows();
    if (!isTail())
        m_nextCursor = m_rows.back().id;
}

void DecisionsModel::clear()
{
    ++m_generation;
    m_tail.clear();
    m_pending.clear();
    m_nextCursor.clear();
    m_error.clear();
    m_total = 0;
    m_notStored = 0;
    m_skipped = 0;
    m_isLoading = false;
    setRows({});
    Q_EMIT tailChanged();
}

void DecisionsModel::setPaused(bool isPaused)
{
    if (m_isPaused == isPaused)
        return;
    m_isPaused = isPaused;
    if (!isPaused && isTail()) {
        showKnown(); // history may have come between
    } else if (!isPaused) {
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
    ++m_generation;
    m_isLoading = false;
    m_error.clear();
    m_nextCursor.clear();
    m_notStored = 0;
    showKnown(); // until the server has answered
    m_total = rowCount();
    Q_EMIT tailChanged();
    loadAnew(0); // the tail too: while it was not shown, nobody asked for what it missed
}

void DecisionsModel::showKnown()
{
    std::deque<Decision> rows;
    std::copy_if(m_tail.all().begin(), m_tail.all().end(), std::back_inserter(rows),
        [this](const Decision &decision) { return m_filter.accepts(decision); });
    m_pending.clear();
    setRows(std::move(rows));
}

void DecisionsModel::setRows(std::deque<Decision> rows)
{
    beginResetModel();
    m_rows = std::move(rows);
    m_room = std::max(kMaxRows, m_rows.size());
    m_ids.clear();
    for (const std::deque<Decision> *known : { &m_rows, &m_pending }) {
        for (const Decision &decision : *known)
            m_ids.insert(decision.id);
    }
    endResetModel();
    Q_EMIT statusChanged();
}

void DecisionsModel::refresh()
{
    if (!m_isLoading) // rows that came meanwhile are no reason for a page more
        loadAnew(isTail() ? 0 : m_rows.size() / kPageSize * kPageSize);
}

void DecisionsModel::loadAnew(size_t wantedRows)
{
    m_incoming.start(wantedRows);
    m_incomingTotal.reset();
    m_sinceAsked.clear();
    load({}, false);
}

bool DecisionsModel::canFetchMore(const QModelIndex &parent) const
{
    return !parent.isValid() && !m_isLoading && !m_nextCursor.isEmpty();
}

void DecisionsModel::fetchMore(const QModelIndex &parent)
{
    if (canFetchMore(parent))
        load(m_nextCursor, true);
}

void DecisionsModel::load(const QString &cursor, bool isMore)
{
    DecisionQuery query = m_filter.toQuery();
    query.cursor = cursor;
    query.limit = kPageSize;
    m_isLoading = true;
    Q_EMIT statusChanged();
    m_client.fetchDecisions(
        query, this, [this, generation = m_generation, isMore](const ApiResult<DecisionPage> &page) {
            if (generation != m_generation)
                return;
            m_error = page ? QString() : problemText(page.problem());
            if (page && !pageLoaded(*page, isMore)) // a view may ask for more within: not before all are in
                return;
            m_isLoading = false;
            Q_EMIT statusChanged();
        });
}

bool DecisionsModel::pageLoaded(const DecisionPage &page, bool isMore)
{
    if (isTail()) {
        if (m_tail.addHistory(page.decisions) && (!m_isPaused || m_rows.empty())) {
            showKnown();
            Q_EMIT tailChanged();
        }
        return true;
    }
    m_notStored = page.notStored;
    if (!isMore) {
        m_incomingTotal = m_incomingTotal.value_or(page.total); // the first knows of none but those before it
        if (!m_incoming.add(page.decisions, page.nextCursor)) {
            load(page.nextCursor, false);
            return false;
        }
    }
    m_nextCursor = page.nextCursor;
    if (isMore)
        append(page.decisions);
    else
        startAnew(m_incoming.take());
    return true;
}

void DecisionsModel::startAnew(const std::vector<Decision> &decisions)
{
    std::set<QString> answered;
    for (const Decision &decision : decisions)
        answered.insert(decision.id);
    // The answer has, in these rows or behind them, what came before the question; what came since, it may have or not.
    const auto isAnswered = [&](const Decision &decision) {
        return !m_sinceAsked.contains(decision.id) || answered.contains(decision.id);
    };
    std::deque<Decision> rows = m_rows;
    std::erase_if(rows, isAnswered);
    std::erase_if(m_pending, isAnswered);
    m_total = m_incomingTotal.value_or(0) + qint64(rows.size());
    rows.insert(rows.end(), decisions.begin(), decisions.end());
    setRows(std::move(rows));
    Q_EMIT tailChanged();
}

void DecisionsModel::append(const std::vector<Decision> &decisions)
{
    std::vector<Decision> fresh;
    std::copy_if(decisions.begin(), decisions.end(), std::back_inserter(fresh),
        [this](const Decision &decision) { return m_ids.insert(decision.id).second; });
    if (fresh.empty())
        return;
    m_room = std::max(m_room, m_rows.size() + fresh.size());
    beginInsertRows({}, rowCount(), rowCount() + int(fresh.size()) - 1);
    m_rows.insert(m_rows.end(), fresh.begin(), fresh.end());
    endInsertRows();
}

QString DecisionsModel::lack() const
{
    return m_notStored > 0 ? tr("%1 more of that time were counted by the server, but not kept one by one")
                                 .arg(QLocale().toString(m_notStored))
                           : QString();
}

std::unique_ptr<PagedModel> DecisionsModel::twin() const
{
    auto twin = std::make_unique<DecisionsModel>(m_client, m_clock);
    twin->m_filter = m_filter;
    twin->m_isTwin = true;
    return twin;
}

int DecisionsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
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
