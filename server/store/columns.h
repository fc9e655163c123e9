// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QJsonObject>

#include "server/store/database.h"

namespace gatehouse {

/// Gives a table of an earlier version the columns that came later. `sql` adds them, `column` is one of them; nothing
/// happens if the table has it.
[[nodiscard]] Status addColumns(Database &database, const QString &table, const QString &column, const char *sql);

/// How a text column holds JSON, in its shortest form.
namespace jsoncolumn {

[[nodiscard]] QString ofObject(const QJsonObject &object);
/// Empty if the text is no object.
[[nodiscard]] QJsonObject objectIn(const QString &text);
/// JSON documents are objects or arrays only: any value is stored as the one element of an array.
[[nodiscard]] QString ofValue(const QJsonValue &value);
/// Undefined if the text is no such array.
[[nodiscard]] QJsonValue valueIn(QByteArrayView utf8);

} // namespace jsoncolumn

} // namespace gatehouse
