// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/redis/redislink.h"

#include <optional>

#include <QtCore/QRandomGenerator>
#include <QtCore/QSet>
#include <QtCore/QTimer>

#include "server/base/onthread.h"
#include "server/redis/backoff.h"
#include "server/redis/masterfinder.h"
#include "server/redis/redisconnection.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr std::chrono::milliseconds kFirstPause{ 100 };
constexpr std::chrono::milliseconds kLongestPause{ 5000 };

QByteArrayList evaluation(
    const QByteArray &command, const QByteArray &script, const QByteArrayList &keys, const QByteArrayList &arguments)
{
    return QByteArrayList{ command, script, QByteArray::number(keys.size()) } + keys + arguments;
}

} // namespace

struct RedisLink::State
{
    State(RedisUrl redisUrl, QByteArray linkName, const Clock &theClock, Log &theLog)
        : url(std::move(redisUrl))
        , name(std::move(linkName))
        , clock(theClock)
        , log(theLog)
    {
    }

    RedisUrl url;
    QByteArray name;
    const Clock &clock;
    Log &log;
    QByteArrayList channels;
    MessageHandler messages;
    Backoff backoff{ kFirstPause, kLongestPause };
    // Made by start(), on the link's thread; children of the link.
    QTimer *retry = nullptr;
    QTimer *attemptTimer = nullptr; ///< for kConnectDeadline
    QTimer *pings = nullptr;
    MasterFinder *finder = nullptr;
    RedisConnection *connection = nullptr; ///< nullptr between attempts
    QString address;
    std::optional<RedisHandshake> handshake;
    qsizetype subscribed = 0;
    QSet<QByteArray> knownScripts; ///< sent whole on this connection
    MonoTime upSince;
    bool isUp = false;
    bool isStopped = false;
    QString reason;              ///< why it is down; empty before the first attempt has failed, and while it is up
    QSet<QString> loggedReasons; ///< since it was up
};

RedisLink::RedisLink(RedisUrl url, QByteArray name, const Clock &clock, Log &log, QObject *parent)
    : QObject(parent)
    , m_state(std::make_unique<State>(std::move(url), std::move(name), clock, log))
{
}

RedisLink::~RedisLink()
{
    if (m_state->connection) {
        m_state->connection->disconnect(this);
        m_state->connection->abandon();
    }
}

void RedisLink::subscribe(QByteArrayList channels, MessageHandler handler)
{
    m_state->channels = std::move(channels);
    m_state->messages = std::move(handler);
}

void RedisLink::start()
{
    if (m_state->isStopped)
        return;
    const auto timer = [this](bool isSingleShot, void (RedisLink::*slot)()) {
        auto *made = new QTimer(this);
        made->setSingleShot(isSingleShot);
        connect(made, &QTimer::timeout, this, slot);
        return made;
    };
    m_state->retry = timer(true, &RedisLink::attempt);
    m_state->pings = timer(false, &RedisLink::ping);
    m_state->attemptTimer = new QTimer(this);
    m_state->attemptTimer->setSingleShot(true);
    connect(m_state->attemptTimer, &QTimer::timeout, this, [this] {
        const QString what = m_state->handshake ? u"it does not answer"_s : u"it cannot be connected to"_s;
        m_state->connection->close(what + u" within "_s + QString::number(kConnectDeadline.count()) + u" ms"_s);
    });
    if (!m_state->url.masterName.isEmpty())
        m_state->finder = new MasterFinder(m_state->url, m_state->clock, this);
    attempt();
}

void RedisLink::stop()
{
    if (std::exchange(m_state->isStopped, true) || !m_state->retry)
        return;
    m_state->retry->stop();
    if (m_state->finder)
        m_state->finder->cancel();
    if (m_state->connection) {
        m_state->connection->flush(); // nobody waits for the answers, but a node's farewell may be among it
        m_state->connection->close(u"the server ends"_s);
    }
}

void RedisLink::attempt()
{
    if (!m_state->finder) {
        connectTo(m_state->url.unixPath.isEmpty() ? m_state->url.endpoints.front() : RedisEndpoint());
        return;
    }
    m_state->finder->find([this](const Result<RedisEndpoint> &master) {
        if (master)
            connectTo(*master);
        else
            becomeDown(master.error().message);
    });
}

void RedisLink::connectTo(const RedisEndpoint &endpoint)
{
    const RedisUrl &url = m_state->url;
    const RedisTarget target{ endpoint, url.unixPath, url.isTls, url.caFile, url.certFile, url.keyFile };
    m_state->address = target.address();
    m_state->handshake.reset();
    m_state->knownScripts.clear();
    auto *connection = new RedisConnection(m_state->clock, kDeadAfter, kMaxReplyBytes, this);
    m_state->connection = connection;
    connect(connection, &RedisConnection::opened, this, &RedisLink::greet);
    connect(connection, &RedisConnection::closed, this, [this, connection](const QString &reason) {
        connection->deleteLater();
        m_state->connection = nullptr;
        m_state->attemptTimer->stop();
        becomeDown(m_state->address + u": "_s + reason);
    });
    m_state->attemptTimer->start(kConnectDeadline);
    connection->open(target);
}

void RedisLink::greet()
{
    m_state->handshake.emplace(m_state->url, m_state->name);
    for (const QByteArrayList &command : m_state->handshake->commands())
        m_state->connection->send(
            command, [this](const RedisAnswer &answer) { takeGreeting(answer); }, kDeadAfter);
}

void RedisLink::takeGreeting(const RedisAnswer &answer)
{
    if (!answer && answer.error().field != rediserrors::kRefused)
        return; // closed() says why
    if (const std::optional<QString> reason = m_state->handshake->judge(answer))
        return m_state->connection->close(*reason);
    if (m_state->handshake->isComplete() && m_state->channels.isEmpty())
        becomeUp();
    else if (m_state->handshake->isComplete())
        subscribeAll();
}

void RedisLink::subscribeAll()
{
    m_state->subscribed = 0;
    m_state->connection->setMessageHandler(m_state->messages);
    const auto done = [this](const RedisAnswer &answer) {
        if (!answer && answer.error().field == rediserrors::kRefused)
            return m_state->connection->close(u"it refuses SUBSCRIBE: "_s + answer.error().message.left(200));
        if (answer && ++m_state->subscribed == m_state->channels.size())
            becomeUp();
    };
    for (const QByteArray &channel : m_state->channels)
        m_state->connection->send({ "SUBSCRIBE", channel }, done, kDeadAfter);
}

void RedisLink::becomeUp()
{
    m_state->attemptTimer->stop();
    m_state->pings->start(kPingEvery);
    m_state->isUp = true;
    m_state->upSince = m_state->clock.monotonic();
    m_state->reason.clear();
    m_state->loggedReasons.clear();
    RedisServer server = m_state->handshake->server();
    server.address = m_state->address;
    m_state->log.log(LogLevel::Info, "redis_up"_L1,
        { { "link"_L1, QString::fromUtf8(m_state->name) }, { "address"_L1, server.address },
            { "version"_L1, QString::fromUtf8(server.version) } });
    Q_EMIT up(server);
}

void RedisLink::becomeDown(const QString &reason)
{
    const bool wasUp = std::exchange(m_state->isUp, false);
    m_state->pings->stop();
    // A server that lets us in and loses us at once is not to be tried ten times a second.
    if (wasUp && m_state->clock.monotonic() - m_state->upSince >= kLongestPause)
        m_state->backoff.reset();
    if (!m_state->isStopped)
        m_state->retry->start(m_state->backoff.next(QRandomGenerator::global()->generateDouble()));
    if (!wasUp && (m_state->reason == reason || m_state->isStopped))
        return;
    m_state->reason = reason;
    if (!m_state->isStopped && !m_state->loggedReasons.contains(reason)) {
        m_state->loggedReasons.insert(reason);
        m_state->log.log(LogLevel::Warning, "redis_down"_L1,
            { { "link"_L1, QString::fromUtf8(m_state->name) }, { "reason"_L1, reason } });
    }
    Q_EMIT down(reason);
}

void RedisLink::ping()
{
    if (m_state->isUp && !m_state->connection->isWaiting())
        m_state->connection->send(
            { "PING" }, [](const RedisAnswer &) {}, kDeadAfter);
}

bool RedisLink::isUp() const
{
    return m_state->isUp;
}

void RedisLink::call(QByteArrayList command, Done done, std::chrono::milliseconds deadline)
{
    if (!m_state->isUp || !m_state->channels.isEmpty()) {
        answerLater(std::move(done), m_state->isUp ? u"this link only receives"_s : m_state->reason);
        return;
    }
    send(command, std::move(done), deadline);
}

void RedisLink::run(const RedisScript &script, QByteArrayList keys, QByteArrayList arguments, Done done,
    std::chrono::milliseconds deadline)
{
    if (!m_state->isUp || !m_state->knownScripts.contains(script.sha1())) {
        if (m_state->isUp)
            m_state->knownScripts.insert(script.sha1());
        return call(evaluation("EVAL", script.source(), keys, arguments), std::move(done), deadline);
    }
    const MonoTime due = m_state->clock.monotonic() + deadline;
    QByteArrayList whole = evaluation("EVAL", script.source(), keys, arguments);
    const auto tryAgain = [this, whole = std::move(whole), done = std::move(done), due](const RedisAnswer &answer) {
        if (answer || !answer.error().message.startsWith("NOSCRIPT"_L1))
            return done(answer);
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(due - m_state->clock.monotonic());
        call(whole, done, std::max(left, std::chrono::milliseconds(1)));
    };
    call(evaluation("EVALSHA", script.sha1(), keys, arguments), tryAgain, deadline);
}

void RedisLink::send(const QByteArrayList &command, Done done, std::chrono::milliseconds deadline)
{
    const auto look = [this, done = std::move(done)](const RedisAnswer &answer) {
        const auto *connection = m_state->connection;
        done(answer);
        if (answer || answer.error().field != rediserrors::kRefused || connection != m_state->connection || !connection)
            return;
        if (const std::optional<QString> reason = reasonToLeave(answer.error().message))
            m_state->connection->close(*reason);
    };
    m_state->connection->send(command, look, deadline);
}

void RedisLink::answerLater(Done done, const QString &reason)
{
    const Error error{ u"Redis is away: "_s + (reason.isEmpty() ? u"not connected yet"_s : reason),
        rediserrors::kDown };
    postTo(*this, [done = std::move(done), error] { done(error); });
}

} // namespace gatehouse
