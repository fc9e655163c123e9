// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/columns.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include "shared/util/compactjson.h"

namespace gatehouse {

Status addColumns(Database &database, const QString &table, const QString &column, const char *sql)
{
    bool isThere = false;
    { // the statement must have ended before the table changes
        Statement row = database.prepare("SELECT COUNT(*) FROM pragma_table_info(?) WHERE name = ?");
        row.bind(1, table).bind(2, column);
        isThere = row.nextRow() && row.integer(0) > 0;
        if (const Status status = row.status(); !status)
            return status;
    }
    return isThere ? ok() : database.execute(sql);
}

namespace jsoncolumn {

QString ofObject(const QJsonObject &object)
{
    return QString::fromUtf8(compactJson(object));
}

QJsonObject objectIn(const QString &text)
{
    return QJsonDocument::fromJson(text.toUtf8()).object();
}

QString ofValue(const QJsonValue &value)
{
    return QString::fromUtf8(compactJson(QJsonArray{ value }));
}

QJsonValue valueIn(QByteArrayView utf8)
{
    return QJsonDocument::fromJson(QByteArray::fromRawData(utf8.data(), utf8.size())).array().at(0);
}

} // namespace jsoncolumn

} // namespace gatehouse
