// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/streamreply.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace gatehouse::streamreply {

namespace {

/// "mark:previous end:base:…"
HistoryRunBegin readRun(const QByteArray &text)
{
    const QByteArrayList parts = text.split(':');
    if (parts.size() < 3)
        return {};
    const HistoryRunBegin run{ parts[0].toUInt(), parts[1].toLongLong(), parts[2].toLongLong() };
    return run.previousEnd >= 0 && run.base >= run.previousEnd ? run : HistoryRunBegin{};
}

Result<StreamedNotification> readEntry(const std::vector<RedisReply> &fields)
{
    if (fields.empty())
        return Error{ u"is larger than %1 bytes"_s.arg(kMostEntryBytes), {} };
    StreamedNotification entry;
    QByteArray audience;
    for (size_t i = 0; i + 1 < fields.size(); i += 2) {
        const QByteArray &name = fields[i].text;
        const QByteArray &text = fields[i + 1].text;
        if (name == "s")
            entry.sequence = text.toLongLong();
        else if (name == "r")
            entry.run = text.toUInt();
        else if (name == "n")
            entry.json = text;
        else if (name == "t")
            audience = text;
        else if (name == "e")
            entry.expiresAt = UtcTime(std::chrono::milliseconds(text.toLongLong()));
    }
    if (entry.sequence <= 0)
        return Error{ u"has no sequence"_s, {} };
    if (entry.run == 0)
        return Error{ u"has no run"_s, {} };
    const Result<Notification> notification = notificationcodec::decode(entry.json);
    if (!notification)
        return notification.error();
    Result<Audience> to = notificationcodec::decodeAudience(audience);
    if (!to)
        return to.error();
    entry.id = notification->id;
    // Written anew: what else was in there does not get to a client.
    entry.json = notificationcodec::encode(*notification);
    entry.to = std::move(to).value();
    return entry;
}

Error notAnAnswer()
{
    return { u"a script that reads the streams answered something else than it can"_s, {} };
}

} // namespace

QByteArrayList readArguments(const Positions &positions)
{
    QByteArrayList arguments{ QByteArray::number(kMostEntries), QByteArray::number(kMostBytes),
        QByteArray::number(kMostEntryBytes) };
    for (const QByteArray &position : positions)
        arguments.append(position);
    return arguments;
}

Result<Ends> readEnds(const RedisReply &reply)
{
    const std::vector<RedisReply> &parts = reply.elements;
    if (parts.size() != 3 || parts[2].elements.size() != size_t(kStreamShards))
        return notAnAnswer();
    Ends ends{ std::max<qint64>(parts[0].toInteger(), 0), readRun(parts[1].text), {} };
    for (size_t shard = 0; shard < ends.positions.size(); ++shard) {
        ends.positions[shard] = parts[2].elements[shard].text;
        if (!isEntryId(ends.positions[shard]))
            return notAnAnswer();
    }
    return ends;
}

Result<Read> readAnswer(const RedisReply &reply, Positions &positions)
{
    const std::vector<RedisReply> &parts = reply.elements;
    if (parts.size() != 4 || parts[3].elements.size() != size_t(kStreamShards))
        return notAnAnswer();
    Read read{ { std::max<qint64>(parts[0].toInteger(), 0), readRun(parts[1].text), parts[2].toInteger() == 1, {} } };
    for (size_t shard = 0; shard < positions.size(); ++shard) {
        for (const RedisReply &entry : parts[3].elements[shard].elements) {
            if (entry.elements.size() != 2 || !isEntryId(entry.elements[0].text))
                return notAnAnswer();
            positions[shard] = entry.elements[0].text;
            ++read.entries;
            Result<StreamedNotification> notification = readEntry(entry.elements[1].elements);
            if (notification)
                read.answer.entries.push_back(std::move(notification).value());
            else
                read.refused.append(u"entry %1 of stream %2 %3"_s.arg(QString::fromLatin1(positions[shard]))
                                        .arg(shard)
                                        .arg(notification.error().message));
        }
    }
    return read;
}

bool isEntryId(const QByteArray &id)
{
    const qsizetype dash = id.indexOf('-');
    bool isTime = false;
    bool isNumber = false;
    (void)id.left(dash).toULongLong(&isTime);
    (void)id.mid(dash + 1).toULongLong(&isNumber);
    return dash > 0 && isTime && isNumber;
}

bool isBefore(const QByteArray &one, const QByteArray &other)
{
    const auto numbers = [](const QByteArray &id) {
        const qsizetype dash = id.indexOf('-');
        return std::pair(id.left(dash).toULongLong(), id.mid(dash + 1).toULongLong());
    };
    return numbers(one) < numbers(other);
}

} // namespace gatehouse::streamreply
