// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "server/base/keyedhash.h"
#include "server/base/memoryaccount.h"
#include "server/base/memorypolicy.h"
#include "server/log/log.h"
#include "server/net/acceptor.h"
#include "server/net/httpconnection.h"
#include "server/net/listensocket.h"
#include "server/net/network.h"
#include "server/net/outbox.h"
#include "server/net/requesthandler.h"
#include "server/net/upgradehandler.h"
#include "server/net/websocketupgrader.h"

namespace gatehouse {

/// What the loops of all workers have in common. Everything referred to outlives them.
struct ConnectionLoopEnvironment
{
    const Clock *clock = nullptr;
    RequestHandler *requestHandler = nullptr; ///< judges on the workers
    QObject *mainContext = nullptr;           ///< on whose thread requests are carried out
    const std::vector<Network> *trustedProxies = nullptr;
    const MemoryState *memory = nullptr; ///< null: there is no budget
    LoopCommons *commons = nullptr;
    Log *log = nullptr;
    std::vector<ListenScope> withProxyProtocol{}; ///< the scopes of listeners that only speak with trusted proxies so
    int ipv6PrefixBits = IpAddress::kBucketBits;  ///< of address buckets
};

/// The connections of one worker: their Poller, timing wheel and HTTP. Created, used and destroyed on the worker's
/// thread. WebSockets leave it for the UpgradeHandler.
class ConnectionLoop final : public QObject, public HttpConnectionOwner
{
    Q_OBJECT
public:
    explicit ConnectionLoop(const ConnectionLoopEnvironment &environment);
    ~ConnectionLoop() override;
    Q_DISABLE_COPY_MOVE(ConnectionLoop)

    /// Must be set before listen(); must outlive the listening.
    void setUpgradeHandler(UpgradeHandler *handler) { m_upgradeHandler = handler; }
    /// `place` decides which worker takes an accepted socket: it either calls adopt() here or posts to another
    /// worker's loop.
    void listen(const ListenSocket &socket, ListenScope scope, std::function<void(AcceptedSocket, ListenScope)> place);
    void adopt(const AcceptedSocket &socket, ListenScope scope);
    void stopListening();
    /// Drops the HTTP connections that wait for another request. A client that keeps one sees its end, and asks anew
    /// whoever listens next, in place of asking here what nobody answers any more.
    void closeIdle();
    /// How many HTTP connections the server owes something.
    [[nodiscard]] qint64 unanswered() const;
    /// Drops all HTTP connections.
    void closeAll();

    [[nodiscard]] Poller &poller() { return m_poller; }
    /// For how long something may take.
    [[nodiscard]] TimingWheel &wheel() { return m_wheel; }
    /// For when something ends by the wall clock, as tokens do.
    [[nodiscard]] TimingWheel &dates() { return m_dates; }
    /// What pings are signed with, so that only the answer to one looks like it.
    [[nodiscard]] const KeyedHash &pingKey() const { return m_pingKey; }
    [[nodiscard]] const Outbox &outbox() const { return m_outbox; }
    /// What the worker's connections hold. Others may read it at any time.
    [[nodiscard]] MemoryAccount &held() { return m_held; }
    [[nodiscard]] bool isMemoryAtLeast(MemoryLevel level) const
    {
        return m_environment.memory && m_environment.memory->isAtLeast(level);
    }
    [[nodiscard]] WebSocketUpgrader &upgrader() { return m_upgrader; }
    [[nodiscard]] const Clock &clock() const { return *m_environment.clock; }
    /// Closes a stream without cutting off what is queued: waits for the peer's end, at most kLingerDeadline.
    void linger(std::unique_ptr<ClientStream> stream);

private:
    class Linger;
    /// An upgrade that waits for its verdict.
    struct Awaiting
    {
        HttpRequest request;
        std::unique_ptr<AwaitedUpgrade> upgrade;
    };
    /// A request that was let in and waits for its body.
    struct Reading
    {
        HttpRequest request;
        std::shared_ptr<AdmittedRequest> admitted;
    };
    struct Http
    {
        std::unique_ptr<HttpConnection> connection;
        ListenScope scope{};
        std::unique_ptr<Awaiting> awaiting{}; ///< null but for the moments of a wait
        std::unique_ptr<Reading> reading{};
    };
    struct Listening
    {
        ListenScope scope;
        std::unique_ptr<Acceptor> acceptor;
    };
    void clientNamed(HttpConnection &connection, const ProxyHeaderReader::Client &client) override;
    void requestReceived(HttpConnection &connection, HttpRequest request) override;
    void bodyReceived(HttpConnection &connection, QByteArray body) override;
    void requestRefused(HttpConnection &connection, const MalformedRequest &refused) override;
    void connectionEnded(HttpConnection &connection) override;
    [[nodiscard]] bool isEnding() const override;
    void placeLost(quint64 id) override;
    [[nodiscard]] HttpConnection::Begin beginOf(ListenScope scope, bool isTrustedPeer) const;
    [[nodiscard]] AddressKey keyOf(const IpAddress &client) const;
    void letGo(quint64 id);
    [[nodiscard]] Responder responderOf(const HttpConnection &connection);
    void answerOnWorker(HttpConnection &connection, const HttpRequest &request);
    void judgeForMainThread(HttpConnection &connection, HttpRequest request);
    void answerOnMainThread(HttpConnection &connection, HttpRequest request, std::shared_ptr<AdmittedRequest> admitted);
    void handleWebSocketPath(HttpConnection &connection, const HttpRequest &request);
    void carryOut(UpgradeVerdict verdict, HttpConnection &connection, const HttpRequest &request);
    void await(std::unique_ptr<AwaitedUpgrade> upgrade, HttpConnection &connection, const HttpRequest &request);
    void lingerEnded(const Linger *linger);

    ConnectionLoopEnvironment m_environment;
    TimingWheel m_wheel;
    TimingWheel m_dates;
    KeyedHash m_pingKey;
    MemoryAccount m_held;
    Poller m_poller;
    Outbox m_outbox;
    QTimer m_tick;
    LoopWatch::Pulse m_pulse;
    QByteArray m_readBuffer;
    const StreamIo m_io{ m_poller, m_outbox, m_readBuffer, &m_wheel, &m_environment.commons->descriptors };
    std::optional<Outbox::Turn> m_turn; ///< while the poller dispatches
    WebSocketUpgrader m_upgrader;
    UpgradeHandler *m_upgradeHandler = nullptr;
    std::vector<Listening> m_listening;
    std::unordered_map<quint64, Http> m_connections;
    std::unordered_map<const Linger *, std::unique_ptr<Linger>> m_lingering;
    quint64 m_nextId = 1;
};

} // namespace gatehouse
