// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/redisnotificationstore.h"

#include <algorithm>
#include <array>

#include "server/base/onthread.h"
#include "server/cluster/delivery/redisinboxmarking.h"
#include "server/cluster/delivery/redisinboxreading.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// Whether the same may succeed later without anybody mending what is in Redis.
bool isAway(const Error &error)
{
    // A server that has no memory, disk or master just now, or no rights for us, refuses with these.
    static const std::array kForNow{ "LOADING"_L1, "READONLY"_L1, "MASTERDOWN"_L1, "OOM"_L1, "MISCONF"_L1,
        "NOREPLICAS"_L1, "BUSY"_L1, "TRYAGAIN"_L1, "NOPERM"_L1 };
    return error.field == rediserrors::kDown || error.field == rediserrors::kLate
        || std::any_of(kForNow.begin(), kForNow.end(),
            [&error](QLatin1StringView code) { return error.message.startsWith(code); });
}

} // namespace

RedisNotificationStore::RedisNotificationStore(
    RedisHistory &history, PublishScript &publish, QObject &context, const Clock &clock, Log &log)
    : m_history(history)
    , m_turns(history)
    , m_publish(publish)
    , m_context(&context)
    , m_clock(clock)
    , m_log(log)
{
}

void RedisNotificationStore::detach()
{
    const std::lock_guard lock(m_mutex);
    m_context = nullptr;
}

void RedisNotificationStore::post(std::function<void()> work, const std::function<void(const Error &)> &refuse)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_context) {
            postTo(*m_context, std::move(work));
            return;
        }
    }
    refuse({ u"the server is leaving the cluster"_s, kStoreAway });
}

Error RedisNotificationStore::failed(const Error &error)
{
    if (isAway(error))
        return { error.message, kStoreAway };
    if (error.field == kStoreBusy)
        return error;
    if (const MonoTime now = m_clock.monotonic();
        m_loggedAt == MonoTime() || now - m_loggedAt >= std::chrono::seconds(1)) {
        m_loggedAt = now;
        m_log.log(LogLevel::Error, "redis_store_failed"_L1, { { "error"_L1, error.message } });
    }
    return { error.message, {} };
}

void RedisNotificationStore::publish(RedisPublish publish, PublishScript::Done done)
{
    const auto work = [this, publish = std::move(publish), done] {
        m_publish.publish(publish, [this, done](const Result<RedisPublished> &published) {
            done(published ? published : Result<RedisPublished>(failed(published.error())));
        });
    };
    post(work, [&done](const Error &error) { done(error); });
}

void RedisNotificationStore::append(
    std::vector<PublishRequest> requests, std::function<void(Result<std::vector<StoredNotification>>)> done)
{
    publish({ std::move(requests) }, [done = std::move(done)](Result<RedisPublished> published) {
        if (published)
            done(std::move(published->notifications));
        else
            done(published.error());
    });
}

void RedisNotificationStore::appendOnce(PublishKey key, QStringList ids, std::vector<PublishRequest> requests,
    std::function<void(Result<KeyedOutcome>)> done)
{
    publish({ std::move(requests), std::move(key), std::move(ids) },
        [done = std::move(done)](Result<RedisPublished> published) {
            if (!published)
                done(published.error());
            else if (published->kind == RedisPublished::Kind::Replayed)
                done(KeyedOutcome{ KeyedOutcome::Kind::Replayed, {}, published->ids });
            else if (published->kind == RedisPublished::Kind::Refused)
                done(KeyedOutcome{ KeyedOutcome::Kind::Refused });
            else
                done(KeyedOutcome{ KeyedOutcome::Kind::Stored, std::move(published->notifications) });
        });
}

void RedisNotificationStore::loadInbox(const InboxQuery &query, std::function<void(Result<Inbox>)> done)
{
    const auto work = [this, query, done] {
        auto answer = [this, done](Result<Inbox> inbox) {
            done(inbox ? std::move(inbox) : Result<Inbox>(failed(inbox.error())));
        };
        auto refused = [this](const QString &why) { (void)failed({ why, {} }); };
        m_turns.add(query.user, std::make_shared<RedisInboxReading>(query, m_clock, std::move(answer), refused));
    };
    post(work, [&done](const Error &error) { done(error); });
}

void RedisNotificationStore::markRead(
    const QString &user, const QStringList &groups, const QStringList &ids, MarkDone done)
{
    mark(user, groups, ids, std::move(done));
}

void RedisNotificationStore::markAllRead(const QString &user, const QStringList &groups, MarkDone done)
{
    mark(user, groups, std::nullopt, std::move(done));
}

void RedisNotificationStore::mark(
    const QString &user, const QStringList &groups, const std::optional<QStringList> &ids, MarkDone done)
{
    const auto work = [this, user, groups, ids, done] {
        auto answer = [this, done](Result<std::pair<QStringList, qint64>> marked) {
            done(marked ? std::move(marked) : Result<std::pair<QStringList, qint64>>(failed(marked.error())));
        };
        m_turns.add(user, std::make_shared<RedisInboxMarking>(user, groups, ids, m_clock, std::move(answer)));
    };
    post(work, [&done](const Error &error) { done(error); });
}

} // namespace gatehouse
