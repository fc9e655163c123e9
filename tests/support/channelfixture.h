// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <memory>
#include <mutex>

#include "server/channel/workerpool.h"
#include "server/guard/failedlogins.h"
#include "server/guard/nopeers.h"

namespace gatehouse {

/// Real time, for tests with real sockets.
class RealClock final : public Clock
{
public:
    [[nodiscard]] MonoTime monotonic() const override { return std::chrono::steady_clock::now(); }
    [[nodiscard]] UtcTime utc() const override
    {
        return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    }
};

/// Takes "user" or "user/group" for a token, and the whole of it for its jti.
class FakeVerifier final : public TokenVerifier
{
public:
    [[nodiscard]] TokenVerdict verify(QByteArrayView token, UtcTime) const override
    {
        if (token.isEmpty())
            return TokenRefusal{ Reason::TokenMissing, QStringLiteral("no token") };
        if (token == "bad")
            return TokenRefusal{ Reason::TokenInvalid, QStringLiteral("bad token") };
        Identity identity;
        const QList<QByteArray> parts = token.toByteArray().split('/');
        identity.user = QString::fromUtf8(parts.first());
        identity.tokenId = QString::fromUtf8(token);
        for (const QByteArray &group : parts.mid(1))
            identity.groups.append(QString::fromUtf8(group));
        return identity;
    }
};

class RecordingSink final : public DecisionSink
{
public:
    void record(Decision decision) override
    {
        const std::lock_guard lock(m_mutex);
        m_decisions.push_back(std::move(decision));
    }
    [[nodiscard]] std::vector<Decision> decisions() const
    {
        const std::lock_guard lock(m_mutex);
        return m_decisions;
    }

private:
    mutable std::mutex m_mutex;
    std::vector<Decision> m_decisions;
};

/// A store in memory that answers at once.
class MemoryStore final : public NotificationStore
{
public:
    void append(std::vector<PublishRequest>, std::function<void(Result<std::vector<StoredNotification>>)> done) override
    {
        done(Error{ QStringLiteral("not used by the channel"), {} });
    }
    void appendOnce(
        PublishKey, QStringList, std::vector<PublishRequest>, std::function<void(Result<KeyedOutcome>)> done) override
    {
        done(Error{ QStringLiteral("not used by the channel"), {} });
    }
    void loadInbox(const InboxQuery &query, std::function<void(Result<Inbox>)> done) override
    {
        const std::lock_guard lock(m_mutex);
        if (m_fails) {
            done(Error{ QStringLiteral("disk full"), {} });
            return;
        }
        m_queries.push_back(query);
        if (m_isAway || m_isBusy) {
            done(Error{ QStringLiteral("not now"), m_isAway ? kStoreAway : kStoreBusy });
            return;
        }
        if (m_isHolding)
            m_held.push_back(std::move(done));
        else
            done(m_inboxes.value(query.user));
    }
    [[nodiscard]] std::optional<Inbox> knownInbox(const InboxQuery &) const override { return {}; }
    [[nodiscard]] quint32 run() const override { return 7; }
    void markRead(const QString &user, const QStringList &, const QStringList &ids,
        std::function<void(Result<std::pair<QStringList, qint64>>)> done) override
    {
        const std::lock_guard lock(m_mutex);
        if (m_isBusy) {
            done(Error{ QStringLiteral("not now"), kStoreBusy });
            return;
        }
        Inbox &inbox = m_inboxes[user];
        QStringList wereUnread;
        std::erase_if(inbox.notifications, [&](const StoredNotification &stored) {
            const bool isRead = ids.contains(stored.notification.id);
            if (isRead)
                wereUnread.append(stored.notification.id);
            return isRead;
        });
        inbox.unreadCount = qint64(inbox.notifications.size());
        done(std::pair(wereUnread, inbox.unreadCount));
    }
    void markAllRead(const QString &user, const QStringList &groups,
        std::function<void(Result<std::pair<QStringList, qint64>>)> done) override
    {
        QStringList ids;
        for (const StoredNotification &stored : inbox(user).notifications)
            ids.append(stored.notification.id);
        markRead(user, groups, ids, std::move(done));
    }

    void put(const QString &user, const Inbox &inbox)
    {
        const std::lock_guard lock(m_mutex);
        m_inboxes.insert(user, inbox);
    }
    [[nodiscard]] Inbox inbox(const QString &user) const
    {
        const std::lock_guard lock(m_mutex);
        return m_inboxes.value(user);
    }
    void failFromNowOn() { m_fails = true; }
    void setAway(bool isAway) { m_isAway = isAway; }
    void setBusy(bool isBusy) { m_isBusy = isBusy; }
    /// Lets whoever loads an inbox wait for answerNext().
    void hold() { m_isHolding = true; }
    /// Loads that wait.
    [[nodiscard]] size_t held() const
    {
        const std::lock_guard lock(m_mutex);
        return m_held.size();
    }
    /// Answers the load that has waited longest.
    void answerNext(const Inbox &inbox)
    {
        std::function<void(Result<Inbox>)> done;
        {
            const std::lock_guard lock(m_mutex);
            done = std::move(m_held.front());
            m_held.pop_front();
        }
        done(inbox);
    }
    [[nodiscard]] std::vector<InboxQuery> queries() const
    {
        const std::lock_guard lock(m_mutex);
        return m_queries;
    }

private:
    mutable std::mutex m_mutex;
    QHash<QString, Inbox> m_inboxes;
    std::vector<InboxQuery> m_queries;
    std::deque<std::function<void(Result<Inbox>)>> m_held;
    std::atomic<bool> m_fails{ false };
    std::atomic<bool> m_isAway{ false };
    std::atomic<bool> m_isBusy{ false };
    std::atomic<bool> m_isHolding{ false };
};

/// Answers every request with its method and path, and the body of one whose path does not begin with "/open": that
/// anybody may ask for. Refuses what has the token "bad".
class EchoHandler final : public RequestHandler
{
public:
    [[nodiscard]] RequestVerdict judge(const HttpRequest &head) override
    {
        if (head.bearerToken() == "bad")
            return HttpResponse::problem({ 401, QStringLiteral("token_invalid"), QStringLiteral("x"), {} });
        return std::make_shared<Echo>(!head.path.startsWith("/open"));
    }

private:
    class Echo final : public AdmittedRequest
    {
    public:
        explicit Echo(bool isByToken)
            : m_isByToken(isByToken)
        {
        }
        [[nodiscard]] bool isByToken() const override { return m_isByToken; }
        [[nodiscard]] bool needsBody() const override { return m_isByToken; }
        void carryOut(const HttpRequest &request, const Responder &respond) override
        {
            respond(HttpResponse::text(request.method + ' ' + request.path + ' ' + request.body));
        }

    private:
        bool m_isByToken;
    };
};

/// The channel on real sockets with everything behind it replaced: what a test of net and channel needs. Lives on the
/// test's thread.
struct ChannelFixture
{
    explicit ChannelFixture(int workers = 1, LimitSet limits = {},
        QStringList hosts = { QStringLiteral("app.example") }, std::vector<Network> proxies = {},
        std::chrono::milliseconds awakeTime = kAwakeTime, PeerAdmission *others = nullptr,
        PeerTickets *othersTickets = nullptr)
        : origins(hosts, false, false)
        , trustedProxies(std::move(proxies))
    {
        GuardEnvironment guards{ &clock, &origins, &verifier, &addresses, &users, &isDraining, nullptr, nullptr,
            &tickets, &noPeers, &noPeerTickets };
        if (others)
            guards.peers = others;
        if (othersTickets)
            guards.peerTickets = othersTickets;
        addresses.setPeers(guards.peers);
        users.setPeers(guards.peers);
        ChannelEnvironment channel;
        channel.guards = guards;
        channel.store = &store;
        channel.decisions = &sink;
        channel.failures = &failures;
        channel.previews = &previews;
        channel.admitConsole = [](const HttpRequest &request) -> std::variant<Identity, HttpResponse> {
            if (!request.bearerToken().startsWith("admin"))
                return HttpResponse::problem({ 401, QStringLiteral("token_missing"), QStringLiteral("x"), {} });
            const bool isByToken = request.bearerToken() != "admin";
            return Identity{ QStringLiteral("admin"), Role::Admin, isByToken ? Role::Admin : Role::None, {}, {},
                QStringLiteral("admin token") };
        };
        channel.consoleHello = [](const Identity &) { return QByteArray(R"({"type":"hello"})"); };
        channel.announceRead = [this](const QString &user, const QByteArray &message, const QString &except) {
            pool->announceRead(user, message, except);
        };
        const ConnectionLoopEnvironment environment{ &clock, &http, &mainContext, &trustedProxies, nullptr, &commons };
        channel.awakeTime = awakeTime;
        pool = std::make_unique<WorkerPool>(workers, environment, channel, snapshotOf(limits));
        socket = ListenSocket::open({ IpAddress::fromIpv4(0x7f000001), 0, {} }).value();
        pool->listen(*socket, ListenScope::Everything);
        port = quint16(socket->url().section(QLatin1Char(':'), -1).toUInt());
    }
    Q_DISABLE_COPY_MOVE(ChannelFixture)

    static LimitSnapshotPtr snapshotOf(const LimitSet &limits, bool isGuarding = true)
    {
        return std::make_shared<const LimitSnapshot>(LimitSnapshot{ limits, isGuarding });
    }
    [[nodiscard]] qint64 sum(WorkerCounters::Counter WorkerCounters::*counter) const
    {
        qint64 total = 0;
        for (const WorkerCounters *counters : pool->counters())
            total += (counters->*counter).load();
        return total;
    }

    RealClock clock;
    FailedLogins failures;
    TicketBook tickets{ clock };
    AddressRate previews{ ChannelRequests::kPreviewsPerMinute };
    OriginPolicy origins;
    FakeVerifier verifier;
    NoPeers noPeers;
    NoPeerTickets noPeerTickets;
    AddressTable addresses;
    UserTable users;
    std::atomic<bool> isDraining{ false };
    MemoryStore store;
    RecordingSink sink;
    EchoHandler http;
    LoopCommons commons{ 100'000 };
    std::vector<Network> trustedProxies;
    QObject mainContext;
    std::unique_ptr<ListenSocket> socket;
    std::unique_ptr<WorkerPool> pool; ///< goes first: its workers use all of the above
    quint16 port = 0;
};

} // namespace gatehouse
