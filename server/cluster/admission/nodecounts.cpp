// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/admission/nodecounts.h"

#include <algorithm>

#include "server/cluster/scripts/scripts.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// Moves up to `most` rows from the end of `from` to the end of `to`.
void moveRows(admissionscripts::CountRows &from, admissionscripts::CountRows &to, qsizetype most)
{
    const auto count = std::min(from.size(), size_t(most));
    to.insert(to.end(), from.end() - qptrdiff(count), from.end());
    from.resize(from.size() - count);
}

admissionscripts::CountRows named(const std::vector<std::pair<AddressKey, qint64>> &rows)
{
    admissionscripts::CountRows result;
    result.reserve(rows.size());
    for (const auto &[bucket, count] : rows)
        result.emplace_back(admissionscripts::bucketName(bucket), count);
    return result;
}

admissionscripts::CountRows named(const std::vector<std::pair<QString, qint64>> &rows)
{
    admissionscripts::CountRows result;
    result.reserve(rows.size());
    for (const auto &[user, count] : rows)
        result.emplace_back(user.toUtf8(), count);
    return result;
}

} // namespace

NodeCounts::NodeCounts(NodeIdentity node, RedisCalls &calls, QObject *parent)
    : QObject(parent)
    , m_node(std::move(node))
    , m_keys(admissionscripts::CountKeys::of(m_node.run.toLatin1()))
    , m_calls(calls)
    , m_heartbeat(this)
    , m_soon(this)
{
    m_soon.setSingleShot(true);
    connect(&m_heartbeat, &QTimer::timeout, this, &NodeCounts::beat);
    connect(&m_soon, &QTimer::timeout, this, [this] {
        if (m_hasJoined)
            tellNews([] {});
    });
}

void NodeCounts::run(const RedisScript &script, const admissionscripts::Call &call, RedisCalls::Done done)
{
    m_calls.run(script, call.keys, call.arguments, std::move(done));
}

void NodeCounts::linkUp()
{
    m_isUp = true;
    m_hasJoined = false;
    m_isBeating = false;
    m_heartbeat.start(kHeartbeat);
    beat();
}

void NodeCounts::linkDown()
{
    m_isUp = false;
    m_hasJoined = false;
    m_heartbeat.stop();
    m_soon.stop();
    // Everything is told anew when the link is back.
    m_endedBuckets.clear();
    m_endedUsers.clear();
}

void NodeCounts::asked(const PeerAttempt &attempt)
{
    if (attempt.bucket)
        m_addresses.asked(*attempt.bucket);
    m_users.asked(attempt.user);
}

void NodeCounts::answered(const PeerAttempt &attempt, bool isAdmitted)
{
    if (isAdmitted)
        enter(attempt.bucket, attempt.user);
    if (attempt.bucket)
        m_addresses.answered(*attempt.bucket);
    m_users.answered(attempt.user);
}

void NodeCounts::enter(const std::optional<AddressKey> &bucket, const QString &user)
{
    if (bucket)
        m_addresses.add(*bucket, 1);
    m_users.add(user, 1);
}

void NodeCounts::leave(const AddressKey &bucket)
{
    m_addresses.add(bucket, -1);
    if (m_hasJoined && m_isPrompt)
        m_endedBuckets.append(admissionscripts::bucketName(bucket));
}

void NodeCounts::leave(const QString &user)
{
    m_users.add(user, -1);
    if (m_hasJoined && m_isPrompt)
        m_endedUsers.append(user.toUtf8());
}

void NodeCounts::forget(const PeerAttempt &attempt)
{
    if (attempt.bucket)
        m_addresses.add(*attempt.bucket, -1);
    m_users.add(attempt.user, -1);
}

void NodeCounts::doubt(const PeerAttempt &attempt)
{
    if (attempt.bucket)
        m_addresses.doubt(*attempt.bucket);
    m_users.doubt(attempt.user);
}

void NodeCounts::flush()
{
    while (!m_endedBuckets.isEmpty() || !m_endedUsers.isEmpty()) {
        const QByteArrayList buckets = m_endedBuckets.mid(0, kRowsPerCall);
        const QByteArrayList users = m_endedUsers.mid(0, kRowsPerCall);
        m_endedBuckets.remove(0, buckets.size());
        m_endedUsers.remove(0, users.size());
        // If that fails, the next heartbeat says it once more.
        run(scripts::release(), admissionscripts::releaseCall(m_keys, buckets, users),
            [](const Result<RedisReply> &) {});
    }
}

void NodeCounts::beat()
{
    if (!m_isUp || std::exchange(m_isBeating, true))
        return;
    run(scripts::heartbeat(), admissionscripts::heartbeatCall(m_node),
        [this](const Result<RedisReply> &reply) { heartbeatReceived(reply); });
}

void NodeCounts::heartbeatReceived(const Result<RedisReply> &reply)
{
    const std::optional<admissionscripts::HeartbeatAnswer> answer
        = reply ? admissionscripts::readHeartbeatReply(*reply) : std::nullopt;
    if (!answer) {
        m_isBeating = false;
        Q_EMIT failed(reply ? u"an answer that the script does not give"_s : reply.error().message);
        return;
    }
    Q_EMIT heartbeatAnswered(*answer);
    if (m_hasJoined && answer->wasKnown)
        tellNews([this] { m_isBeating = false; });
    else
        tellEverything();
}

void NodeCounts::tellNews(std::function<void()> done)
{
    m_addresses.beginRound();
    m_users.beginRound();
    tellRound(std::move(done));
}

void NodeCounts::tellRound(std::function<void()> done)
{
    if (!m_isUp || (m_addresses.isRoundOver() && m_users.isRoundOver())) {
        done();
        return;
    }
    flush(); // relative numbers that belong before the absolute ones
    const auto buckets = m_addresses.takeNews(size_t(kRowsPerCall));
    const auto users = m_users.takeNews(size_t(kRowsPerCall));
    run(scripts::setCounts(), admissionscripts::setCountsCall(m_keys, named(buckets), named(users)),
        [this, buckets, users, done = std::move(done)](const Result<RedisReply> &reply) {
            if (reply) {
                tellRound(done);
                return;
            }
            for (const auto &[bucket, count] : buckets)
                m_addresses.doubt(bucket);
            for (const auto &[user, count] : users)
                m_users.doubt(user);
            done();
        });
}

void NodeCounts::tellSoon()
{
    constexpr std::chrono::milliseconds kMoment{ 50 };
    if (!m_soon.isActive())
        m_soon.start(kMoment);
}

void NodeCounts::probe(RedisCalls::Done done)
{
    run(scripts::heartbeat(), admissionscripts::heartbeatCall(m_node),
        [this, done = std::move(done)](const Result<RedisReply> &reply) {
            const std::optional<admissionscripts::HeartbeatAnswer> answer
                = reply ? admissionscripts::readHeartbeatReply(*reply) : std::nullopt;
            if (answer)
                Q_EMIT heartbeatAnswered(*answer);
            if (answer && !answer->wasKnown && m_isUp && !std::exchange(m_isBeating, true))
                tellEverything(); // the next heartbeat would not notice any more
            done(reply);
        });
}

void NodeCounts::resign(std::function<void()> done)
{
    m_heartbeat.stop();
    m_hasJoined = false;
    run(scripts::leave(), admissionscripts::leaveCall(m_node.run.toLatin1()),
        [done = std::move(done)](const Result<RedisReply> &) { done(); });
}

void NodeCounts::tellEverything()
{
    m_endedBuckets.clear();
    m_endedUsers.clear();
    m_telling = { named(m_addresses.takeAll()), named(m_users.takeAll()) };
    const admissionscripts::CountKeys next = m_keys.next();
    m_calls.call({ "UNLINK", next.addresses, next.users }, [](const Result<RedisReply> &) {});
    tellPortion(); // behind it, so it costs no way of its own
}

void NodeCounts::tellPortion()
{
    if (m_telling.buckets.empty() && m_telling.users.empty()) {
        adopt();
        return;
    }
    Telling portion;
    moveRows(m_telling.buckets, portion.buckets, kRowsPerCall);
    moveRows(m_telling.users, portion.users, kRowsPerCall);
    run(scripts::setCounts(), admissionscripts::setCountsCall(m_keys.next(), portion.buckets, portion.users),
        [this](const Result<RedisReply> &reply) {
            if (reply) {
                tellPortion();
                return;
            }
            m_isBeating = false; // the next heartbeat begins again
            Q_EMIT failed(reply.error().message);
        });
}

void NodeCounts::adopt()
{
    run(scripts::adoptCounts(), admissionscripts::adoptCountsCall(m_keys), [this](const Result<RedisReply> &reply) {
        if (!reply) {
            m_isBeating = false;
            Q_EMIT failed(reply.error().message);
            return;
        }
        // What has changed while that was on its way.
        tellNews([this] {
            m_isBeating = false;
            if (!m_isUp)
                return;
            m_hasJoined = true;
            Q_EMIT joined();
        });
    });
}

} // namespace gatehouse
