// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/accessmodel.h"

#include <QtCore/QLocale>

#include "console/models/tableexport.h"
#include "console/models/titles.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

AccessModel::AccessModel(AdminClient &client, const Clock &clock, QObject *parent)
    : QAbstractTableModel(parent)
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
    refresh();
}

void AccessModel::refresh()
{
    ++m_generation;
    load({});
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
        load(m_nextCursor);
}

void AccessModel::load(const QString &cursor)
{
    m_isLoading = true;
    m_query.cursor = cursor;
    m_client.fetchAccess(m_query, this,
        [this, generation = m_generation, isFirst = cursor.isEmpty()](const ApiResult<AccessRulePage> &page) {
            if (generation != m_generation)
                return;
            m_error = page ? QString() : problemText(page.problem());
            if (page)
                pageLoaded(*page, isFirst); // a view may ask for more within: not before all are in
            m_isLoading = false;
            Q_EMIT statusChanged();
        });
}

void AccessModel::pageLoaded(const AccessRulePage &page, bool isFirst)
{
    m_total = page.total;
    m_nextCursor = page.nextCursor;
    if (isFirst) {
        if (page.rules == m_rows)
            return; // so that a refresh takes nobody's selection away
        beginResetModel();
        m_rows = page.rules;
        endResetModel();
    } else if (!page.rules.empty()) {
        beginInsertRows({}, rowCount(), rowCount() + int(page.rules.size()) - 1);
        m_rows.insert(m_rows.end(), page.rules.begin(), page.rules.end());
        endInsertRows();
    }
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
