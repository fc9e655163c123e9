// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/connectionloop.h"

#include <algorithm>

#include <QtCore/QPointer>

#include <unistd.h>

#include "server/base/onthread.h"
#include "server/net/forwardedfor.h"
#include "server/net/httpproblems.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kReadBufferBytes = 64 * 1024;
constexpr std::chrono::seconds kLingerDeadline{ 3 };

} // namespace

/// Waits for the peer to take the last bytes and to close its side.
class ConnectionLoop::Linger final : public ClientStreamObserver
{
public:
    Linger(ConnectionLoop &loop, std::unique_ptr<ClientStream> stream)
        : m_loop(loop)
        , m_stream(std::move(stream))
        , m_deadline([this] { m_loop.lingerEnded(this); })
    {
        m_stream->setObserver(this);
        m_stream->setReading(true);
        m_stream->shutdownAfterDrain();
        loop.wheel().start(m_deadline, kLingerDeadline);
    }
    void streamReceived(QByteArrayView) override { } // what a peer says after our close is not heard
    void streamLost() override { m_loop.lingerEnded(this); }
    void streamEnding() override { } // it says no more, and may still take the last bytes
    void streamEnded() override { }
    void streamDrained() override { }

private:
    ConnectionLoop &m_loop;
    std::unique_ptr<ClientStream> m_stream;
    WheelTimer m_deadline;
};

ConnectionLoop::ConnectionLoop(const ConnectionLoopEnvironment &environment)
    : m_environment(environment)
    , m_wheel(*environment.clock)
    , m_dates(*environment.clock, TimingWheel::Measures::Dates)
    , m_pulse(environment.commons->watch, environment.clock->monotonic())
    , m_readBuffer(kReadBufferBytes, Qt::Uninitialized)
{
    connect(&m_poller, &Poller::turnBegan, this, [this] { m_turn.emplace(m_outbox); });
    connect(&m_poller, &Poller::turnEnded, this, [this] { m_turn.reset(); });
    connect(&m_tick, &QTimer::timeout, this, [this] {
        const Outbox::Turn turn(m_outbox);
        m_pulse.beat(clock().monotonic());
        m_wheel.advance();
        m_dates.advance();
        m_held.set(MemoryHolder::Queues, m_outbox.queuedBytes());
    });
    m_tick.start(TimingWheel::kTick);
}

ConnectionLoop::~ConnectionLoop()
{
    stopListening();
    closeAll();
}

void ConnectionLoop::listen(
    const ListenSocket &socket, ListenScope scope, std::function<void(AcceptedSocket, ListenScope)> place)
{
    m_listening.push_back({ scope,
        std::make_unique<Acceptor>(socket.descriptor(), m_poller, m_wheel, *m_environment.commons,
            [scope, place = std::move(place)](const AcceptedSocket &accepted) { place(accepted, scope); }) });
}

void ConnectionLoop::stopListening()
{
    m_listening.clear();
}

void ConnectionLoop::closeIdle()
{
    std::vector<quint64> ids;
    for (const auto &[id, http] : m_connections)
        ids.push_back(id);
    for (const quint64 id : ids) {
        if (const auto found = m_connections.find(id); found != m_connections.end())
            found->second.connection->hearOnce(); // a request that has come is answered
        if (const auto found = m_connections.find(id); found != m_connections.end())
            found->second.connection->endIfIdle();
    }
}

qint64 ConnectionLoop::unanswered() const
{
    return std::count_if(m_connections.begin(), m_connections.end(),
        [](const auto &each) { return each.second.connection->isUnanswered(); });
}

bool ConnectionLoop::isEnding() const
{
    return m_environment.commons->isEnding.load(std::memory_order_relaxed);
}

void ConnectionLoop::closeAll()
{
    m_outbox.flush(); // their last words
    m_connections.clear();
    m_lingering.clear();
}

void ConnectionLoop::adopt(const AcceptedSocket &socket, ListenScope scope)
{
    auto stream = std::make_unique<ClientStream>(socket.fd, socket.peer, socket.port, m_io);
    if (!stream->isValid())
        return;
    const quint64 id = m_nextId++;
    // Of a proxy's connection nobody knows whose it is before a head says so.
    const bool isProxy = isTrusted(socket.peer, *m_environment.trustedProxies);
    const bool isShared = socket.peer.isUnspecified() || isProxy;
    const HttpConnection::Among among{ m_environment.commons->places,
        isShared ? std::nullopt : std::optional(keyOf(socket.peer)), beginOf(scope, isProxy) };
    m_connections.emplace(
        id, Http{ std::make_unique<HttpConnection>(id, std::move(stream), m_wheel, *this, among), scope });
}

AddressKey ConnectionLoop::keyOf(const IpAddress &client) const
{
    return AddressKey::of(client.bucket(m_environment.ipv6PrefixBits));
}

HttpConnection::Begin ConnectionLoop::beginOf(ListenScope scope, bool isTrustedPeer) const
{
    const std::vector<ListenScope> &scopes = m_environment.withProxyProtocol;
    if (std::find(scopes.begin(), scopes.end(), scope) == scopes.end())
        return HttpConnection::Begin::Request;
    return isTrustedPeer ? HttpConnection::Begin::ProxyHeader : HttpConnection::Begin::Refused;
}

void ConnectionLoop::clientNamed(HttpConnection &connection, const ProxyHeaderReader::Client &client)
{
    connection.setPeer(client);
    if (!isTrusted(client.address, *m_environment.trustedProxies)) // else it is another proxy, with many clients
        connection.place().giveTo(keyOf(client.address));
}

void ConnectionLoop::requestReceived(HttpConnection &connection, HttpRequest request)
{
    const ForwardedClient client
        = clientAddress(connection.stream().peer(), request.header("x-forwarded-for"), *m_environment.trustedProxies);
    request.client = client.address;
    switch (m_upgradeHandler->kindOf(request.path, m_connections.at(connection.id()).scope)) {
    case PathKind::NotServed:
        connection.respond(HttpResponse::problem({ 404, u"not_found"_s, u"Not found"_s, u"nothing is served here"_s }));
        return;
    case PathKind::WebSocket:
        // Without an Origin it is no page: a health check, or a program beside the proxy.
        if ((client.forwarded == Forwarded::Missing || client.forwarded == Forwarded::Unusable)
            && request.hasHeader("origin"))
            m_environment.commons->unforwarded.count(client.address, client.forwarded, clock().utc());
        handleWebSocketPath(connection, request);
        return;
    case PathKind::OnWorker:
        connection.place().lendTo(keyOf(request.client));
        answerOnWorker(connection, request);
        return;
    case PathKind::OnMainThread:
        connection.place().lendTo(keyOf(request.client));
        judgeForMainThread(connection, std::move(request));
        return;
    }
}

Responder ConnectionLoop::responderOf(const HttpConnection &connection)
{
    // The answer may come from any thread and after this connection, or even this worker, has gone.
    return [loop = QPointer<ConnectionLoop>(this), id = connection.id()](HttpResponse response) {
        if (!loop)
            return;
        postTo(*loop, [loop, id, response = std::move(response)] {
            const auto found = loop->m_connections.find(id);
            if (found != loop->m_connections.end())
                found->second.connection->respond(response);
        });
    };
}

void ConnectionLoop::answerOnWorker(HttpConnection &connection, const HttpRequest &request)
{
    const PlainAnswer answer
        = m_upgradeHandler->answer(request, [this, &connection] { return responderOf(connection); });
    if (const HttpResponse *response = std::get_if<HttpResponse>(&answer))
        connection.respond(*response);
}

void ConnectionLoop::judgeForMainThread(HttpConnection &connection, HttpRequest request)
{
    RequestVerdict verdict = m_environment.requestHandler->judge(request);
    if (const HttpResponse *refusal = std::get_if<HttpResponse>(&verdict)) {
        connection.respond(*refusal);
        return;
    }
    auto &admitted = std::get<std::shared_ptr<AdmittedRequest>>(verdict);
    if (admitted->isByToken())
        connection.place().setKnown();
    if (!connection.hasUnreadBody() || !admitted->needsBody()) {
        answerOnMainThread(connection, std::move(request), std::move(admitted));
        return;
    }
    m_connections.at(connection.id()).reading
        = std::make_unique<Reading>(Reading{ std::move(request), std::move(admitted) });
    if (!isMemoryAtLeast(MemoryLevel::RefuseNewcomers) && connection.readBody())
        return;
    connection.respond(HttpResponse::problem(noRoomForBody()));
}

void ConnectionLoop::requestRefused(HttpConnection &connection, const MalformedRequest &refused)
{
    const std::optional<qint64> count = m_environment.commons->malformed.count(refused.kind, clock().monotonic());
    if (!count || !m_environment.log)
        return;
    m_environment.log->log(LogLevel::Info, "malformed_request"_L1,
        { { "kind"_L1, QString::fromLatin1(kMalformedKindNames[size_t(refused.kind)]) },
            { "address"_L1, connection.stream().peer().toString() }, { "status"_L1, refused.problem.status },
            { "detail"_L1, refused.problem.detail }, { "count"_L1, *count } });
}

void ConnectionLoop::bodyReceived(HttpConnection &connection, QByteArray body)
{
    const std::unique_ptr<Reading> reading = std::move(m_connections.at(connection.id()).reading);
    reading->request.body = std::move(body);
    answerOnMainThread(connection, std::move(reading->request), std::move(reading->admitted));
}

void ConnectionLoop::answerOnMainThread(
    HttpConnection &connection, HttpRequest request, std::shared_ptr<AdmittedRequest> admitted)
{
    postTo(*m_environment.mainContext,
        [request = std::move(request), admitted = std::move(admitted), respond = responderOf(connection)] {
            admitted->carryOut(request, respond);
        });
}

void ConnectionLoop::handleWebSocketPath(HttpConnection &connection, const HttpRequest &request)
{
    if (request.method != "GET") {
        connection.respond(HttpResponse::methodNotAllowed(request.method, "GET"), true);
        return;
    }
    if (request.isHttp10) {
        const MalformedRequest old{
            MalformedKind::Version,
            unsupportedVersion(
                u"a WebSocket is opened with HTTP/1.1, and this request is HTTP/1.0: in nginx, proxy_http_version 1.1 is missing"_s)
        };
        requestRefused(connection, old);
        connection.respond(HttpResponse::problem(old.problem), true);
        return;
    }
    if (!request.isUpgrade) {
        HttpResponse response = HttpResponse::problem(
            { 426, u"upgrade_required"_s, u"Upgrade required"_s, u"this address speaks WebSocket only"_s });
        response.withHeader("Upgrade", "websocket").withHeader("Connection", "Upgrade");
        connection.respond(response);
        return;
    }
    if (const std::optional<MalformedRequest> bad = checkOpeningHandshake(request)) {
        requestRefused(connection, *bad);
        connection.respond(badHandshakeAnswer(bad->problem), true);
        return;
    }
    carryOut(m_upgradeHandler->judge(request), connection, request);
}

void ConnectionLoop::carryOut(UpgradeVerdict verdict, HttpConnection &connection, const HttpRequest &request)
{
    if (const HttpResponse *refusal = std::get_if<HttpResponse>(&verdict)) {
        connection.respond(*refusal, true);
        return;
    }
    if (const ClosingUpgrade *refusal = std::get_if<ClosingUpgrade>(&verdict)) {
        connection.end(openingHandshakeAnswer(request) + refusal->closeFrame);
        return;
    }
    if (auto *awaited = std::get_if<std::unique_ptr<AwaitedUpgrade>>(&verdict)) {
        await(std::move(*awaited), connection, request);
        return;
    }
    QByteArray early;
    std::unique_ptr<ClientStream> stream = connection.takeStream(early);
    m_connections.erase(connection.id());
    std::get<std::unique_ptr<AdmittedUpgrade>>(verdict)->begin(std::move(stream), request, early);
}

void ConnectionLoop::await(
    std::unique_ptr<AwaitedUpgrade> upgrade, HttpConnection &connection, const HttpRequest &request)
{
    if (!connection.endsWithPeer()) {
        m_connections.erase(connection.id());
        return;
    }
    AwaitedUpgrade &awaited = *upgrade;
    m_connections.at(connection.id()).awaiting = std::make_unique<Awaiting>(Awaiting{ request, std::move(upgrade) });
    awaited.whenJudged([this, id = connection.id()](UpgradeVerdict verdict) {
        Http &http = m_connections.at(id); // is there: a connection that ends destroys what could answer
        const std::unique_ptr<Awaiting> awaiting = std::move(http.awaiting);
        carryOut(std::move(verdict), *http.connection, awaiting->request);
    });
}

void ConnectionLoop::connectionEnded(HttpConnection &connection)
{
    m_connections.erase(connection.id());
}

void ConnectionLoop::placeLost(quint64 id)
{
    postTo(*this, [this, id] { letGo(id); });
}

void ConnectionLoop::letGo(quint64 id)
{
    auto found = m_connections.find(id);
    if (found == m_connections.end())
        return;
    found->second.connection->hearOnce();
    found = m_connections.find(id);
    if (found != m_connections.end())
        found->second.connection->giveWay();
}

void ConnectionLoop::linger(std::unique_ptr<ClientStream> stream)
{
    auto linger = std::make_unique<Linger>(*this, std::move(stream));
    const Linger *key = linger.get();
    m_lingering.emplace(key, std::move(linger));
}

void ConnectionLoop::lingerEnded(const Linger *linger)
{
    m_lingering.erase(linger);
}

} // namespace gatehouse
