// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/inboxscripts.h"

#include <algorithm>

#include "server/cluster/delivery/notificationcodec.h"
#include "server/cluster/delivery/redishistory.h"
#include "shared/util/isotime.h"
#include "shared/util/ulid.h"

using namespace Qt::StringLiterals;

namespace gatehouse::inboxscripts {

namespace {

// Of an inbox the newest 1,300 are looked at: the publish script leaves no more.

// ARGV: the server's run id; the user, the mark and the sequence of the cursor (empty: none), groups.
constexpr const char *kIndex = R"lua(
local user = ARGV[2]
local after, isLost, state = nil, 0, 'unread'
if ARGV[3] ~= '' then
    state = 'foreign'
    local sequence, bound = tonumber(ARGV[4]), nil
    if ARGV[3] == mark then
        bound = last
    else
        local runs = redis.call('LRANGE', 'gatehouse:runs', 0, -1)
        for i = #runs - 1, 1, -1 do
            local begin, lost = string.match(runs[i + 1], '^%d+:(%d+):%d+:([01])$')
            if lost ~= '0' then isLost = 1 end
            if string.match(runs[i], '^(%d+):') == ARGV[3] then
                bound = tonumber(begin)
                break
            end
        end
    end
    if bound and sequence <= bound then
        after, state = sequence, 'after'
    end
end
local since = tonumber(redis.call('GET', 'gatehouse:user:' .. user) or '')
if not since then
    since = last
    redis.call('SET', 'gatehouse:user:' .. user, textOf(since))
end
local answer = { 'index', mark, textOf(last), textOf(since), state, textOf(after or 0), isLost }
local function look(target, from)
    local members = redis.call('ZREVRANGEBYSCORE', 'gatehouse:inbox:' .. target, '+inf', '(' .. textOf(from), 'WITHSCORES',
        'LIMIT', 0, 1300)
    local unread, read, sequences = {}, {}, {}
    for i = 2, #members, 2 do sequences[#sequences + 1] = members[i] end
    local marks = #sequences > 0 and redis.call('ZMSCORE', 'gatehouse:read:' .. user, unpack(sequences)) or {}
    for i, sequence in ipairs(sequences) do
        local list = unread
        if marks[i] then list = (after and tonumber(sequence) > after) and read or nil end
        if list then
            list[#list + 1] = sequence
            list[#list + 1] = members[2 * i - 1]
        end
    end
    local floor = '0'
    if after then
        floor = redis.call('GET', 'gatehouse:cut:' .. target) or '0'
        if #members == 0 and redis.call('EXISTS', 'gatehouse:inbox:' .. target) == 0 then
            floor = redis.call('GET', 'gatehouse:last:' .. target) or floor
        end
    end
    answer[#answer + 1] = { unread, read, floor }
end
look('u:' .. user, 0)
look('all', since)
for i = 5, #ARGV do look('g:' .. ARGV[i], since) end
return answer
)lua";

// ARGV: the server's run id; most bytes, sequences. An integer stands for what there is no content of: 0 if it is gone,
// 1 if it is something else.
constexpr const char *kContents = R"lua(
local answer, left = { 'contents' }, tonumber(ARGV[2])
for i = 3, #ARGV do
    local key = 'gatehouse:notification:' .. ARGV[i]
    local size = redis.pcall('STRLEN', key)
    if type(size) ~= 'number' or size > 65536 then
        answer[#answer + 1] = 1
    elseif size == 0 then
        answer[#answer + 1] = 0
    else
        left = left - size - 1
        if left < 0 then break end
        answer[#answer + 1] = redis.call('GET', key)
    end
end
return answer
)lua";

// ARGV: the server's run id; the user, now (ms), retention (ms), "ids" or "all", number of groups, groups, ids.
constexpr const char *kMark = R"lua(
local user, now, retention, groups = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[6])
local readKey = 'gatehouse:read:' .. user
local since = tonumber(redis.call('GET', 'gatehouse:user:' .. user) or '') or last
local unread, seen = {}, {}
local function look(target, from)
    local members = redis.call('ZREVRANGEBYSCORE', 'gatehouse:inbox:' .. target, '+inf', '(' .. textOf(from), 'WITHSCORES',
        'LIMIT', 0, 1300)
    local sequences = {}
    for i = 2, #members, 2 do sequences[#sequences + 1] = members[i] end
    local marks = #sequences > 0 and redis.call('ZMSCORE', readKey, unpack(sequences)) or {}
    for i, sequence in ipairs(sequences) do
        local id, created, expires = string.match(members[2 * i - 1], '^(%w+):(%d+):(%d+):[01]$')
        created, expires = tonumber(created or 0), tonumber(expires or 0)
        if created > 253402300800000 then created = 0 end -- beyond the year 9999: nothing of ours
        if not marks[i] and not seen[sequence] and created + retention > now and (expires == 0 or expires > now) then
            seen[sequence] = true
            unread[#unread + 1] = { tonumber(sequence), id }
        end
    end
end
look('u:' .. user, 0)
look('all', since)
for i = 7, 6 + groups do look('g:' .. ARGV[i], since) end
table.sort(unread, function(one, two) return one[1] < two[1] end)
local wanted = {}
for i = 7 + groups, #ARGV do wanted[ARGV[i]] = true end
local answer = { 'marked', 0 }
for _, entry in ipairs(unread) do
    if ARGV[5] == 'all' or wanted[entry[2]] then
        answer[#answer + 1] = entry[2]
        local number = textOf(entry[1])
        redis.call('ZADD', readKey, number, number)
    end
end
local marked = #answer - 2
if marked > 0 then
    redis.call('PEXPIRE', readKey, retention)
    -- Marks of what is gone go too: of twice as many as were added a look at random ones keeps them fewer than those that are needed.
    for _, number in ipairs(redis.call('ZRANDMEMBER', readKey, 2 * marked + 8)) do
        if redis.call('EXISTS', 'gatehouse:notification:' .. number) == 0 then redis.call('ZREM', readKey, number) end
    end
end
answer[2] = #unread - marked
return answer
)lua";

Error wrongShape(const QString &what)
{
    return { u"Redis holds something else than an inbox: "_s + what, {} };
}

/// Reads `id:created:expires:0` with its sequence; nullopt for what is nothing of ours, and for what has expired.
std::optional<InboxEntry> readEntry(const RedisReply &sequence, const RedisReply &member, UtcTime now)
{
    const QByteArrayList parts = member.text.split(':');
    InboxEntry entry;
    entry.sequence = sequence.toInteger(-1);
    if (parts.size() != 4 || entry.sequence <= 0 || entry.sequence > RedisHistory::kLargestSequence)
        return std::nullopt;
    bool isCreated = false;
    bool isExpiring = false;
    const qint64 created = parts[1].toLongLong(&isCreated);
    const qint64 expires = parts[2].toLongLong(&isExpiring);
    entry.id = QString::fromLatin1(parts[0]);
    // The epoch's year 10,000 bounds what is added to.
    constexpr qint64 kLatest = 253'402'300'800'000;
    if (!isUlid(entry.id) || !isCreated || !isExpiring || created < 0 || created > kLatest || expires < 0
        || expires > kLatest)
        return std::nullopt;
    if (expires > 0 && fromEpochMillis(expires) <= now)
        return std::nullopt;
    entry.until = fromEpochMillis(created) + kInboxRetention;
    if (expires > 0)
        entry.until = std::min(entry.until, fromEpochMillis(expires));
    return entry;
}

std::optional<std::vector<InboxEntry>> readEntries(const RedisReply &list, bool isRead, UtcTime now)
{
    std::vector<InboxEntry> entries;
    if (!list.isArray() || list.elements.size() % 2 != 0)
        return std::nullopt;
    for (size_t i = 0; i < list.elements.size(); i += 2) {
        std::optional<InboxEntry> entry = readEntry(list.elements[i], list.elements[i + 1], now);
        if (!entry)
            continue;
        entry->isRead = isRead;
        entries.push_back(std::move(*entry));
    }
    return entries;
}

} // namespace

const RedisScript &index()
{
    static const RedisScript script = RedisHistory::script(kIndex);
    return script;
}

QByteArrayList indexArguments(const InboxQuery &query)
{
    QByteArrayList arguments{ query.user.toUtf8(), query.after ? QByteArray::number(query.after->run) : QByteArray(),
        query.after ? QByteArray::number(query.after->sequence) : QByteArray() };
    for (const QString &group : query.groups)
        arguments.append(group.toUtf8());
    return arguments;
}

Result<ReaderIndex> readIndex(const RedisReply &reply, UtcTime now)
{
    const std::vector<RedisReply> &parts = reply.elements;
    if (!reply.isArray() || parts.size() < 9 || parts[0].text != "index")
        return wrongShape(u"the index"_s);
    ReaderIndex index{ quint32(parts[1].toInteger()), parts[2].toInteger(), parts[3].toInteger() };
    if (parts[4].text == "after")
        index.after = parts[5].toInteger();
    index.isLost = parts[6].toInteger() != 0;
    for (size_t i = 7; i < parts.size(); ++i) {
        const std::vector<RedisReply> &inbox = parts[i].elements;
        if (inbox.size() != 3)
            return wrongShape(u"an inbox"_s);
        std::optional<std::vector<InboxEntry>> unread = readEntries(inbox[0], false, now);
        std::optional<std::vector<InboxEntry>> read = readEntries(inbox[1], true, now);
        if (!unread || !read)
            return wrongShape(u"the entries"_s);
        index.inboxes.push_back({ std::move(*unread), std::move(*read), inbox[2].toInteger(), i == 7 });
    }
    return index;
}

const RedisScript &contents()
{
    static const RedisScript script = RedisHistory::script(kContents);
    return script;
}

QByteArrayList contentsArguments(const std::vector<InboxEntry> &entries, qint64 maxBytes)
{
    QByteArrayList arguments{ QByteArray::number(maxBytes) };
    for (const InboxEntry &entry : entries)
        arguments.append(QByteArray::number(entry.sequence));
    return arguments;
}

Result<ReadContents> readContents(const RedisReply &reply)
{
    const std::vector<RedisReply> &parts = reply.elements;
    if (!reply.isArray() || parts.size() < 2 || parts[0].text != "contents") // the first always fits
        return wrongShape(u"the contents"_s);
    ReadContents contents;
    for (size_t i = 1; i < parts.size(); ++i) {
        if (parts[i].isText()) {
            Result<Notification> notification = notificationcodec::decode(parts[i].text);
            if (!notification)
                contents.refusal = notification.error().message;
            contents.notifications.push_back(
                notification ? std::optional(std::move(notification).value()) : std::optional<Notification>());
        } else {
            if (parts[i].toInteger() != 0)
                contents.refusal = u"a notification is no text, or far too long"_s;
            contents.notifications.emplace_back();
        }
    }
    return contents;
}

const RedisScript &mark()
{
    static const RedisScript script = RedisHistory::script(kMark);
    return script;
}

QByteArrayList markArguments(
    const QString &user, const QStringList &groups, const std::optional<QStringList> &ids, UtcTime now)
{
    QByteArrayList arguments{ user.toUtf8(), QByteArray::number(toEpochMillis(now)),
        QByteArray::number(qint64(std::chrono::milliseconds(kInboxRetention).count())), ids ? "ids" : "all",
        QByteArray::number(groups.size()) };
    for (const QString &group : groups)
        arguments.append(group.toUtf8());
    for (const QString &id : ids.value_or(QStringList()))
        arguments.append(id.toUtf8());
    return arguments;
}

Result<std::pair<QStringList, qint64>> readMarked(const RedisReply &reply)
{
    const std::vector<RedisReply> &parts = reply.elements;
    if (!reply.isArray() || parts.size() < 2 || parts[0].text != "marked")
        return wrongShape(u"what was marked"_s);
    std::pair<QStringList, qint64> marked{ {}, std::min(parts[1].toInteger(), kMaxUnreadPerUser) };
    for (size_t i = 2; i < parts.size(); ++i)
        marked.first.append(QString::fromLatin1(parts[i].text));
    return marked;
}

} // namespace gatehouse::inboxscripts
