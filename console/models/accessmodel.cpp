// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/accessmodel.h"

#include <QtCore/QLocale>

#include "console/models/tableexport.h"
#include "console/models/titles.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

AccessModel::AccessModel(AdminClient &client, const Clock &clock, QObject *parent)
    : PagedModel(parent)
    , m_client(client)
    , m_clock(clock)
{
}

void AccessModel::setList(AccessList list)
{
    if (m_query.list == list)
        return;
    m_query.list = list;
    clear(); // rows of one list must not be taken for those of the other
    refresh();
}

void AccessModel::setFilter(const QString &filter)
{
    if (m_query.filter == filter)
        return;
    m_query.filter = filter;
    loadAnew(0);
}

void AccessModel::refresh()
{
    loadAnew(m_rows.size());
}

void AccessModel::loadAnew(size_t wantedRows)
{
    ++m_generation;
    m_incoming.start(wantedRows);
    load({}, false);
}

void AccessModel::clear()
{
    ++m_generation;
    beginResetModel();
    m_rows.clear();
    m_nextCursor.clear();
    m_error.clear();
    m_total = 0;
    m_isLoading = false;
    endResetModel();
    Q_EMIT statusChanged();
}

bool AccessModel::canFetchMore(const QModelIndex &parent) const
{
    return !parent.isValid() && !m_isLoading && !m_nextCursor.isEmpty();
}

void AccessModel::fetchMore(const QModelIndex &parent)
{
    if (canFetchMore(parent))
        load(m_nextCursor, true);
}

void AccessModel::load(const QString &cursor, bool isMore)
{
    m_isLoading = true;
    m_query.cursor = cursor;
    Q_EMIT statusChanged();
    m_client.fetchAccess(
        m_query, this, [this, generation = m_generation, isMore](const ApiResult<AccessRulePage> &page) {
            if (generation != m_generation)
                return;
            m_error = page ? QString() : problemText(page.problem());
            if (page && isMore)
                append(*page); // a view may ask for more within: not before all are in
            else if (page && !takeAnew(*page))
                return; // there is more to come
            m_isLoading = false;
            Q_EMIT statusChanged();
        });
}

void AccessModel::append(const AccessRulePage &page)
{
    m_total = page.total;
    m_nextCursor = page.nextCursor;
    if (page.rules.empty())
        return;
    beginInsertRows({}, rowCount(), rowCount() + int(page.rules.size()) - 1);
    m_rows.insert(m_rows.end(), page.rules.begin(), page.rules.end());
    endInsertRows();
}

bool AccessModel::takeAnew(const AccessRulePage &page)
{
    if (!m_incoming.add(page.rules, page.nextCursor)) {
        load(page.nextCursor, false);
        return false;
    }
    m_total = page.total;
    m_nextCursor = page.nextCursor;
    const std::vector<AccessRule> rows = m_incoming.take();
    if (rows == m_rows)
        return true; // so that a refresh moves nothing
    beginResetModel();
    m_rows = rows;
    endResetModel();
    return true;
}

std::unique_ptr<PagedModel> AccessModel::twin() const
{
    auto twin = std::make_unique<AccessModel>(m_client, m_clock);
    twin->m_query = m_query;
    return twin;
}

int AccessModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int AccessModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString AccessModel::expiryText(const AccessRule &rule) const
{
    if (!rule.expiresAt)
        return tr("when lifted");
    const auto left = *rule.expiresAt - m_clock.utc();
    return left.count() > 0 ? tr("in %1").arg(durationText(left)) : tr("now");
}

QVariant AccessModel::displayData(const AccessRule &rule, int column) const
{
    switch (column) {
    case KindColumn:
        return accessKindTitle(rule);
    case ValueColumn:
        return rule.limit ? tr("%1 (%2 connections each)").arg(rule.value, QLocale().toString(*rule.limit))
                          : rule.value;
    case ReasonColumn:
        return rule.reason;
    case ExpiresColumn:
        return expiryText(rule);
    case CreatedColumn:
        return recentTime(rule.createdAt, m_clock.utc());
    case ByColumn:
        return rule.createdBy;
    case NoteColumn:
        return rule.note;
    default:
        return {};
    }
}

QVariant AccessModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const AccessRule &rule = at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return displayData(rule, index.column());
    case IdRole:
        return rule.id;
    case Qt::ToolTipRole:
        return index.column() == ExpiresColumn && rule.expiresAt ? dateAndTime(*rule.expiresAt) : QVariant();
    case kExportRole:
        if (index.column() == CreatedColumn)
            return isoMillis(rule.createdAt);
        if (index.column() == ExpiresColumn)
            return rule.expiresAt ? isoMillis(*rule.expiresAt) : QString();
        return {};
    default:
        return {};
    }
}

QVariant AccessModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return QAbstractTableModel::headerData(section, orientation, role);
    switch (section) {
    case KindColumn:
        return tr("Kind");
    case ValueColumn:
        return tr("What");
    case ReasonColumn:
        return tr("Reason");
    case ExpiresColumn:
        return tr("Ends");
    case CreatedColumn:
        return tr("Since");
    case ByColumn:
        return tr("By");
    case NoteColumn:
        return tr("Note");
    default:
        return {};
    }
}

} // namespace gatehouse
