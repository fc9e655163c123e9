// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/connection/calllog.h"

#include <QtCore/QDateTime>
#include <QtCore/QLocale>

#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

CallLog::CallLog(QObject *parent)
    : QAbstractTableModel(parent)
{
}

void CallLog::record(CallRecord call)
{
    if (m_calls.size() >= kMaxRecords) {
        const int last = int(m_calls.size()) - 1;
        beginRemoveRows({}, last, last);
        m_calls.pop_back();
        endRemoveRows();
    }
    beginInsertRows({}, 0, 0);
    m_calls.push_front(std::move(call));
    ++m_recorded;
    endInsertRows();
}

void CallLog::clear()
{
    beginResetModel();
    m_calls.clear();
    endResetModel();
}

int CallLog::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_calls.size());
}

int CallLog::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant CallLog::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const CallRecord &call = at(index.row());
    if (role == IdRole)
        return m_recorded - index.row();
    if (role == CurlRole || role == Qt::ToolTipRole)
        return call.curl;
    if (role == Qt::TextAlignmentRole && (index.column() == StatusColumn || index.column() == DurationColumn))
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case TimeColumn:
        return QDateTime::fromMSecsSinceEpoch(toEpochMillis(call.at)).toString("HH:mm:ss.zzz"_L1);
    case MethodColumn:
        return call.method;
    case PathColumn:
        return call.path;
    case StatusColumn:
        return call.status > 0 ? QString::number(call.status) : u"–"_s;
    case DurationColumn:
        return tr("%1 ms").arg(QLocale().toString(qint64(call.duration.count())));
    case ErrorColumn:
        return call.error;
    default:
        return {};
    }
}

QVariant CallLog::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole
        && (section == StatusColumn || section == DurationColumn))
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return QAbstractTableModel::headerData(section, orientation, role);
    switch (section) {
    case TimeColumn:
        return tr("Time");
    case MethodColumn:
        return tr("Method");
    case PathColumn:
        return tr("Path");
    case StatusColumn:
        return tr("Status");
    case DurationColumn:
        return tr("Duration");
    case ErrorColumn:
        return tr("Error");
    default:
        return {};
    }
}

namespace {

QString shellQuoted(QString text)
{
    return u'\'' + text.replace(u'\'', "'\\''"_L1) + u'\'';
}

} // namespace

QString curlCommand(const QString &method, const QString &url, const QByteArray &body, const QString &ifMatch)
{
    QString command = u"curl -sS"_s;
    if (method != "GET"_L1)
        command += " -X "_L1 + method;
    command += " -H \"Authorization: Bearer $TOKEN\""_L1;
    if (!ifMatch.isEmpty())
        command += " -H "_L1 + shellQuoted("If-Match: "_L1 + ifMatch);
    if (!body.isEmpty())
        command += " -H 'Content-Type: application/json' --data "_L1 + shellQuoted(QString::fromUtf8(body));
    return command + u' ' + shellQuoted(url);
}

} // namespace gatehouse
