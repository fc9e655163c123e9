// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <functional>

#include <QtCore/QJsonArray>

#include "server/admin/combinations.h"
#include "server/admin/handlers.h"
#include "server/admin/requestparts.h"
#include "shared/protocol/apipaths.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

using combinations::ConnectionOrder;
using Row = combinations::ConnectionRow;

using Less = std::function<bool(const Row &, const Row &)>;

template <typename Member> Less byMember(Member member)
{
    return [member](const Row &one, const Row &other) { return one.info.*member < other.info.*member; };
}

/// Without the zeros before it; empty for a text that is no number.
QStringView digitsOf(QStringView text)
{
    const auto isDigit = [](QChar character) { return character >= u'0' && character <= u'9'; };
    if (text.isEmpty() || !std::all_of(text.begin(), text.end(), isDigit))
        return {};
    while (text.size() > 1 && text.front() == u'0')
        text = text.sliced(1);
    return text;
}

/// Ids that are numbers by their value, before all others.
bool isUserBefore(const Row &one, const Row &other)
{
    const QStringView left = digitsOf(one.info.user);
    const QStringView right = digitsOf(other.info.user);
    if (left.isEmpty() != right.isEmpty())
        return !left.isEmpty();
    if (left == right)
        return one.info.user < other.info.user;
    return left.size() != right.size() ? left.size() < right.size() : left < right;
}

/// How to sort by a column of the table; nullptr for one that there is not.
Less lessBy(const QString &field)
{
    if (field == "connected_at"_L1)
        return byMember(&ConnectionInfo::connectedAt);
    if (field == "user"_L1)
        return &isUserBefore;
    if (field == "address"_L1)
        return [](const Row &one, const Row &other) { return one.address < other.address; };
    if (field == "origin"_L1)
        return byMember(&ConnectionInfo::origin);
    if (field == "messages_in"_L1)
        return byMember(&ConnectionInfo::messagesIn);
    if (field == "messages_out"_L1)
        return byMember(&ConnectionInfo::messagesOut);
    if (field == "messages_last_minute"_L1)
        return byMember(&ConnectionInfo::messagesLastMinute);
    if (field == "queued_bytes"_L1)
        return byMember(&ConnectionInfo::queuedBytes);
    if (field == "user_agent"_L1)
        return byMember(&ConnectionInfo::userAgent);
    if (field == "worker"_L1)
        return byMember(&ConnectionInfo::worker);
    if (field == "node"_L1)
        return byMember(&ConnectionInfo::node);
    return field == "id"_L1 ? byMember(&ConnectionInfo::id) : Less();
}

bool contains(const ConnectionInfo &info, const QString &text)
{
    const auto has = [&text](const QString &field) { return field.contains(text, Qt::CaseInsensitive); };
    return has(info.user) || has(info.address) || has(info.origin) || has(info.userAgent) || info.id == text;
}

Row rowOf(ConnectionInfo info)
{
    return { std::move(info) };
}

Row rowWithAddress(ConnectionInfo info)
{
    const QByteArray address = info.address.section(u'/', 0, 0).toLatin1();
    return { std::move(info), IpAddress::parse(address).value_or(IpAddress()) };
}

/// The order that the request asks for; its isBefore is null for a column that there is not. The id makes the order
/// total, so that a page does not repeat or skip what is equal otherwise.
ConnectionOrder orderOf(const HttpRequest &request)
{
    QString field = textParameter(request, "sort");
    const bool isDescending = field.startsWith(u'-');
    if (isDescending)
        field.remove(0, 1);
    const Less less = lessBy(field.isEmpty() ? u"connected_at"_s : field);
    if (!less)
        return {};
    const auto isBefore = [less, isDescending](const Row &one, const Row &other) {
        const Row &first = isDescending ? other : one;
        const Row &second = isDescending ? one : other;
        return less(first, second) || (!less(second, first) && one.info.id < other.info.id);
    };
    return { field == "address"_L1 ? &rowWithAddress : &rowOf, isBefore };
}

struct Page
{
    QString filter;
    ConnectionOrder order;
    qsizetype offset = 0;
    qsizetype limit = 100;
};

HttpResponse pageOf(std::vector<ConnectionInfo> connections, const Page &page)
{
    std::vector<Row> all;
    for (ConnectionInfo &info : connections) {
        if (page.filter.isEmpty() || contains(info, page.filter))
            all.push_back(page.order.rowOf(std::move(info)));
    }
    std::sort(all.begin(), all.end(), std::cref(page.order.isBefore));
    const qsizetype total = qsizetype(all.size());
    const qsizetype end = std::min(total, page.offset + page.limit);
    QJsonArray array;
    for (qsizetype i = std::min(page.offset, total); i < end; ++i)
        array.append(all[size_t(i)].info.toJson());
    return HttpResponse::json({
        { "connections"_L1, array },
        { "total"_L1, total },
        { "next_cursor"_L1, end < total ? QJsonValue(QString::number(end)) : QJsonValue() },
    });
}

void listConnections(const AdminDependencies &parts, const AdminRequest &request, const Responder &respond)
{
    Page page;
    page.filter = textParameter(request.http, "filter");
    page.order = orderOf(request.http);
    if (!page.order.isBefore) {
        respond(HttpResponse::badRequest(
            { u"sort must be a member of a connection, with - before it for descending"_s, u"sort"_s }));
        return;
    }
    const Result<int> limit = numberParameter(request.http, "limit", 100, 1, 1000);
    const Result<int> offset = numberParameter(request.http, "cursor", 0, 0, 100'000'000);
    if (!limit || !offset) {
        respond(HttpResponse::badRequest(limit ? offset.error() : limit.error()));
        return;
    }
    page.limit = *limit;
    page.offset = *offset;
    parts.channels.listConnections(
        [respond, page](std::vector<ConnectionInfo> all) { respond(pageOf(std::move(all), page)); });
}

void details(const AdminDependencies &parts, const QString &id, const Responder &respond)
{
    parts.channels.listConnections([respond, id](const std::vector<ConnectionInfo> &all) {
        const auto found
            = std::find_if(all.begin(), all.end(), [&id](const ConnectionInfo &info) { return info.id == id; });
        respond(found == all.end() ? notFound(u"there is no connection %1"_s.arg(id.left(64)))
                                   : HttpResponse::json(found->toJson()));
    });
}

void kick(const AdminDependencies &parts, const AdminRequest &request, const Responder &respond)
{
    const QString id = request.parameters.value("id"_L1);
    const Result<QString> note = noteOf(request.http);
    if (!note) {
        respond(HttpResponse::badRequest(note.error()));
        return;
    }
    parts.channels.kick(id, [&parts, id, respond, actor = request.actor(), note = *note](bool wasThere) {
        if (!wasThere) {
            respond(notFound(u"there is no connection %1"_s.arg(id.left(64))));
            return;
        }
        AuditEntry entry;
        entry.at = parts.sharedClock.utc();
        entry.actor = actor;
        entry.action = u"connection.kick"_s;
        entry.target = id;
        entry.note = note;
        parts.audit.append(std::move(entry), answerRecorded(respond, u"the connection has been closed"_s));
    });
}

} // namespace

std::vector<Route> connectionRoutes(const AdminDependencies &parts)
{
    return {
        acrossNodes({ "GET", paths::kConnections, Role::Viewer,
                        { .query = { "filter"_L1, "sort"_L1, "cursor"_L1, "limit"_L1 } },
                        [&parts](const AdminRequest &request, const Responder &respond) {
                            listConnections(parts, request, respond);
                        } },
            combinations::connectionPages(&orderOf), parts),
        acrossNodes({ "GET", paths::kConnection, Role::Viewer, {},
                        [&parts](const AdminRequest &request, const Responder &respond) {
                            details(parts, request.parameters.value("id"_L1), respond);
                        } },
            combinations::firstFound(), parts),
        acrossNodes(
            { "DELETE", paths::kConnection, Role::Operator, { .members = { "note"_L1 } },
                [&parts](const AdminRequest &request, const Responder &respond) { kick(parts, request, respond); } },
            combinations::firstFound(), parts),
    };
}

} // namespace gatehouse
