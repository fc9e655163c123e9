// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/connectionsmodel.h"

#include <algorithm>
#include <utility>

#include <QtCore/QHash>
#include <QtCore/QLocale>
#include <QtCore/QSet>

#include "console/models/tableexport.h"
#include "console/models/titles.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// What the server sorts by for a column; its names are those of ConnectionInfo's JSON.
QString sortName(int column)
{
    switch (column) {
    case ConnectionsModel::UserColumn:
        return u"user"_s;
    case ConnectionsModel::AddressColumn:
        return u"address"_s;
    case ConnectionsModel::OriginColumn:
        return u"origin"_s;
    case ConnectionsModel::AgeColumn:
        return u"connected_at"_s;
    case ConnectionsModel::MessagesInColumn:
        return u"messages_in"_s;
    case ConnectionsModel::MessagesOutColumn:
        return u"messages_out"_s;
    case ConnectionsModel::LastMinuteColumn:
        return u"messages_last_minute"_s;
    case ConnectionsModel::QueueColumn:
        return u"queued_bytes"_s;
    case ConnectionsModel::UserAgentColumn:
        return u"user_agent"_s;
    case ConnectionsModel::WorkerColumn:
        return u"worker"_s;
    case ConnectionsModel::IdColumn:
        return u"id"_s;
    case ConnectionsModel::NodeColumn:
        return u"node"_s;
    default:
        return {};
    }
}

bool isConnectionNumber(int column)
{
    return (column >= ConnectionsModel::AgeColumn && column <= ConnectionsModel::QueueColumn)
        || column == ConnectionsModel::WorkerColumn;
}

/// For other programs: times as ISO, numbers bare. Invalid: as it is shown.
QVariant exportData(const ConnectionInfo &info, int column)
{
    switch (column) {
    case ConnectionsModel::AgeColumn:
        return isoMillis(info.connectedAt);
    case ConnectionsModel::MessagesInColumn:
        return info.messagesIn;
    case ConnectionsModel::MessagesOutColumn:
        return info.messagesOut;
    case ConnectionsModel::LastMinuteColumn:
        return info.messagesLastMinute;
    case ConnectionsModel::QueueColumn:
        return info.queuedBytes;
    default:
        return {};
    }
}

} // namespace

ConnectionsModel::ConnectionsModel(AdminClient &client, const Clock &clock, QObject *parent)
    : PagedModel(parent)
    , m_client(client)
    , m_clock(clock)
{
}

void ConnectionsModel::setFilter(const QString &filter)
{
    if (m_filter == filter)
        return;
    m_filter = filter;
    restart();
}

void ConnectionsModel::sort(int column, Qt::SortOrder order)
{
    const QString name = sortName(column);
    // The oldest connection is the one that connected first.
    const bool isDescending = (order == Qt::DescendingOrder) != (column == AgeColumn);
    if (name == m_sort && (name.isEmpty() || isDescending == m_isDescending))
        return;
    m_sort = name;
    m_isDescending = isDescending;
    restart();
}

void ConnectionsModel::restart()
{
    ++m_generation;
    m_isLoading = false;
    start({}, kPageSize, false);
}

void ConnectionsModel::refresh()
{
    if (!m_isLoading)
        start({}, std::max(m_rows.size(), size_t(kPageSize)), false);
}

void ConnectionsModel::clear()
{
    ++m_generation;
    beginResetModel();
    m_rows.clear();
    m_nextCursor.clear();
    m_error.clear();
    m_missingNodes.clear();
    m_total = 0;
    m_isLoading = false;
    endResetModel();
    Q_EMIT statusChanged();
}

bool ConnectionsModel::canFetchMore(const QModelIndex &parent) const
{
    return !parent.isValid() && !m_isLoading && !m_nextCursor.isEmpty();
}

void ConnectionsModel::fetchMore(const QModelIndex &parent)
{
    if (canFetchMore(parent))
        start(m_nextCursor, kPageSize, true);
}

void ConnectionsModel::start(const QString &cursor, size_t wantedRows, bool isAppending)
{
    m_incoming.start(wantedRows);
    m_isLoading = true;
    Q_EMIT statusChanged();
    load(cursor, isAppending);
}

void ConnectionsModel::load(const QString &cursor, bool isAppending)
{
    ConnectionQuery query;
    query.filter = m_filter;
    query.sort = m_sort;
    query.isDescending = m_isDescending;
    query.cursor = cursor;
    query.limit = kPageSize;
    m_client.fetchConnections(
        query, this, [this, generation = m_generation, isAppending](const ApiResult<ConnectionPage> &page) {
            if (generation != m_generation)
                return;
            if (page) {
                pageLoaded(*page, isAppending);
                return;
            }
            m_isLoading = false;
            m_error = problemText(page.problem());
            Q_EMIT statusChanged();
        });
}

void ConnectionsModel::pageLoaded(const ConnectionPage &page, bool isAppending)
{
    m_total = page.total;
    m_missingNodes = page.missingNodes;
    if (!m_incoming.add(page.connections, page.nextCursor)) {
        load(page.nextCursor, isAppending);
        return;
    }
    m_nextCursor = page.nextCursor;
    m_error.clear();
    // A view may ask for more as soon as rows come in: until all are in, the answer is no.
    const std::vector<ConnectionInfo> rows = m_incoming.take();
    if (isAppending)
        appendNew(rows);
    else
        merge(rows);
    m_isLoading = false;
    Q_EMIT statusChanged();
}

void ConnectionsModel::merge(const std::vector<ConnectionInfo> &rows)
{
    removeVanished(rows);
    appendNew(rows);
    reorder(rows);
}

void ConnectionsModel::removeVanished(const std::vector<ConnectionInfo> &rows)
{
    QSet<QString> present;
    present.reserve(qsizetype(rows.size()));
    for (const ConnectionInfo &info : rows)
        present.insert(info.id);
    // From the end, in runs, so that row numbers stay true and few signals are sent.
    for (int last = rowCount() - 1; last >= 0; --last) {
        if (present.contains(at(last).id))
            continue;
        int first = last;
        while (first > 0 && !present.contains(at(first - 1).id))
            --first;
        beginRemoveRows({}, first, last);
        m_rows.erase(m_rows.begin() + first, m_rows.begin() + last + 1);
        endRemoveRows();
        last = first;
    }
}

void ConnectionsModel::appendNew(const std::vector<ConnectionInfo> &rows)
{
    QSet<QString> known;
    known.reserve(qsizetype(m_rows.size()));
    for (const ConnectionInfo &info : m_rows)
        known.insert(info.id);
    std::vector<ConnectionInfo> fresh;
    for (const ConnectionInfo &info : rows) {
        if (!known.contains(info.id)) {
            known.insert(info.id);
            fresh.push_back(info);
        }
    }
    if (fresh.empty())
        return;
    beginInsertRows({}, rowCount(), rowCount() + int(fresh.size()) - 1);
    m_rows.insert(m_rows.end(), fresh.begin(), fresh.end());
    endInsertRows();
}

/// Takes over values and order of `rows`, which by now are the same connections as m_rows.
void ConnectionsModel::reorder(const std::vector<ConnectionInfo> &rows)
{
    QHash<QString, int> places;
    places.reserve(qsizetype(rows.size()));
    std::vector<ConnectionInfo> ordered;
    ordered.reserve(rows.size());
    for (const ConnectionInfo &info : rows) {
        // A connection that moved while the pages were read may be on two of them.
        if (places.contains(info.id))
            continue;
        places.insert(info.id, int(ordered.size()));
        ordered.push_back(info);
    }
    const bool isSameOrder = std::equal(ordered.begin(), ordered.end(), m_rows.begin(), m_rows.end(),
        [](const ConnectionInfo &a, const ConnectionInfo &b) { return a.id == b.id; });
    if (!isSameOrder) {
        Q_EMIT layoutAboutToBeChanged({}, VerticalSortHint);
        QModelIndexList from = persistentIndexList();
        QModelIndexList to;
        to.reserve(from.size());
        for (const QModelIndex &old : std::as_const(from))
            to.append(index(places.value(at(old.row()).id), old.column()));
        m_rows = std::move(ordered);
        changePersistentIndexList(from, to);
        Q_EMIT layoutChanged({}, VerticalSortHint);
    } else {
        m_rows = std::move(ordered);
    }
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

std::unique_ptr<PagedModel> ConnectionsModel::twin() const
{
    auto twin = std::make_unique<ConnectionsModel>(m_client, m_clock);
    twin->m_filter = m_filter;
    twin->m_sort = m_sort;
    twin->m_isDescending = m_isDescending;
    return twin;
}

int ConnectionsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int ConnectionsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ConnectionsModel::displayData(const ConnectionInfo &info, int column) const
{
    const QLocale locale;
    switch (column) {
    case UserColumn:
        return info.user;
    case AddressColumn:
        return info.address;
    case OriginColumn:
        return info.origin;
    case AgeColumn:
        return durationText(m_clock.utc() - info.connectedAt);
    case MessagesInColumn:
        return locale.toString(info.messagesIn);
    case MessagesOutColumn:
        return locale.toString(info.messagesOut);
    case LastMinuteColumn:
        return locale.toString(info.messagesLastMinute);
    case QueueColumn:
        return bytesText(info.queuedBytes);
    case UserAgentColumn:
        return info.userAgent;
    case WorkerColumn:
        return info.worker;
    case IdColumn:
        return info.id;
    case NodeColumn:
        return info.node;
    default:
        return {};
    }
}

QVariant ConnectionsModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const ConnectionInfo &info = at(index.row());
    if (role == Qt::DisplayRole)
        return displayData(info, index.column());
    if (role == IdRole)
        return info.id;
    if (role == Qt::ToolTipRole && index.column() == AgeColumn)
        return dateAndTime(info.connectedAt);
    if (role == kExportRole)
        return exportData(info, index.column());
    if (role == Qt::TextAlignmentRole && isConnectionNumber(index.column()))
        return int(Qt::AlignRight | Qt::AlignVCenter);
    return {};
}

QVariant ConnectionsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole && isConnectionNumber(section))
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return QAbstractTableModel::headerData(section, orientation, role);
    switch (section) {
    case UserColumn:
        return tr("User");
    case AddressColumn:
        return tr("Address");
    case OriginColumn:
        return tr("Origin");
    case AgeColumn:
        return tr("Connected for");
    case MessagesInColumn:
        return tr("In");
    case MessagesOutColumn:
        return tr("Out");
    case LastMinuteColumn:
        return tr("Last minute");
    case QueueColumn:
        return tr("Queue");
    case UserAgentColumn:
        return tr("Client");
    case WorkerColumn:
        return tr("Worker");
    case IdColumn:
        return tr("Connection");
    case NodeColumn:
        return tr("Node");
    default:
        return {};
    }
}

} // namespace gatehouse
