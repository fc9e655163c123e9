// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/notificationcodec.h"

#include <boost/crc.hpp>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QSet>

#include "shared/protocol/name.h"
#include "shared/util/compactjson.h"
#include "shared/util/isotime.h"
#include "shared/util/jsondepth.h"
#include "shared/util/ulid.h"

using namespace Qt::StringLiterals;

namespace gatehouse::notificationcodec {

namespace {

// Six bytes are the most that one UTF-16 unit takes in JSON; the rest is for names, id and time.
constexpr qsizetype kMaxNotificationBytes = 6 * (kMaxTitleChars + kMaxBodyChars) + kMaxDataBytes + 1024;
constexpr qsizetype kMaxAudienceBytes = 1024 * 1024; // of the largest body that is taken

Result<QJsonObject> parseObject(const QByteArray &json, qsizetype maxBytes, const QString &what)
{
    if (json.size() > maxBytes)
        return Error{ u"%1 has %2 bytes; at most %3 are taken"_s.arg(what).arg(json.size()).arg(maxBytes), {} };
    if (isNestedDeeper(json))
        return Error{ u"%1 nests deeper than %2 levels"_s.arg(what).arg(kMaxJsonDepth), {} };
    const QJsonDocument document = QJsonDocument::fromJson(json);
    if (!document.isObject())
        return Error{ what + u" is no JSON object"_s, {} };
    return document.object();
}

Result<QStringList> readNames(const QJsonValue &value)
{
    const QJsonArray array = value.toArray();
    QStringList names;
    for (const QJsonValue &entry : array) {
        const QString name = entry.toString();
        if (name.isEmpty() || name.size() > kMaxNameChars || !name.isValidUtf16())
            break;
        names.append(name);
    }
    if (names.isEmpty() || names.size() != array.size() || names.size() > kMaxTargets)
        return Error{ u"the audience must name 1 to %1 users or groups of 1 to %2 characters"_s.arg(kMaxTargets)
                          .arg(kMaxNameChars),
            {} };
    return names;
}

} // namespace

QByteArray encode(const Notification &notification)
{
    return compactJson(notification.toJson());
}

Result<Notification> decode(const QByteArray &json)
{
    const Result<QJsonObject> object = parseObject(json, kMaxNotificationBytes, u"the notification"_s);
    if (!object)
        return object.error();
    Notification made{ object->value("id"_L1).toString(), object->value("title"_L1).toString(),
        object->value("body"_L1).toString(), object->value("level"_L1).toString(), object->value("data"_L1), {},
        object->value("read"_L1).toBool() };
    if (made.data.isUndefined())
        made.data = QJsonValue(QJsonValue::Null);
    if (!isUlid(made.id))
        return Error{ u"the notification's id is no ULID"_s, u"id"_s };
    if (made.title.isEmpty() || made.title.size() > kMaxTitleChars)
        return Error{ u"the notification's title must have 1 to %1 characters"_s.arg(kMaxTitleChars), u"title"_s };
    if (!object->value("body"_L1).isString() || made.body.size() > kMaxBodyChars)
        return Error{ u"the notification's body must be text of up to %1 characters"_s.arg(kMaxBodyChars), u"body"_s };
    static const QStringList kLevels{ u"info"_s, u"success"_s, u"warning"_s, u"error"_s };
    if (!kLevels.contains(made.level))
        return Error{ u"the notification's level must be info, success, warning or error"_s, u"level"_s };
    const std::optional<UtcTime> createdAt = parseIso(object->value("created_at"_L1).toString());
    if (!createdAt)
        return Error{ u"the notification's created_at is no time"_s, u"created_at"_s };
    made.createdAt = *createdAt;
    return made;
}

QByteArray encodeAudience(const Audience &to)
{
    if (const ToUsers *users = std::get_if<ToUsers>(&to))
        return compactJson(QJsonObject{ { "users"_L1, QJsonArray::fromStringList(users->users) } });
    if (const ToGroups *groups = std::get_if<ToGroups>(&to))
        return compactJson(QJsonObject{ { "groups"_L1, QJsonArray::fromStringList(groups->groups) } });
    return R"({"all":true})";
}

Result<Audience> decodeAudience(const QByteArray &json)
{
    const Result<QJsonObject> object = parseObject(json, kMaxAudienceBytes, u"the audience"_s);
    if (!object)
        return object.error();
    if (object->size() == 1 && object->value("all"_L1).toBool())
        return Audience(ToAll{});
    const bool isUsers = object->contains("users"_L1);
    if (object->size() != 1 || (!isUsers && !object->contains("groups"_L1)))
        return Error{ uR"(the audience must be {"users": […]}, {"groups": […]} or {"all": true})"_s, {} };
    const Result<QStringList> names = readNames(object->begin().value());
    if (!names)
        return names.error();
    return isUsers ? Audience(ToUsers{ *names }) : Audience(ToGroups{ *names });
}

QByteArrayList targetsOf(const Audience &to)
{
    const ToUsers *users = std::get_if<ToUsers>(&to);
    const ToGroups *groups = std::get_if<ToGroups>(&to);
    if (!users && !groups)
        return { "all" };
    QByteArrayList targets;
    QSet<QByteArray> seen;
    for (const QString &name : users ? users->users : groups->groups) {
        const QByteArray target = (users ? "u:" : "g:") + name.toUtf8();
        if (!seen.contains(target)) {
            seen.insert(target);
            targets.append(target);
        }
    }
    return targets;
}

int streamShardOf(const QByteArray &target)
{
    boost::crc_32_type crc;
    crc.process_bytes(target.constData(), size_t(target.size()));
    return int(crc.checksum() % kStreamShards);
}

} // namespace gatehouse::notificationcodec
