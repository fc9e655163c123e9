// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QAbstractItemModel>
#include <QtCore/QByteArray>
#include <QtCore/QList>

#include "shared/protocol/historyreply.h"

/// What leaves the console as text: tables and series as files for other programs, cells for the clipboard. Times are
/// ISO 8601 in UTC, numbers without grouping, whatever the user's language.
namespace gatehouse {

/// A model answers this role with a cell's value for other programs (an ISO time, a plain number) where that differs
/// from what is shown.
inline constexpr int kExportRole = Qt::UserRole + 1000;

/// One cell for other programs: kExportRole, else what is shown.
[[nodiscard]] QString exportText(const QModelIndex &index);

/// Some columns of all rows, with the headers as first line; RFC 4180 with line feeds. Clients choose their Origin and
/// name: a text that a spreadsheet would take for a formula is led by an apostrophe.
[[nodiscard]] QByteArray tableAsCsv(const QAbstractItemModel &model, const QList<int> &columns);
/// Some columns of some rows for the clipboard: tabs between cells, one row a line.
[[nodiscard]] QString rowsAsText(const QAbstractItemModel &model, const QList<int> &columns, const QList<int> &rows);
/// A bucket a line: its beginning, then lowest, mean and highest of every metric; empty where there is no sample.
[[nodiscard]] QByteArray historyAsCsv(const HistoryReply &history);

} // namespace gatehouse
