// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/nodesmodel.h"

#include <algorithm>

#include <QtCore/QLocale>

#include "console/models/tableexport.h"
#include "console/models/titles.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

bool isNodeNumber(int column)
{
    return column == NodesModel::ConnectionsColumn || column == NodesModel::MessagesColumn
        || column == NodesModel::RefusalsColumn;
}

qint64 numberOf(const NodeInfo &node, int column)
{
    return column == NodesModel::ConnectionsColumn ? node.activeConnections
        : column == NodesModel::MessagesColumn     ? node.messagesPerMinute
                                                   : node.refusalsPerMinute;
}

constexpr std::chrono::seconds kRightClock{ 1 }; ///< nearer than this nobody minds

/// How far the node's clock is from Redis'; empty where that is not known, as on a server alone.
QString clockText(const NodeInfo &node)
{
    if (!node.clockSkew)
        return {};
    const std::chrono::milliseconds off = std::chrono::abs(*node.clockSkew);
    if (off < kRightClock)
        return NodesModel::tr("right");
    return (node.clockSkew->count() > 0 ? NodesModel::tr("%1 ahead") : NodesModel::tr("%1 behind"))
        .arg(durationText(off));
}

QString clockHelp(const NodeInfo &node)
{
    if (!node.clockSkew || std::chrono::abs(*node.clockSkew) < kRightClock)
        return {};
    return NodesModel::tr(
        "Its clock and Redis' differ. Bans and notifications end by Redis' clock on every node; tokens are "
        "judged by this one. Let it be set by NTP.");
}

bool isNamed(const std::vector<NodeInfo> &nodes, const QString &name)
{
    return std::any_of(nodes.begin(), nodes.end(), [&](const NodeInfo &node) { return node.name == name; });
}

} // namespace

QString nodeStateTitle(const NodeInfo &node)
{
    switch (node.state) {
    case NodeState::Up:
        return node.isAlone ? NodesModel::tr("Up, alone") : NodesModel::tr("Up");
    case NodeState::Lost:
        return NodesModel::tr("Lost");
    case NodeState::Left:
        return NodesModel::tr("Has left");
    case NodeState::Unknown:
        break;
    }
    return NodesModel::tr("Not known");
}

QString nodeStateHelp(const NodeInfo &node)
{
    switch (node.state) {
    case NodeState::Up:
        if (!node.isAlone)
            return NodesModel::tr("It serves, and shares everything with the others.");
        return NodesModel::tr("It serves, but cannot reach Redis in time: it holds the limits by itself.")
            + (node.aloneReason.isEmpty() ? QString() : u" ("_s + node.aloneReason + u')');
    case NodeState::Lost:
        return NodesModel::tr("It has not been heard of for some seconds, and did not say that it ends.");
    case NodeState::Left:
        return NodesModel::tr("It said that it ends.");
    case NodeState::Unknown:
        break;
    }
    return NodesModel::tr("The node that answers cannot reach Redis, and so does not know.");
}

NodesModel::NodesModel(AdminClient &client, const Clock &clock, QObject *parent)
    : QAbstractTableModel(parent)
    , m_client(client)
    , m_clock(clock)
{
}

void NodesModel::refresh()
{
    if (m_isLoading)
        return;
    m_isLoading = true;
    m_client.fetchNodes(this, [this, generation = m_generation](const ApiResult<NodesReply> &reply) {
        if (generation != m_generation)
            return;
        m_isLoading = false;
        m_error = reply ? QString() : problemText(reply.problem());
        if (reply)
            take(*reply);
        Q_EMIT statusChanged();
    });
}

void NodesModel::clear()
{
    ++m_generation;
    beginResetModel();
    m_rows.clear();
    m_redis.reset();
    m_error.clear();
    m_isKnown = false;
    m_isLoading = false;
    endResetModel();
    Q_EMIT statusChanged();
}

int NodesModel::rowOf(const QString &name) const
{
    const auto found
        = std::find_if(m_rows.begin(), m_rows.end(), [&](const NodeInfo &node) { return node.name == name; });
    return found == m_rows.end() ? -1 : int(found - m_rows.begin());
}

void NodesModel::removeMissing(const std::vector<NodeInfo> &nodes)
{
    for (int row = rowCount() - 1; row >= 0; --row) {
        if (isNamed(nodes, at(row).name))
            continue;
        beginRemoveRows({}, row, row);
        m_rows.erase(m_rows.begin() + row);
        endRemoveRows();
    }
}

void NodesModel::take(const NodesReply &reply)
{
    m_isKnown = true;
    m_redis = reply.redis;
    removeMissing(reply.nodes);
    for (size_t place = 0; place < reply.nodes.size(); ++place) {
        const NodeInfo &node = reply.nodes[place];
        if (const int row = rowOf(node.name); row >= 0) {
            m_rows[size_t(row)] = node;
            Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
            continue;
        }
        const int row = int(std::min(place, m_rows.size()));
        beginInsertRows({}, row, row);
        m_rows.insert(m_rows.begin() + row, node);
        endInsertRows();
    }
}

int NodesModel::upCount() const
{
    return int(
        std::count_if(m_rows.begin(), m_rows.end(), [](const NodeInfo &node) { return node.state == NodeState::Up; }));
}

bool NodesModel::hasAlone() const
{
    return std::any_of(
        m_rows.begin(), m_rows.end(), [](const NodeInfo &node) { return node.state == NodeState::Up && node.isAlone; });
}

int NodesModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int NodesModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant NodesModel::displayData(const NodeInfo &node, int column) const
{
    switch (column) {
    case NameColumn:
        return node.isThis && m_redis ? tr("%1 (answers)").arg(node.name) : node.name;
    case StateColumn:
        return nodeStateTitle(node);
    case AgeColumn:
        return node.age ? tr("%1 ago").arg(durationText(*node.age)) : tr("now");
    case ClockColumn:
        return clockText(node);
    case ConnectionsColumn:
    case MessagesColumn:
    case RefusalsColumn:
        return QLocale().toString(numberOf(node, column));
    case VersionColumn:
        return node.version;
    case StartedColumn:
        return recentTime(node.startedAt, m_clock.utc());
    case UrlColumn:
        return node.url;
    default:
        return {};
    }
}

QVariant NodesModel::exportData(const NodeInfo &node, int column)
{
    switch (column) {
    case NameColumn:
        return node.name;
    case StateColumn:
        return QString(nodeStateName(node.state));
    case AgeColumn:
        return node.age ? QString::number(double(node.age->count()) / 1000.0, 'f', 3) : u"0"_s;
    case ClockColumn:
        return node.clockSkew ? QString::number(double(node.clockSkew->count()) / 1000.0, 'f', 3) : QString();
    case StartedColumn:
        return isoMillis(node.startedAt);
    default:
        return isNodeNumber(column) ? QVariant(QString::number(numberOf(node, column))) : QVariant();
    }
}

QVariant NodesModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const NodeInfo &node = at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return displayData(node, index.column());
    case IdRole:
        return node.name;
    case Qt::ToolTipRole:
        return index.column() == StateColumn  ? QVariant(nodeStateHelp(node))
            : index.column() == ClockColumn   ? QVariant(clockHelp(node))
            : index.column() == StartedColumn ? QVariant(dateAndTime(node.startedAt))
                                              : QVariant();
    case kExportRole:
        return exportData(node, index.column());
    case Qt::TextAlignmentRole:
        return isNodeNumber(index.column()) ? QVariant(int(Qt::AlignRight | Qt::AlignVCenter)) : QVariant();
    default:
        return {};
    }
}

QVariant NodesModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole && isNodeNumber(section))
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return QAbstractTableModel::headerData(section, orientation, role);
    switch (section) {
    case NameColumn:
        return tr("Node");
    case StateColumn:
        return tr("State");
    case AgeColumn:
        return tr("Last sign");
    case ClockColumn:
        return tr("Clock");
    case ConnectionsColumn:
        return tr("Connections");
    case MessagesColumn:
        return tr("Messages/min");
    case RefusalsColumn:
        return tr("Refusals/min");
    case VersionColumn:
        return tr("Version");
    case StartedColumn:
        return tr("Started");
    case UrlColumn:
        return tr("Address");
    default:
        return {};
    }
}

} // namespace gatehouse
