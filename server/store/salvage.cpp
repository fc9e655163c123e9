// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/store/salvage.h"

#include <algorithm>
#include <map>

#include <sqlite3.h>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

QByteArray quoted(QByteArray name)
{
    return '"' + name.replace('"', "\"\"") + '"';
}

QByteArray parameters(qsizetype count)
{
    return QByteArrayList(count, "?").join(", ");
}

void bindKey(Statement &statement, int &position, const SalvageKey &key)
{
    for (const auto &part : key) {
        if (const qint64 *number = std::get_if<qint64>(&part))
            statement.bind(position++, *number);
        else
            statement.bindText(position++, std::get<QByteArray>(part));
    }
}

SalvageKey keyIn(const Statement &row, qsizetype columns)
{
    SalvageKey key;
    for (int i = 0; i < int(columns); ++i) {
        if (row.isInteger(i))
            key.emplace_back(row.integer(i));
        else
            key.emplace_back(row.blob(i));
    }
    return key;
}

bool areNumbers(const SalvageKey &key)
{
    return std::all_of(key.begin(), key.end(), [](const auto &part) { return std::holds_alternative<qint64>(part); });
}

} // namespace

Salvage::Salvage(sqlite3 *damaged, Database &target, const QByteArray &table)
    : m_damaged(damaged)
    , m_target(target)
    , m_table(table)
{
}

Result<bool> Salvage::run()
{
    if (const Status status = findColumns(); !status)
        return status.error();
    if (m_columns.isEmpty())
        return false; // what the table is made of cannot be read
    readFromBothEnds();
    for (int looks = 0; !m_gaps.empty() && m_status && looks < kMaxLooks; ++looks) {
        const Gap gap = m_gaps.front(); // the oldest, so that all get their turn
        m_gaps.pop_front();
        halve(gap);
    }
    if (!m_status)
        return m_status.error();
    return m_isWhole;
}

Status Salvage::findColumns()
{
    const QByteArray sql = "PRAGMA table_info(" + quoted(m_table) + ')';
    QByteArrayList there;
    {
        Statement row = Statement::once(m_damaged, sql.constData());
        while (row.nextRow())
            there.append(row.text(1).toUtf8());
        if (!row.status())
            there.clear();
    }
    std::map<qint64, QByteArray> key; // by place in the primary key
    bool isByNumber = false;
    Statement row = m_target.prepare(sql.constData());
    while (row.nextRow()) {
        const QByteArray name = row.text(1).toUtf8();
        if (there.contains(name))
            m_columns.append(quoted(name));
        if (const qint64 place = row.integer(5); place > 0) {
            key[place] = quoted(name);
            isByNumber = row.text(2).compare("INTEGER"_L1, Qt::CaseInsensitive) == 0;
        }
    }
    // Rows are ordered by what they are found by: their own number, or the primary key of a table without one.
    const QByteArray rowid = "SELECT rowid FROM " + quoted(m_table) + " LIMIT 0";
    const bool hasRowid = bool(m_target.prepare(rowid.constData()).status());
    if ((key.size() == 1 && isByNumber) || !hasRowid) {
        for (const auto &[place, name] : key)
            m_keyColumns.append(name);
    } else {
        m_keyColumns.append("rowid");
    }
    m_insert = "INSERT OR IGNORE INTO " + quoted(m_table) + " (" + m_columns.join(", ") + ") VALUES ("
        + parameters(m_columns.size()) + ')';
    return row.status();
}

/// Copies the rows from one key to another, ends included; null: from the first, to the last.
Salvage::Scan Salvage::scan(const SalvageKey *low, const SalvageKey *high, bool isForward)
{
    const QByteArray order = isForward ? QByteArray() : QByteArray(" DESC");
    const QByteArray keys = m_keyColumns.join(", ");
    const QByteArray bound = '(' + parameters(m_keyColumns.size()) + ')';
    QByteArray sql = "SELECT " + keys + ", " + m_columns.join(", ") + " FROM " + quoted(m_table) + " WHERE 1";
    if (low)
        sql += " AND (" + keys + ") >= " + bound;
    if (high)
        sql += " AND (" + keys + ") <= " + bound;
    sql += " ORDER BY " + m_keyColumns.join(order + ", ") + order;
    Statement row = Statement::once(m_damaged, sql.constData());
    int position = 1;
    if (low)
        bindKey(row, position, *low);
    if (high)
        bindKey(row, position, *high);
    Scan result;
    while (m_status && row.nextRow()) {
        result.last = keyIn(row, m_keyColumns.size());
        copy(row);
    }
    result.isWhole = bool(row.status());
    return result;
}

void Salvage::copy(const Statement &row)
{
    Statement insert = m_target.prepare(m_insert.constData());
    for (int i = 0; i < int(m_columns.size()); ++i)
        insert.bindColumn(i + 1, row, int(m_keyColumns.size()) + i);
    m_status = insert.run();
    m_rows += m_status ? m_target.changes() : 0;
}

void Salvage::readFromBothEnds()
{
    const Scan fromStart = scan(nullptr, nullptr, true);
    if (fromStart.isWhole || !m_status)
        return;
    m_isWhole = false;
    const Scan fromEnd = scan(fromStart.last ? &*fromStart.last : nullptr, nullptr, false);
    std::vector<SalvageKey> keys;
    if (fromStart.last && fromEnd.last) {
        m_gaps.push_back({ *fromStart.last, *fromEnd.last });
    } else if (fromStart.last) {
        keys = salvagekeys::above(*fromStart.last);
        keys.insert(keys.begin(), *fromStart.last);
    } else if (fromEnd.last) {
        keys = salvagekeys::below(*fromEnd.last);
        keys.push_back(*fromEnd.last);
    } else if (m_keyColumns.size() == 1) { // rows are numbered from 1
        keys = salvagekeys::above({ qint64(0) });
    }
    lookAt(keys);
}

/// Reads from each of these keys to those beside it.
void Salvage::lookAt(const std::vector<SalvageKey> &keys)
{
    for (size_t i = 1; m_status && i + 1 < keys.size(); ++i)
        look({ keys[i - 1], keys[i + 1] }, keys[i]);
}

void Salvage::halve(const Gap &gap)
{
    const SalvageKey middle = salvagekeys::between(gap.low, gap.high);
    if (middle <= gap.low || middle >= gap.high)
        return; // nothing is in between
    if (areNumbers(middle) && middle.size() == 1 && std::get<qint64>(gap.high[0]) - std::get<qint64>(gap.low[0]) < 2)
        return;
    look(gap, middle);
}

/// Reads from within a gap to both of its ends; what is in the way makes smaller gaps.
void Salvage::look(const Gap &gap, const SalvageKey &middle)
{
    const Scan up = scan(&middle, &gap.high, true);
    if (m_status && !up.isWhole)
        m_gaps.push_back({ up.last.value_or(middle), gap.high });
    const Scan down = m_status ? scan(&gap.low, &middle, false) : Scan();
    if (m_status && !down.isWhole)
        m_gaps.push_back({ gap.low, down.last.value_or(middle) });
}

} // namespace gatehouse
