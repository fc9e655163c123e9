// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/ingestentry.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include "shared/util/compactjson.h"
#include "shared/util/jsondepth.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kMostBytes = 1024 * 1024; // as of a body of the API

Result<std::vector<PublishRequest>> readBody(const QByteArray &body)
{
    if (isNestedDeeper(body))
        return Error{ u"the entry nests deeper than %1 levels"_s.arg(kMaxJsonDepth), {} };
    return parsePublishBody(body);
}

/// A field whose text is JSON, of any type.
Result<QJsonValue> readJson(const QString &name, const QByteArray &text)
{
    if (isNestedDeeper(text))
        return Error{ u"%1 nests deeper than %2 levels"_s.arg(name).arg(kMaxJsonDepth), name };
    QJsonParseError error;
    const QJsonDocument list = QJsonDocument::fromJson('[' + text + ']', &error);
    if (list.isNull() || list.array().size() != 1)
        return Error{ name + u" is not JSON"_s, name };
    return list.array().at(0);
}

Result<QJsonValue> readValue(const QString &name, const QByteArray &text)
{
    if (name == "to"_L1 && text == "all")
        return QJsonValue(u"all"_s);
    if (name == "ephemeral"_L1 && (text == "1" || text == "0")) // what str(int(flag)) makes
        return QJsonValue(text == "1");
    if (name == "to"_L1 || name == "data"_L1 || name == "ttl"_L1 || name == "ephemeral"_L1)
        return readJson(name, text);
    if (!text.isValidUtf8())
        return Error{ name + u" must be valid UTF-8"_s, name };
    return QJsonValue(QString::fromUtf8(text));
}

} // namespace

Result<std::vector<PublishRequest>> readIngestEntry(const std::vector<RedisReply> &fields)
{
    qsizetype bytes = 0;
    for (const RedisReply &field : fields)
        bytes += field.text.size();
    if (bytes > kMostBytes)
        return Error{ u"the entry has %1 bytes; at most %2 are taken"_s.arg(bytes).arg(kMostBytes), {} };
    if (fields.size() == 2 && fields[0].text == "json")
        return readBody(fields[1].text);
    QJsonObject notification;
    for (size_t i = 0; i + 1 < fields.size(); i += 2) {
        const QString name = QString::fromUtf8(fields[i].text.left(64));
        if (notification.contains(name))
            return Error{ u"%1 is there twice"_s.arg(name), name };
        if (name == "json"_L1)
            return Error{ u"json must be the only field"_s, name };
        const Result<QJsonValue> value = readValue(name, fields[i + 1].text);
        if (!value)
            return value.error();
        notification.insert(name, *value);
    }
    return readBody(compactJson(notification));
}

} // namespace gatehouse
