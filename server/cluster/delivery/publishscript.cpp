// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/publishscript.h"

#include <algorithm>

#include "server/cluster/delivery/notificationcodec.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kStreamEntries = 10'000; // about as many stay in each stream

// ARGV: the server's run id; now (ms), retention of inboxes (ms), retention of keys (ms), size of an inbox, entries of
// a stream; entry and group of gatehouse:publish; name, digest and ids of the key; then for each notification: its
// JSON, id, created (ms), expires (ms or 0), life (ms), audience, stream, number of targets, targets. What may turn out
// to be wrong is looked at before anything is written: a script that fails is not undone.
constexpr const char *kPublish = R"lua(
local now, retention, keyRetention, bound = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local entry, group, keyName, digest, ids = ARGV[7], ARGV[8], ARGV[9], ARGV[10], ARGV[11]
local slack = 200 -- an inbox is tidied when so many are too many, not at each publish
local longMemory = 400 * 86400 -- seconds: how long it is known that something is gone

local function removeEntry()
    if entry == '' then return end
    redis.call('XACK', 'gatehouse:publish', group, entry)
    redis.call('XDEL', 'gatehouse:publish', entry)
end

-- Takes out of an inbox what nobody will be shown any more.
local function tidy(target)
    local inbox = 'gatehouse:inbox:' .. target
    local members = redis.call('ZRANGE', inbox, 0, -1, 'WITHSCORES')
    local gone, kept, cut = {}, {}, 0
    for i = 1, #members, 2 do
        local created, expires = string.match(members[i], ':(%d+):(%d+):[01]$')
        created, expires = tonumber(created or 0), tonumber(expires or 0)
        if expires ~= 0 and expires <= now then
            gone[#gone + 1] = members[i]
        elseif created + retention <= now then
            gone[#gone + 1] = members[i]
            cut = tonumber(members[i + 1])
        else
            kept[#kept + 1] = i
        end
    end
    for k = 1, #kept - bound do
        local member, sequence = members[kept[k]], tonumber(members[kept[k] + 1])
        local content = 'gatehouse:notification:' .. textOf(sequence)
        gone[#gone + 1] = member
        cut = math.max(cut, sequence)
        local left = 0
        if string.sub(member, -1) == '1' then left = redis.pcall('DECR', content .. ':inboxes') end
        if type(left) ~= 'number' or left <= 0 then redis.call('DEL', content, content .. ':inboxes') end
    end
    for first = 1, #gone, 1000 do
        redis.call('ZREM', inbox, unpack(gone, first, math.min(first + 999, #gone)))
    end
    if cut > 0 then redis.call('SET', 'gatehouse:cut:' .. target, textOf(cut), 'EX', longMemory) end
end

if entry ~= '' and #redis.call('XRANGE', 'gatehouse:publish', entry, entry) == 0 then return { 'taken' } end
if keyName ~= '' then
    local used = redis.call('GET', 'gatehouse:key:' .. keyName)
    local at, earlier, answered = string.match(used or '', '^(%d+) (%x+) (.*)$')
    if at and tonumber(at) + keyRetention > now then
        if earlier ~= digest then return { 'refused' } end
        removeEntry()
        return { 'replayed', answered }
    end
end
local sizes = {}
local i, count = 12, 0
while i <= #ARGV do
    local shard = 'gatehouse:stream:' .. ARGV[i + 6]
    if not sizes[shard] then
        sizes[shard] = redis.pcall('XLEN', shard)
        if type(sizes[shard]) ~= 'number' then return redis.error_reply('WRONGTYPE ' .. shard .. ' is no stream') end
    end
    local targets = tonumber(ARGV[i + 7])
    for t = i + 8, i + 7 + targets do
        if not sizes[ARGV[t]] then
            local size = redis.pcall('ZCARD', 'gatehouse:inbox:' .. ARGV[t])
            if type(size) ~= 'number' then return redis.error_reply('WRONGTYPE an inbox is no sorted set: ' .. ARGV[t]) end
            sizes[ARGV[t]] = size
        end
    end
    i, count = i + 8 + targets, count + 1
end

removeEntry()
if keyName ~= '' then
    local value = ARGV[2] .. ' ' .. digest .. ' ' .. ids
    redis.call('SET', 'gatehouse:key:' .. keyName, value, 'PX', ARGV[4])
end
local sequence = last
i = 12
while i <= #ARGV do
    sequence = sequence + 1
    local number = textOf(sequence)
    local json, id, created, expires, life = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
    local targets = tonumber(ARGV[i + 7])
    redis.call('SET', 'gatehouse:notification:' .. number, json, 'PX', life)
    if targets > 1 then
        redis.call('SET', 'gatehouse:notification:' .. number .. ':inboxes', ARGV[i + 7], 'PX', life)
    end
    local isLasting = expires == '0' or tonumber(expires) - tonumber(created) > retention
    local member = id .. ':' .. created .. ':' .. expires .. ':' .. (targets > 1 and '1' or '0')
    for t = i + 8, i + 7 + targets do
        local target = ARGV[t]
        if sizes[target] == 0 then -- new, or all that was in it has become too old
            local before = redis.pcall('GET', 'gatehouse:last:' .. target)
            if type(before) == 'string' then redis.call('SET', 'gatehouse:cut:' .. target, before, 'EX', longMemory) end
        end
        redis.call('ZADD', 'gatehouse:inbox:' .. target, number, member)
        redis.call('PEXPIRE', 'gatehouse:inbox:' .. target, ARGV[3])
        if isLasting then redis.call('SET', 'gatehouse:last:' .. target, number, 'EX', longMemory) end
        sizes[target] = sizes[target] + 1
        if sizes[target] > bound + slack then
            tidy(target)
            sizes[target] = redis.call('ZCARD', 'gatehouse:inbox:' .. target)
        end
    end
    local item = { 's', number, 'n', json, 't', ARGV[i + 5], 'r', mark }
    if expires ~= '0' then
        item[9], item[10] = 'e', expires
    end
    redis.call('XADD', 'gatehouse:stream:' .. ARGV[i + 6], 'MAXLEN', '~', ARGV[6], '*', unpack(item))
    i = i + 8 + targets
end
if count > 0 then redis.call('SET', 'gatehouse:seq', textOf(sequence)) end
return { 'stored', mark, textOf(last) }
)lua";

const RedisScript &publishScript()
{
    static const RedisScript script = RedisHistory::script(kPublish);
    return script;
}

qint64 millis(std::chrono::milliseconds duration)
{
    return qint64(duration.count());
}

/// Adds what the script is told of one notification.
void addNotification(QByteArrayList &arguments, const Notification &notification, const PublishRequest &request)
{
    const qint64 created = toEpochMillis(notification.createdAt);
    const std::chrono::milliseconds life
        = request.ttl ? std::min<std::chrono::milliseconds>(*request.ttl, kInboxRetention) : kInboxRetention;
    const qint64 expires = request.ttl ? created + millis(*request.ttl) : 0;
    const QByteArrayList targets = notificationcodec::targetsOf(request.to);
    arguments << notificationcodec::encode(notification) << notification.id.toLatin1() << QByteArray::number(created)
              << QByteArray::number(expires) << QByteArray::number(millis(life))
              << notificationcodec::encodeAudience(request.to)
              << QByteArray::number(notificationcodec::streamShardOf(targets.first()))
              << QByteArray::number(targets.size());
    arguments += targets;
}

Result<RedisPublished> readReply(
    const RedisReply &reply, const QStringList &ids, std::vector<StoredNotification> notifications)
{
    using Kind = RedisPublished::Kind;
    const std::vector<RedisReply> &parts = reply.elements;
    const QByteArray kind = parts.empty() ? QByteArray() : parts[0].text;
    if (kind == "taken")
        return RedisPublished{ Kind::Taken };
    if (kind == "refused")
        return RedisPublished{ Kind::Refused };
    if (kind == "replayed" && parts.size() == 2)
        return RedisPublished{ Kind::Replayed, {}, QString::fromLatin1(parts[1].text).split(u' ', Qt::SkipEmptyParts) };
    if (kind != "stored" || parts.size() != 3)
        return Error{ u"the publish script answered something else than it can"_s, rediserrors::kRefused };
    qint64 sequence = parts[2].toInteger();
    for (StoredNotification &stored : notifications)
        stored.sequence = ++sequence;
    return RedisPublished{ Kind::Stored, std::move(notifications), ids, quint32(parts[1].toInteger()) };
}

} // namespace

PublishScript::PublishScript(RedisHistory &history, const Clock &clock)
    : m_history(history)
    , m_clock(clock)
    , m_ids(UlidGenerator::withSystemEntropy())
{
}

void PublishScript::publish(const RedisPublish &publish, Done done)
{
    const UtcTime now = m_clock.utc();
    QByteArrayList content;
    std::vector<StoredNotification> notifications;
    notifications.reserve(publish.requests.size());
    for (const PublishRequest &request : publish.requests) {
        notifications.push_back(
            { 0, { m_ids.next(now), request.title, request.body, request.level, request.data, now, false } });
        addNotification(content, notifications.back().notification, request);
    }
    QStringList ids = publish.ids;
    auto next = notifications.begin();
    for (QString &id : ids) {
        if (id.isEmpty())
            id = (next++)->notification.id;
    }
    QByteArray key;
    if (publish.key) // a user's name may hold a colon
        key = publish.key->user.toUtf8().toPercentEncoding() + ':' + publish.key->key;
    const QByteArrayList head{ QByteArray::number(toEpochMillis(now)), QByteArray::number(millis(kInboxRetention)),
        QByteArray::number(millis(kPublishKeyRetention)), QByteArray::number(kMaxUnreadPerUser + 1),
        QByteArray::number(kStreamEntries), publish.entry, publish.group, key,
        publish.key ? publish.key->digest.toHex() : QByteArray(), ids.join(u' ').toLatin1() };
    m_history.run(
        publishScript(), head + content,
        [this, ids, notifications = std::move(notifications), done = std::move(done)](const Result<RedisReply> &reply) {
            if (!reply) {
                done(reply.error());
                return;
            }
            Result<RedisPublished> published = readReply(*reply, ids, notifications);
            if (published && !published->notifications.empty())
                m_history.saw(published->notifications.back().sequence);
            done(std::move(published));
        },
        kDeadline);
}

} // namespace gatehouse
