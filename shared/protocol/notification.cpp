// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/notification.h"

#include <algorithm>
#include <cmath>

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>
#include <QtCore/QSet>

#include "shared/protocol/name.h"
#include "shared/util/compactjson.h"
#include "shared/util/isotime.h"
#include "shared/util/jsonkeys.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr double kLongestTtlSeconds = 365.0 * 86400.0;

/// A member's name as an error repeats it: enough to find it, never the whole of what a client sent.
QString shortened(const QString &name)
{
    constexpr qsizetype kLongest = 64;
    return name.size() > kLongest ? QString(name.left(kLongest) + u'…') : name;
}

/// Whether all text in it, member names too, is valid UTF-16: JSON's \u escapes can smuggle in half of a surrogate
/// pair.
bool isWellFormed(const QJsonValue &value)
{
    if (value.isString())
        return value.toString().isValidUtf16();
    if (value.isArray()) {
        const QJsonArray array = value.toArray();
        return std::all_of(array.begin(), array.end(), [](const QJsonValue &entry) { return isWellFormed(entry); });
    }
    const QJsonObject object = value.toObject();
    for (auto member = object.begin(); member != object.end(); ++member) {
        if (!member.key().isValidUtf16() || !isWellFormed(member.value()))
            return false;
    }
    return true;
}

/// A user or group as text. Django's user ids are numbers; the channel knows users by text. Empty if it is neither.
QString targetName(const QJsonValue &value)
{
    constexpr double kLargest = 9.2e18;
    if (!value.isDouble())
        return value.toString();
    const double number = value.toDouble();
    return number == std::floor(number) && std::abs(number) < kLargest ? QString::number(value.toInteger()) : QString();
}

Error fieldError(const QString &path, const QString &member, const QString &message)
{
    const QString field = path.isEmpty() ? member : path + u'.' + member;
    return { field + u' ' + message, field };
}

Result<QStringList> parseTargets(const QJsonValue &value, const QString &field)
{
    const QString rule
        = u"%1 must be a list of 1 to %2 names of 1 to %3 characters"_s.arg(field).arg(kMaxTargets).arg(kMaxNameChars);
    const QJsonArray array = value.toArray();
    if (array.isEmpty() || array.size() > kMaxTargets)
        return Error{ rule, field };
    QStringList targets;
    QSet<QString> seen;
    for (const QJsonValue &entry : array) {
        const QString name = targetName(entry);
        if (name.isEmpty() || name.size() > kMaxNameChars || !name.isValidUtf16())
            return Error{ rule, field };
        if (!seen.contains(name)) {
            seen.insert(name);
            targets.append(name);
        }
    }
    return targets;
}

Result<Audience> parseAudience(const QJsonValue &value, const QString &path)
{
    const QString field = path.isEmpty() ? u"to"_s : path + ".to"_L1;
    if (value.isString() && value.toString() == "all"_L1)
        return Audience(ToAll{});
    const QJsonObject object = value.toObject();
    if (object.size() == 1 && object.contains("users"_L1)) {
        Result<QStringList> users = parseTargets(object.value("users"_L1), field + ".users"_L1);
        return users ? Result<Audience>(Audience(ToUsers{ *users })) : Result<Audience>(users.error());
    }
    if (object.size() == 1 && object.contains("groups"_L1)) {
        Result<QStringList> groups = parseTargets(object.value("groups"_L1), field + ".groups"_L1);
        return groups ? Result<Audience>(Audience(ToGroups{ *groups })) : Result<Audience>(groups.error());
    }
    return Error{ field + R"( must be {"users": […]}, {"groups": […]} or "all")"_L1, field };
}

std::optional<Error> readText(const QJsonObject &object, QLatin1StringView member, qsizetype maxChars, bool isRequired,
    const QString &path, QString &text)
{
    const QJsonValue value = object.value(member);
    if (value.isUndefined() && !isRequired)
        return std::nullopt;
    text = value.toString();
    if (!value.isString() || text.size() > maxChars || (isRequired && text.isEmpty()))
        return fieldError(path, member, u"must be text of %1 to %2 characters"_s.arg(isRequired ? 1 : 0).arg(maxChars));
    if (!text.isValidUtf16())
        return fieldError(path, member, u"must be valid Unicode text"_s);
    return std::nullopt;
}

std::optional<Error> readOptions(const QJsonObject &object, const QString &path, PublishRequest &request)
{
    static const QStringList kLevels{ u"info"_s, u"success"_s, u"warning"_s, u"error"_s };
    const QJsonValue level = object.value("level"_L1);
    request.level = level.isUndefined() ? u"info"_s : level.toString();
    if (!kLevels.contains(request.level))
        return fieldError(path, u"level"_s, u"must be info, success, warning or error"_s);
    const QJsonValue data = object.value("data"_L1);
    request.data = data.isUndefined() ? QJsonValue(QJsonValue::Null) : data;
    if (!isWellFormed(request.data))
        return fieldError(path, u"data"_s, u"must be valid Unicode text throughout"_s);
    const qsizetype dataBytes = compactJson(QJsonArray{ request.data }).size() - 2;
    if (dataBytes > kMaxDataBytes)
        return fieldError(path, u"data"_s, u"must be at most %1 bytes of JSON"_s.arg(kMaxDataBytes));
    const QJsonValue ttl = object.value("ttl"_L1);
    if (!ttl.isUndefined()) {
        const double seconds = ttl.toDouble(-1);
        if (seconds < 1 || seconds > kLongestTtlSeconds || seconds != std::floor(seconds))
            return fieldError(path, u"ttl"_s, u"must be a whole number of seconds, 1 to a year"_s);
        request.ttl = std::chrono::seconds(qint64(seconds));
    }
    const QJsonValue ephemeral = object.value("ephemeral"_L1);
    if (!ephemeral.isUndefined() && !ephemeral.isBool())
        return fieldError(path, u"ephemeral"_s, u"must be true or false"_s);
    request.isEphemeral = ephemeral.toBool();
    return std::nullopt;
}

Result<PublishRequest> parseOne(const QJsonValue &value, const QString &path)
{
    static const QStringList kMembers{ u"to"_s, u"title"_s, u"body"_s, u"level"_s, u"data"_s, u"ttl"_s,
        u"ephemeral"_s };
    if (!value.isObject())
        return Error{ path.isEmpty() ? u"the body must be a JSON object or an array of them"_s
                                     : path + " must be a JSON object"_L1,
            path };
    const QJsonObject object = value.toObject();
    for (auto member = object.begin(); member != object.end(); ++member) {
        if (!kMembers.contains(member.key()))
            return fieldError(path, shortened(member.key()), u"is not a member of a notification"_s);
    }
    PublishRequest request;
    Result<Audience> to = parseAudience(object.value("to"_L1), path);
    if (!to)
        return to.error();
    request.to = *to;
    std::optional<Error> error = readText(object, "title"_L1, kMaxTitleChars, true, path, request.title);
    if (!error)
        error = readText(object, "body"_L1, kMaxBodyChars, false, path, request.body);
    if (!error)
        error = readOptions(object, path, request);
    if (error)
        return *error;
    return request;
}

} // namespace

QJsonObject Notification::toJson() const
{
    return {
        { "id"_L1, id },
        { "title"_L1, title },
        { "body"_L1, body },
        { "level"_L1, level },
        { "data"_L1, data },
        { "created_at"_L1, isoMillis(createdAt) },
        { "read"_L1, isRead },
    };
}

Result<std::vector<PublishRequest>> parsePublishBody(const QByteArray &body)
{
    QJsonParseError parseError;
    const QJsonDocument document = QJsonDocument::fromJson(body, &parseError);
    if (document.isNull())
        return Error{ u"the body is not JSON: %1 at byte %2"_s.arg(parseError.errorString()).arg(parseError.offset),
            {} };
    if (const std::optional<QString> name = findRepeatedKey(body))
        return Error{ u"the body has a member twice in one object: \"%1\""_s.arg(shortened(*name)), {} };
    std::vector<PublishRequest> requests;
    if (!document.isArray()) {
        Result<PublishRequest> request = parseOne(document.object(), {});
        if (!request)
            return request.error();
        requests.push_back(std::move(request).value());
        return requests;
    }
    const QJsonArray array = document.array();
    if (array.isEmpty() || array.size() > kMaxPublishBatch)
        return Error{ u"a batch must have 1 to %1 notifications, not %2"_s.arg(kMaxPublishBatch).arg(array.size()),
            {} };
    for (qsizetype i = 0; i < array.size(); ++i) {
        Result<PublishRequest> request = parseOne(array.at(i), u"[%1]"_s.arg(i));
        if (!request)
            return request.error();
        requests.push_back(std::move(request).value());
    }
    return requests;
}

} // namespace gatehouse
