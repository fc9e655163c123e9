// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/admin/combinations.h"

#include <algorithm>
#include <map>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include "server/admin/requestparts.h"
#include "server/metrics/weeklysummary.h"

using namespace Qt::StringLiterals;

namespace gatehouse::combinations {

namespace {

void setQuery(HttpRequest &request, const QByteArray &name, const QByteArray &value)
{
    std::erase_if(request.query, [&name](const auto &item) { return item.first == name; });
    request.query.emplace_back(name, value);
}

QJsonObject bodyOf(const HttpResponse &response)
{
    return QJsonDocument::fromJson(response.body).object();
}

/// The page size that the request asks for: it was judged when this node answered.
size_t limitOf(const HttpRequest &request, int defaultLimit)
{
    const Result<int> limit = numberParameter(request, "limit", defaultLimit, 1, 1000);
    return size_t(limit ? *limit : defaultLimit);
}

struct Row
{
    QString node;
    QJsonObject content; ///< with the node's name
};

/// The rows of all answers, each node's in its order, one node after the other.
std::vector<Row> rowsOf(const std::vector<NodeAnswer> &answers, QLatin1StringView member)
{
    std::vector<Row> rows;
    for (const NodeAnswer &answer : answers) {
        for (const QJsonValue &value : bodyOf(answer.response).value(member).toArray()) {
            QJsonObject content = value.toObject();
            content.insert("node"_L1, answer.node);
            rows.push_back({ answer.node, content });
        }
    }
    return rows;
}

/// Says which nodes are not in it: those without an answer, and those with an error.
HttpResponse listOf(QJsonObject members, const std::vector<NodeAnswer> &answers, QStringList missing)
{
    for (const NodeAnswer &answer : answers) {
        if (answer.response.status != 200)
            missing.append(answer.node);
    }
    members.insert("missing_nodes"_L1, QJsonArray::fromStringList(missing));
    return HttpResponse::json(members);
}

QJsonArray contentsOf(const std::vector<Row> &rows)
{
    QJsonArray array;
    for (const Row &row : rows)
        array.append(row.content);
    return array;
}

/// How many rows of each node have been shown; nullopt for a text that is no such cursor.
using Shown = std::map<QString, qint64>;

std::optional<Shown> parseShown(const QString &cursor)
{
    Shown shown;
    for (const QString &item : cursor.split(u',', Qt::SkipEmptyParts)) {
        bool isNumber = false;
        const qint64 count = item.section(u'=', -1).toLongLong(&isNumber);
        const QString node = item.section(u'=', 0, -2);
        if (!isNumber || count < 0 || node.isEmpty())
            return std::nullopt;
        shown[node] = count;
    }
    return shown;
}

QString formatShown(const Shown &shown)
{
    QStringList items;
    for (const auto &[node, count] : shown)
        items.append(node + u'=' + QString::number(count));
    return items.join(u',');
}

Result<HttpRequest> partOfConnections(const HttpRequest &request, const QString &node)
{
    const std::optional<Shown> shown = parseShown(textParameter(request, "cursor"));
    if (!shown)
        return Error{ u"cursor is not one that was given out"_s, u"cursor"_s };
    const auto own = shown->find(node);
    HttpRequest part = request;
    setQuery(part, "cursor", QByteArray::number(own == shown->end() ? 0 : own->second));
    return part;
}

std::vector<Row> sortedRows(std::vector<Row> rows, const ConnectionOrder &order)
{
    std::vector<std::pair<ConnectionRow, Row>> keyed;
    for (Row &row : rows)
        keyed.emplace_back(order.rowOf(ConnectionInfo::fromJson(row.content)), std::move(row));
    std::stable_sort(keyed.begin(), keyed.end(),
        [&order](const auto &one, const auto &other) { return order.isBefore(one.first, other.first); });
    rows.clear();
    for (auto &[key, row] : keyed)
        rows.push_back(std::move(row));
    return rows;
}

HttpResponse wholeOfConnections(const HttpRequest &request, const ConnectionOrder &order,
    const std::vector<NodeAnswer> &answers, const QStringList &missing)
{
    std::vector<Row> rows = sortedRows(rowsOf(answers, "connections"_L1), order);
    if (const size_t limit = limitOf(request, 100); rows.size() > limit)
        rows.resize(limit);
    Shown shown = parseShown(textParameter(request, "cursor")).value_or(Shown());
    for (const Row &row : rows)
        ++shown[row.node];
    qint64 total = 0;
    bool isMore = false;
    for (const NodeAnswer &answer : answers) {
        const qint64 ofNode = bodyOf(answer.response).value("total"_L1).toInteger();
        total += ofNode;
        isMore = isMore || shown[answer.node] < ofNode;
    }
    return listOf({ { "connections"_L1, contentsOf(rows) }, { "total"_L1, total },
                      { "next_cursor"_L1, cursorValue(isMore ? formatShown(shown) : QString()) } },
        answers, missing);
}

QString idOf(const Row &row)
{
    return row.content.value("id"_L1).toString();
}

/// Adds up a number of all answers.
qint64 sumOf(const std::vector<NodeAnswer> &answers, QLatin1StringView member)
{
    qint64 sum = 0;
    for (const NodeAnswer &answer : answers)
        sum += bodyOf(answer.response).value(member).toInteger();
    return sum;
}

/// One sample makes a sample of all.
QString totalIs(const std::vector<NodeAnswer> &answers)
{
    const bool isSample = std::any_of(answers.begin(), answers.end(),
        [](const NodeAnswer &answer) { return bodyOf(answer.response).value("total_is"_L1) == "sample"_L1; });
    return isSample ? u"sample"_s : u"exact"_s;
}

HttpResponse wholeOfDecisions(
    const HttpRequest &request, const std::vector<NodeAnswer> &answers, const QStringList &missing)
{
    std::vector<Row> rows = rowsOf(answers, "decisions"_L1);
    std::stable_sort(
        rows.begin(), rows.end(), [](const Row &one, const Row &other) { return idOf(one) > idOf(other); });
    const size_t limit = limitOf(request, 100);
    bool isMore = rows.size() > limit;
    if (isMore)
        rows.resize(limit);
    for (const NodeAnswer &answer : answers)
        isMore = isMore || !bodyOf(answer.response).value("next_cursor"_L1).isNull();
    // A node that has more goes on behind its own last one, which is not before the last one here.
    return listOf({ { "decisions"_L1, contentsOf(rows) },
                      { "next_cursor"_L1, cursorValue(isMore && !rows.empty() ? idOf(rows.back()) : QString()) },
                      { "total"_L1, sumOf(answers, "total"_L1) }, { "total_is"_L1, totalIs(answers) },
                      { "not_stored"_L1, sumOf(answers, "not_stored"_L1) } },
        answers, missing);
}

HttpResponse wholeOfTop(const HttpRequest &request, const std::vector<NodeAnswer> &answers, const QStringList &missing)
{
    std::map<QString, qint64> counts;
    for (const Row &row : rowsOf(answers, "top"_L1))
        counts[row.content.value("value"_L1).toString()] += row.content.value("count"_L1).toInteger();
    std::vector<std::pair<QString, qint64>> sorted(counts.begin(), counts.end());
    std::stable_sort(
        sorted.begin(), sorted.end(), [](const auto &one, const auto &other) { return one.second > other.second; });
    if (const size_t limit = limitOf(request, 10); sorted.size() > limit)
        sorted.resize(limit);
    QJsonArray top;
    for (const auto &[value, count] : sorted)
        top.append(QJsonObject{ { "value"_L1, value }, { "count"_L1, count } });
    return listOf({ { "by"_L1, bodyOf(answers.front().response).value("by"_L1) }, { "top"_L1, top },
                      { "total"_L1, sumOf(answers, "total"_L1) }, { "total_is"_L1, totalIs(answers) } },
        answers, missing);
}

HttpResponse wholeOfSummaries(
    const HttpRequest &request, const std::vector<NodeAnswer> &answers, const QStringList &missing)
{
    std::map<QDate, DayRecord> days;
    for (const NodeAnswer &answer : answers) {
        for (const QJsonValue &line : bodyOf(answer.response).value("days"_L1).toArray()) {
            const std::optional<DayRecord> record = dayOfSummary(line.toObject());
            if (record)
                add(days.try_emplace(record->day, DayRecord{ .day = record->day }).first->second, *record);
        }
    }
    std::vector<DayRecord> all;
    for (const auto &[day, record] : days)
        all.push_back(record);
    if (textParameter(request, "format") == "csv"_L1)
        return HttpResponse::text(summaryCsv(all), "text/csv; charset=utf-8");
    return listOf(summaryJson(all), answers, missing);
}

} // namespace

Combination firstFound()
{
    return { {}, [](const HttpRequest &, const std::vector<NodeAnswer> &answers, const QStringList &missing) {
                const auto firstWhere = [&answers](bool (*fits)(int)) {
                    return std::find_if(answers.begin(), answers.end(),
                        [fits](const NodeAnswer &answer) { return fits(answer.response.status); });
                };
                for (const auto &fits :
                    { +[](int status) { return status < 400; }, +[](int status) { return status != 404; } }) {
                    if (const auto found = firstWhere(fits); found != answers.end())
                        return found->response;
                }
                return missing.isEmpty()
                    ? answers.front().response
                    : nodeUnreachable(u"it is on no node that answered; %1 did not"_s.arg(missing.join(", "_L1)));
            } };
}

Combination connectionPages(std::function<ConnectionOrder(const HttpRequest &)> orderOf)
{
    return { &partOfConnections,
        [orderOf = std::move(orderOf)](const HttpRequest &request, const std::vector<NodeAnswer> &answers,
            const QStringList &missing) { return wholeOfConnections(request, orderOf(request), answers, missing); } };
}

Combination decisionPages()
{
    return { {}, &wholeOfDecisions };
}

Combination topCounts()
{
    // Who is third on every node may be first of all.
    const auto part = [](const HttpRequest &request, const QString &) -> Result<HttpRequest> {
        HttpRequest all = request;
        if (numberParameter(request, "limit", 10, 1, 1000)) // a wrong one is told by the node itself
            setQuery(all, "limit", "1000");
        return all;
    };
    return { part, &wholeOfTop };
}

Combination summaries()
{
    const auto part = [](const HttpRequest &request, const QString &) -> Result<HttpRequest> {
        HttpRequest asJson = request;
        if (textParameter(request, "format") == "csv"_L1)
            setQuery(asJson, "format", "json");
        return asJson;
    };
    return { part, &wholeOfSummaries };
}

} // namespace gatehouse::combinations
