// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/delivery/inboxmove.h"

#include <algorithm>
#include <limits>

#include "server/base/onthread.h"
#include "server/cluster/delivery/notificationcodec.h"
#include "server/cluster/scripts/scripts.h"
#include "shared/util/isotime.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kMostArguments = 5000; // of users: then the script is run before more are added

/// What the script is told of one notification.
void append(QByteArrayList &events, const HeldNotification &held, UtcTime now)
{
    const Notification &notification = held.stored.notification;
    const UtcTime end = std::min(notification.createdAt + kInboxRetention, held.expiresAt.value_or(UtcTime::max()));
    const qint64 life = std::max<qint64>(0, qint64((end - now).count()));
    const QByteArrayList targets = notificationcodec::targetsOf(held.to);
    events << "n" << QByteArray::number(held.stored.sequence) << notificationcodec::encode(notification)
           << notification.id.toLatin1() << QByteArray::number(toEpochMillis(notification.createdAt))
           << QByteArray::number(held.expiresAt ? toEpochMillis(*held.expiresAt) : 0) << QByteArray::number(life)
           << QByteArray::number(targets.size());
    events += targets;
    events << QByteArray::number(held.readers.size());
    for (const QString &reader : held.readers)
        events << reader.toUtf8();
}

} // namespace

InboxMove::InboxMove(
    StoreThread &store, RedisHistory &history, QObject &link, const Clock &clock, Log &log, QObject &anchor)
    : m_store(store)
    , m_history(history)
    , m_link(link)
    , m_clock(clock)
    , m_log(log)
    , m_anchor(anchor)
{
    m_retry.setSingleShot(true);
    m_retry.setInterval(kRetry);
    connect(&m_retry, &QTimer::timeout, this, &InboxMove::start);
}

void InboxMove::start()
{
    if (m_isDone || std::exchange(m_isBusy, true))
        return;
    m_nextUser = 0;
    if (m_origin.isEmpty())
        readStart();
    else
        ask({}); // how far it has come
}

void InboxMove::readStart()
{
    struct Start
    {
        QByteArray origin;
        Users users;
    };
    const auto answer = onThreadOf(m_anchor, this, [this](const Result<Start> &start) {
        if (!start)
            return failed(start.error());
        m_origin = start->origin;
        m_users = start->users;
        ask({});
    });
    m_store.read([answer](Database &database) {
        const Result<QByteArray> origin = inboxhandover::originOf(database);
        Result<Users> users = inboxhandover::knownUsers(database);
        if (origin && users)
            answer(Result<Start>(Start{ *origin, *std::move(users) }));
        else
            answer(Result<Start>(origin ? users.error() : origin.error()));
    });
}

void InboxMove::readPortion()
{
    const auto answer = onThreadOf(m_anchor, this, [this](const Result<std::vector<HeldNotification>> &portion) {
        if (portion)
            send(*portion);
        else
            failed(portion.error());
    });
    m_store.read([answer, after = m_reached, isNew = m_isNewThere](
                     Database &database) { answer(inboxhandover::read(database, after, kMostInPortion, isNew)); });
}

void InboxMove::send(const std::vector<HeldNotification> &portion)
{
    QByteArrayList events;
    const UtcTime now = m_clock.utc();
    if (portion.empty() && m_complete == m_reached)
        return finish();
    for (const HeldNotification &held : portion) {
        if (!takeUsers(events, held.stored.sequence))
            return ask(events); // it is read again after that
        append(events, held, now);
    }
    const bool isEnd = portion.empty() && takeUsers(events, std::numeric_limits<qint64>::max());
    if (isEnd)
        events << "e";
    ask(events, isEnd);
}

/// Those who are known from before that notification on: it counts for them. False if there are more than fit.
bool InboxMove::takeUsers(QByteArrayList &events, qint64 before)
{
    for (; m_nextUser < m_users.size() && m_users[m_nextUser].first < before; ++m_nextUser) {
        if (events.size() >= kMostArguments)
            return false;
        events << "u" << m_users[m_nextUser].second.toUtf8();
    }
    return true;
}

void InboxMove::ask(const QByteArrayList &events, bool isEnd)
{
    const auto answer
        = onThreadOf(m_anchor, this, [this, isEnd](const Result<RedisReply> &reply) { answered(reply, isEnd); });
    QByteArrayList arguments{ m_origin,
        QByteArray::number(qint64(std::chrono::milliseconds(kInboxRetention).count())) };
    arguments += events;
    postTo(
        m_link, [history = &m_history, arguments, answer] { history->run(scripts::takeInboxes(), arguments, answer); });
}

void InboxMove::answered(const Result<RedisReply> &reply, bool isEnd)
{
    if (!reply || reply->elements.size() != 6 || reply->elements[0].text != "taken")
        return failed(reply ? Error{ u"the script answered something else than it can"_s, {} } : reply.error());
    const std::vector<RedisReply> &parts = reply->elements;
    if (const qint64 count = parts[4].toInteger(); count > 0) {
        if (!m_before)
            m_before = Cursor{ quint32(parts[1].toInteger()), parts[2].toInteger() };
        m_count += count;
    }
    m_reached = parts[3].toInteger();
    m_complete = parts[5].toInteger(-1);
    if (!m_isNewThere) // of the first answer: what was taken from that Redis once has never left it
        m_isNewThere = m_complete < 0;
    if (isEnd)
        finish();
    else
        readPortion();
}

void InboxMove::failed(const Error &error)
{
    m_isBusy = false;
    if (m_pause.isOver(m_clock.monotonic()))
        m_log.log(LogLevel::Warning, "inboxes_wait"_L1, { { "error"_L1, error.message } });
    m_retry.start();
}

void InboxMove::finish()
{
    m_isBusy = false;
    m_isDone = true;
    Q_EMIT done();
    if (!m_before)
        return;
    m_log.log(LogLevel::Info, "inboxes_brought"_L1,
        { { "notifications"_L1, m_count },
            { "detail"_L1, u"the inboxes of the state file are in the cluster now"_s } });
    Q_EMIT brought(m_before->run, m_before->sequence);
}

} // namespace gatehouse
