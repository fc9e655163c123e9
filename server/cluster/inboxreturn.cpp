// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/inboxreturn.h"

#include <algorithm>

#include <QtCore/QPointer>

#include "server/base/onthread.h"
#include "server/cluster/delivery/notificationcodec.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr std::chrono::milliseconds kRetry{ 1000 };
const QByteArray kInboxes = QByteArrayLiteral("gatehouse:inbox:");
const QByteArray kMarks = QByteArrayLiteral("gatehouse:read:");
const QByteArray kUsers = QByteArrayLiteral("gatehouse:user:");

/// What has another type under such a name is none of ours. Every other error is one.
bool isOfOthers(const Result<RedisReply> &reply)
{
    return !reply && reply.error().message.startsWith("WRONGTYPE"_L1);
}

/// nullopt for what no node writes.
std::optional<Audience> audienceOf(const QByteArrayList &targets)
{
    QStringList users;
    QStringList groups;
    for (const QByteArray &target : targets) {
        if (target == "all")
            return ToAll{};
        const QString name = QString::fromUtf8(target.sliced(std::min<qsizetype>(2, target.size())));
        if (name.isEmpty() || (!target.startsWith("u:") && !target.startsWith("g:")))
            return std::nullopt;
        (target.startsWith("u:") ? users : groups).append(name);
    }
    if (!users.isEmpty())
        return ToUsers{ users };
    return groups.isEmpty() ? std::nullopt : std::optional<Audience>(ToGroups{ groups });
}

} // namespace

InboxCollector::InboxCollector(RedisCalls &calls, const Clock &clock, Log &log, Handlers handlers)
    : m_calls(calls)
    , m_clock(clock)
    , m_log(log)
    , m_handlers(std::move(handlers))
    , m_retry(this)
{
    m_retry.setSingleShot(true);
    m_retry.setInterval(kRetry);
    connect(&m_retry, &QTimer::timeout, this, &InboxCollector::linkUp);
}

template <typename F> auto InboxCollector::ofThisTry(F callback)
{
    return [self = QPointer(this), callback = std::move(callback), number = m_try](const auto &...arguments) {
        if (self && number == self->m_try)
            callback(arguments...);
    };
}

void InboxCollector::linkUp()
{
    if (m_isDone)
        return;
    ++m_try;
    m_retry.stop();
    m_entries.clear();
    m_users.clear();
    m_places.clear();
    m_highest = 0;
    readInboxes();
}

void InboxCollector::scan(const QByteArray &pattern, const QByteArray &cursor,
    std::function<void(const QByteArrayList &)> found, std::function<void()> then)
{
    const auto answered = [this, pattern, found, then](const Result<RedisReply> &reply) {
        if (!reply || reply->elements.size() != 2)
            return failed(reply ? Error{ u"SCAN answered something else than it can"_s, {} } : reply.error());
        QByteArrayList keys;
        for (const RedisReply &key : reply->elements[1].elements)
            keys.append(key.text);
        if (!keys.isEmpty())
            found(keys);
        const QByteArray next = reply->elements[0].text;
        if (next != "0")
            return scan(pattern, next, found, then);
        // What was asked about the keys is answered before this.
        m_calls.call({ "PING" }, ofThisTry([this, then](const Result<RedisReply> &pong) {
            if (pong)
                then();
            else
                failed(pong.error());
        }));
    };
    m_calls.call({ "SCAN", cursor, "MATCH", pattern + '*', "COUNT", "1000" }, ofThisTry(answered));
}

void InboxCollector::readInboxes()
{
    const auto found = [this](const QByteArrayList &keys) {
        for (const QByteArray &key : keys) {
            const auto read = [this, target = key.sliced(kInboxes.size())](const Result<RedisReply> &reply) {
                if (isOfOthers(reply))
                    return;
                if (!reply)
                    return failed(reply.error());
                const std::vector<RedisReply> &rows = reply->elements;
                for (size_t i = 0; i + 1 < rows.size(); i += 2) {
                    const QByteArrayList parts = rows[i].text.split(':');
                    Entry &entry = m_entries[qint64(rows[i + 1].text.toDouble())];
                    entry.expires = parts.value(2).toLongLong();
                    if (!entry.targets.contains(target)) // SCAN may name a key twice
                        entry.targets.append(target);
                }
            };
            m_calls.call({ "ZRANGE", key, "0", "-1", "WITHSCORES" }, ofThisTry(read));
        }
    };
    scan(kInboxes, "0", found, [this] { readMarks(); });
}

void InboxCollector::readMarks()
{
    const auto found = [this](const QByteArrayList &keys) {
        for (const QByteArray &key : keys) {
            const auto read
                = [this, user = QString::fromUtf8(key.sliced(kMarks.size()))](const Result<RedisReply> &reply) {
                      if (isOfOthers(reply))
                          return;
                      if (!reply)
                          return failed(reply.error());
                      for (const RedisReply &row : reply->elements) {
                          const auto entry = m_entries.find(row.text.toLongLong());
                          if (entry != m_entries.end() && !entry->second.readers.contains(user))
                              entry->second.readers.append(user);
                      }
                  };
            m_calls.call({ "ZRANGE", key, "0", "-1" }, ofThisTry(read));
        }
    };
    scan(kMarks, "0", found, [this] { readUsers(); });
}

void InboxCollector::readUsers()
{
    const auto found = [this](const QByteArrayList &keys) {
        const auto read = [this, keys](const Result<RedisReply> &reply) {
            if (!reply)
                return failed(reply.error());
            for (qsizetype i = 0; i < keys.size() && size_t(i) < reply->elements.size(); ++i) {
                if (const RedisReply &since = reply->elements[size_t(i)]; since.isText())
                    m_users.emplace_back(since.text.toLongLong(), QString::fromUtf8(keys[i].sliced(kUsers.size())));
            }
        };
        m_calls.call(QByteArrayList{ "MGET" } + keys, ofThisTry(read));
    };
    scan(kUsers, "0", found, [this] { readContents(); });
}

void InboxCollector::readContents()
{
    if (m_entries.empty())
        return finish();
    std::vector<qint64> sequences;
    QByteArrayList command{ "MGET" };
    for (auto entry = m_entries.begin(); entry != m_entries.end() && qsizetype(sequences.size()) < kPortion; ++entry) {
        sequences.push_back(entry->first);
        command << "gatehouse:notification:" + QByteArray::number(entry->first);
    }
    m_calls.call(command, ofThisTry([this, sequences](const Result<RedisReply> &reply) {
        if (reply && reply->elements.size() == sequences.size())
            give(sequences, *reply);
        else
            failed(reply ? Error{ u"MGET answered something else than it can"_s, {} } : reply.error());
    }));
}

void InboxCollector::give(const std::vector<qint64> &sequences, const RedisReply &contents)
{
    std::vector<HeldNotification> portion;
    std::vector<qint64> given;
    const qint64 now = toEpochMillis(m_clock.utc());
    for (size_t i = 0; i < sequences.size(); ++i) {
        const Entry entry = std::move(m_entries[sequences[i]]);
        m_entries.erase(sequences[i]);
        const std::optional<Audience> to = audienceOf(entry.targets);
        const Result<Notification> notification = notificationcodec::decode(contents.elements[i].text);
        const bool isOver = entry.expires != 0 && entry.expires <= now;
        if (!to || !notification || isOver) // gone, or not a node's
            continue;
        portion.push_back({ { sequences[i], *notification },
            entry.expires == 0 ? std::nullopt : std::optional(fromEpochMillis(entry.expires)), *to, entry.readers });
        given.push_back(sequences[i]);
    }
    const auto answer = ofThisTry([this, given](const Result<std::vector<qint64>> &here) {
        if (here)
            taken(given, *here);
        else
            failed(here.error());
    });
    m_handlers.take(std::move(portion), answer);
}

void InboxCollector::taken(const std::vector<qint64> &sequences, const std::vector<qint64> &here)
{
    for (size_t i = 0; i < sequences.size() && i < here.size(); ++i) {
        m_highest = std::max(m_highest, here[i]);
        m_places[sequences[i]] = m_highest;
    }
    readContents();
}

void InboxCollector::finish()
{
    m_isDone = true;
    Users users;
    for (const auto &[since, user] : m_users) {
        const auto next = m_places.upper_bound(since);
        users.emplace_back(next == m_places.begin() ? 0 : std::prev(next)->second, user);
    }
    m_handlers.end(std::move(users));
}

void InboxCollector::failed(const Error &error)
{
    ++m_try;
    m_log.log(LogLevel::Warning, "inboxes_wait"_L1, { { "error"_L1, error.message } });
    if (error.field != rediserrors::kDown) // else the link begins anew
        m_retry.start();
}

InboxReturn::InboxReturn(const RedisUrl &url, const QString &node, SqliteNotificationStore &store, const Clock &clock,
    Log &log, QObject &anchor, std::function<void(const Ended &)> ended)
    : m_anchor(anchor)
    , m_store(store)
    , m_ended(std::move(ended))
    , m_thread(u"inboxes"_s)
    , m_link(m_thread.add(std::make_unique<RedisLink>(url, "gatehouse:" + node.toUtf8() + ":inboxes", clock, log)))
    , m_collector(m_thread.add(std::make_unique<InboxCollector>(m_link, clock, log,
          InboxCollector::Handlers{ [this](std::vector<HeldNotification> held, const InboxCollector::Taken &taken) {
                                       postTo(m_context, [this, held = std::move(held), taken] { take(held, taken); });
                                   },
              [this](const InboxCollector::Users &users) { postTo(m_context, [this, users] { end(users); }); } })))
{
    QObject::connect(&m_link, &RedisLink::up, &m_collector, &InboxCollector::linkUp);
    postTo(m_link, [this] { m_link.start(); });
}

InboxReturn::~InboxReturn()
{
    postTo(m_link, [this] { m_link.stop(); });
    m_thread.end();
}

void InboxReturn::take(const std::vector<HeldNotification> &held, const InboxCollector::Taken &taken)
{
    // The store answers on its own thread: by way of the main thread, where it is known whether this still exists.
    m_store.takeIn(
        held, onThreadOf(m_anchor, &m_context, [this, taken](const Result<SqliteNotificationStore::TakenIn> &result) {
            if (result && result->count > 0) {
                m_result.notifications += result->count;
                if (!m_result.before)
                    m_result.before = Cursor{ m_store.run(), result->before };
            }
            postTo(m_link, [taken, result] {
                if (result)
                    taken(result->sequences);
                else
                    taken(result.error());
            });
        }));
}

void InboxReturn::end(const InboxCollector::Users &users)
{
    m_store.makeKnown(users, onThreadOf(m_anchor, &m_context, [this, users](const Status &status) {
        if (status)
            m_ended(m_result);
        else
            QTimer::singleShot(kRetry, &m_context, [this, users] { end(users); });
    }));
}

} // namespace gatehouse
