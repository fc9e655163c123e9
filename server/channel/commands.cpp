// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/commands.h"

#include <cmath>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>

#include "shared/util/jsondepth.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kMaxIdChars = 128;

BadCommand badRequest(const QString &detail)
{
    return { "bad_request"_L1, detail };
}

ClientCommand parseMarkRead(const QJsonObject &object)
{
    const QJsonArray array = object.value("ids"_L1).toArray();
    if (array.isEmpty() || array.size() > kMaxIdsPerCommand)
        return badRequest(u"ids must be a list of 1 to %1 notification ids"_s.arg(kMaxIdsPerCommand));
    MarkReadCommand command;
    for (const QJsonValue &id : array) {
        if (!id.isString())
            return badRequest(u"ids must hold texts only"_s);
        command.ids.append(id.toString());
    }
    return command;
}

ClientCommand parseGetNotifications(const QJsonObject &object)
{
    GetNotificationsCommand command;
    if (const QJsonValue since = object.value("since"_L1); !since.isUndefined()) {
        command.since = decodeCursor(since.toString());
        if (!command.since)
            return badRequest(u"since must be a cursor as this server gave it out"_s);
    }
    if (const QJsonValue limit = object.value("limit"_L1); !limit.isUndefined()) {
        const double number = limit.toDouble(0);
        if (number < 1 || number > kMaxUnreadPerUser || number != std::floor(number))
            return badRequest(u"limit must be a whole number, 1 to %1"_s.arg(kMaxUnreadPerUser));
        command.limit = qint64(number);
    }
    return command;
}

ClientCommand parseCommand(const QJsonObject &object)
{
    const QJsonValue type = object.value("type"_L1);
    if (!type.isString())
        return badRequest(u"the message has no type"_s);
    const QString name = type.toString();
    if (name == "ping"_L1)
        return PingCommand{};
    if (name == "mark_read"_L1)
        return parseMarkRead(object);
    if (name == "mark_all_read"_L1)
        return MarkAllReadCommand{};
    if (name == "get_notifications"_L1)
        return parseGetNotifications(object);
    if (name == "refresh"_L1) {
        const QString token = object.value("token"_L1).toString();
        return token.isEmpty() ? ClientCommand(badRequest(u"refresh needs a token"_s))
                               : RefreshCommand{ token.toUtf8() };
    }
    return BadCommand{ "unknown_type"_L1, u"there is no message type \"%1\""_s.arg(name.left(64)) };
}

} // namespace

ClientMessage parseClientMessage(const QString &text)
{
    if (text == R"({"type":"ping"})"_L1) // the most frequent message of all
        return { PingCommand{} };
    const QByteArray json = text.toUtf8();
    if (isNestedDeeper(json))
        return { badRequest(u"the message nests deeper than %1 levels"_s.arg(kMaxJsonDepth)) };
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(json, &error);
    if (document.isNull())
        return { badRequest(u"the message is not JSON: %1"_s.arg(error.errorString())) };
    if (!document.isObject())
        return { badRequest(u"the message must be a JSON object"_s) };
    const QJsonObject object = document.object();
    ClientMessage message{ parseCommand(object) };
    const QJsonValue id = object.value("id"_L1);
    if (id.isDouble() || (id.isString() && id.toString().size() <= kMaxIdChars))
        message.id = id;
    else if (!id.isUndefined() && !id.isNull())
        message.command = badRequest(u"id must be a number or a text of up to %1 characters"_s.arg(kMaxIdChars));
    return message;
}

} // namespace gatehouse
