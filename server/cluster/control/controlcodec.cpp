// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/control/controlcodec.h"

#include <QtCore/QJsonDocument>

#include "shared/util/compactjson.h"
#include "shared/util/jsondepth.h"

using namespace Qt::StringLiterals;

namespace gatehouse::controlcodec {

namespace {

constexpr qint64 kMaxVersion = qint64(1) << 53; // as Lua counts it

Error malformed(const QString &what)
{
    return { u"Redis: %1"_s.arg(what), {} };
}

std::optional<QJsonObject> objectIn(const RedisReply &reply, qsizetype maxBytes)
{
    if (!reply.isText() || reply.text.size() > maxBytes || isNestedDeeper(reply.text))
        return std::nullopt;
    const QJsonDocument document = QJsonDocument::fromJson(reply.text);
    return document.isObject() ? std::optional(document.object()) : std::nullopt;
}

std::optional<qint64> versionIn(const RedisReply &reply)
{
    const qint64 version = reply.toInteger(-1);
    return version >= 0 && version <= kMaxVersion ? std::optional(version) : std::nullopt;
}

/// "1762776000000-0".
bool isPosition(const QByteArray &text)
{
    const qsizetype dash = text.indexOf('-');
    const auto isNumber = [](const QByteArray &part) {
        return !part.isEmpty() && part.size() <= 20
            && std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    return dash > 0 && isNumber(text.left(dash)) && isNumber(text.mid(dash + 1));
}

const RedisReply *fieldOf(const RedisReply &fields, QByteArrayView name)
{
    for (size_t i = 0; i + 1 < fields.elements.size(); i += 2) {
        if (fields.elements[i].text == name)
            return &fields.elements[i + 1];
    }
    return nullptr;
}

Result<ControlEntry> entryIn(const RedisReply &fields)
{
    const RedisReply *kind = fieldOf(fields, "k");
    const RedisReply *version = fieldOf(fields, "v");
    const RedisReply *node = fieldOf(fields, "n");
    const RedisReply *payload = fieldOf(fields, "p");
    if (!kind || !version || !node || !payload)
        return malformed(u"it has not the fields k, v, n and p"_s);
    const std::optional<ControlKind> known = parseControlKind(kind->text);
    if (!known)
        return malformed(u"its kind is not known here"_s);
    const std::optional<qint64> number = versionIn(*version);
    if (!number || *number < 1)
        return malformed(u"its version is no number"_s);
    if (!node->isText() || node->text.size() > kMaxNameBytes)
        return malformed(u"its node has no possible name"_s);
    std::optional<QJsonObject> object = objectIn(*payload, kMaxPayloadBytes);
    if (!object)
        return malformed(u"its payload is no JSON object of at most %1 bytes"_s.arg(kMaxPayloadBytes));
    return ControlEntry{ *known, *number, QString::fromUtf8(node->text), *std::move(object) };
}

void readItems(const RedisReply &pairs, ControlItems &items, QStringList &refused)
{
    for (size_t i = 0; i + 1 < pairs.elements.size(); i += 2) {
        const QByteArray &id = pairs.elements[i].text;
        std::optional<QJsonObject> item = objectIn(pairs.elements[i + 1], kMaxItemBytes);
        if (id.isEmpty() || id.size() > kMaxNameBytes || !item)
            refused.append(u"item %1 is no JSON object of at most %2 bytes"_s.arg(QString::fromUtf8(id.left(64)))
                               .arg(kMaxItemBytes));
        else
            items.emplace(QString::fromUtf8(id), *std::move(item));
    }
}

} // namespace

Result<QByteArrayList> appendArguments(const ControlChange &change, const QString &node)
{
    const QByteArray payload = compactJson(change.payload);
    if (payload.size() > kMaxPayloadBytes)
        return Error{ u"the change has %1 bytes, and may have %2"_s.arg(payload.size()).arg(kMaxPayloadBytes), {} };
    const QLatin1StringView kind = controlKindName(change.kind);
    QByteArrayList arguments{ QByteArray(kind.data(), kind.size()),
        change.expectedVersion ? QByteArray::number(*change.expectedVersion) : QByteArray(""), node.toUtf8(), payload };
    for (const auto &[id, item] : change.items) {
        const QByteArray text = item ? compactJson(*item) : QByteArray("");
        if (text.size() > kMaxItemBytes)
            return Error{ u"%1 has %2 bytes, and may have %3"_s.arg(id).arg(text.size()).arg(kMaxItemBytes), {} };
        arguments << id.toUtf8() << text;
    }
    return arguments;
}

QByteArrayList seedArguments(const std::array<ControlItems, kControlKinds> &items, const QString &node)
{
    QByteArrayList arguments{ node.toUtf8() };
    for (size_t i = 0; i < kControlKinds; ++i) {
        const QLatin1StringView kind = controlKindName(ControlKind(i));
        arguments << QByteArray(kind.data(), kind.size()) << QByteArray::number(qint64(items[i].size()));
        for (const auto &[id, item] : items[i])
            arguments << id.toUtf8() << compactJson(item);
    }
    return arguments;
}

Result<ControlVerdict> verdictIn(const RedisReply &reply)
{
    using Outcome = ControlVerdict::Outcome;
    if (!reply.isArray() || reply.elements.empty())
        return malformed(u"the answer to a change is no list"_s);
    const qint64 outcome = reply.elements[0].toInteger(-2);
    if (outcome == -1)
        return ControlVerdict{ Outcome::Empty, 0 };
    const std::optional<qint64> version
        = reply.elements.size() > 1 ? versionIn(reply.elements[1]) : std::optional<qint64>();
    if ((outcome != 0 && outcome != 1) || !version)
        return malformed(u"the answer to a change has no version"_s);
    return ControlVerdict{ outcome == 1 ? Outcome::Accepted : Outcome::Conflict, *version };
}

Result<ControlBatch> batchIn(const RedisReply &entries, const QByteArray &from)
{
    if (!entries.isArray())
        return malformed(u"gatehouse:control is no list of entries"_s);
    ControlBatch batch{ from, from, {}, {} };
    for (const RedisReply &one : entries.elements) {
        if (!one.isArray() || one.elements.size() != 2 || !isPosition(one.elements[0].text))
            return malformed(u"an entry of gatehouse:control has no position"_s);
        batch.position = one.elements[0].text;
        Result<ControlEntry> entry = entryIn(one.elements[1]);
        if (entry)
            batch.entries.push_back(std::move(entry).value());
        else
            batch.refused.append(u"entry %1: %2"_s.arg(QString::fromLatin1(batch.position), entry.error().message));
    }
    return batch;
}

Result<std::optional<ControlBatch>> readBatchIn(const RedisReply &reply, const QByteArray &from)
{
    if (reply.isNil())
        return std::optional<ControlBatch>();
    if (!reply.isArray() || reply.elements.size() != 1 || reply.elements[0].elements.size() != 2)
        return malformed(u"the answer to XREAD is not of one stream"_s);
    Result<ControlBatch> batch = batchIn(reply.elements[0].elements[1], from);
    if (!batch)
        return batch.error();
    return std::optional(std::move(batch).value());
}

Result<std::optional<ControlSnapshot>> snapshotIn(const RedisReply &reply)
{
    if (!reply.isArray())
        return malformed(u"the cluster's state is no list"_s);
    if (reply.elements.empty())
        return std::optional<ControlSnapshot>();
    if (reply.elements.size() != 2 + kControlKinds || !isPosition(reply.elements[0].text))
        return malformed(u"the cluster's state has no position, or not every kind"_s);
    ControlSnapshot snapshot;
    snapshot.position = reply.elements[0].text;
    for (size_t i = 0; i < kControlKinds; ++i) {
        const QLatin1StringView name = controlKindName(ControlKind(i));
        if (const RedisReply *version = fieldOf(reply.elements[1], QByteArrayView(name.data(), name.size()))) {
            if (!versionIn(*version))
                return malformed(u"gatehouse:control:version holds no number for %1"_s.arg(name));
            snapshot.versions[i] = *versionIn(*version);
        }
        readItems(reply.elements[2 + i], snapshot.items[i], snapshot.refused);
    }
    return std::optional(std::move(snapshot));
}

} // namespace gatehouse::controlcodec
