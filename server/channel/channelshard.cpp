// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/channelshard.h"

#include <QtCore/QRandomGenerator>

#include "server/auth/jwtclaims.h"
#include "server/base/onthread.h"
#include "server/channel/channelmessages.h"
#include "server/channel/connectionid.h"
#include "server/channel/shedplan.h"
#include "server/notify/notificationmessages.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

/// A page cannot read why a handshake failed. So it may ask for the refusal as a close frame.
UpgradeVerdict answerTo(const Refusal &refusal, bool asksForClose)
{
    const Decision &decision = refusal.decision;
    const ReasonDescriptor &reason = reasonDescriptor(decision.reason);
    if (reason.closeCode == CloseCode::NoStatus || !asksForClose)
        return HttpResponse::problem(refusal.toProblem());
    // Of a bad token alone the reason does not say what is wrong.
    const bool isBad = decision.reason == Reason::TokenInvalid || decision.reason == Reason::TokenExpired;
    const QString detail = isBad ? decision.detail : QString();
    return ClosingUpgrade{ encodeServerClose(
        reason.closeCode, closeReason(reason.code, decision.retryAfterSeconds, decision.id, detail)) };
}

HttpResponse answerOfTheEnd()
{
    return HttpResponse::problem(Finding{ Reason::Draining, u"the server is shutting down"_s }.toProblem());
}

} // namespace

/// A client that passed the guards (an Admission), or somebody at a console (an Identity): what was reserved goes back
/// if the upgrade does not happen.
template <typename Admitted> class ChannelShard::OpenUpgrade final : public AdmittedUpgrade
{
public:
    OpenUpgrade(ChannelShard &channel, Admitted admitted)
        : m_channel(channel)
        , m_admitted(std::move(admitted))
    {
    }
    void begin(std::unique_ptr<ClientStream> stream, const HttpRequest &request, const QByteArray &early) override
    {
        m_channel.open(std::move(m_admitted), std::move(stream), request, early);
    }

private:
    ChannelShard &m_channel;
    Admitted m_admitted;
};

/// A client that this node would let in, or would know by its ticket, and that waits for the cluster; or one whose
/// token is verified elsewhere.
class ChannelShard::WaitingUpgrade final : public AwaitedUpgrade
{
public:
    WaitingUpgrade(ChannelShard &channel, HeldAttempt held, bool asksForClose)
        : m_channel(channel)
        , m_number(channel.m_nextAwaited++)
        , m_held(std::move(held))
        , m_asksForClose(asksForClose)
    {
        m_channel.m_awaited.emplace(m_number, this);
    }
    ~WaitingUpgrade() override { m_channel.m_awaited.erase(m_number); }
    Q_DISABLE_COPY_MOVE(WaitingUpgrade)

    void whenJudged(Answer answer) override
    {
        m_answer = std::move(answer);
        ask();
    }
    void tokenVerified(const TokenVerdict &verdict)
    {
        goOn(m_channel.m_guards.resume(std::move(m_held), verdict, *m_channel.m_snapshot));
    }
    void ticketTaken(const PeerTickets::Answer &answer)
    {
        goOn(m_channel.m_guards.resume(std::move(m_held), answer, *m_channel.m_snapshot));
    }
    void judged(const PeerAttempt &asked, const PeerVerdict &verdict)
    {
        goOn(m_channel.m_guards.conclude(std::move(m_held), asked, verdict, *m_channel.m_snapshot));
    }

private:
    void ask();
    void goOn(GuardVerdict verdict)
    {
        if (HeldAttempt *held = std::get_if<HeldAttempt>(&verdict)) {
            m_held = std::move(*held);
            ask();
            return;
        }
        const Answer answer = std::move(m_answer); // which destroys this
        answer(m_channel.verdictOf(std::move(verdict), m_asksForClose));
    }

    ChannelShard &m_channel;
    quint64 m_number;
    HeldAttempt m_held;
    bool m_asksForClose;
    Answer m_answer;
};

void ChannelShard::WaitingUpgrade::ask()
{
    const GuardEnvironment &guards = m_channel.m_environment.guards;
    if (m_held.lacks == HeldAttempt::Lacks::Token) {
        const auto done = onThreadOf(m_channel, [channel = &m_channel, number = m_number](const TokenVerdict &verdict) {
            channel->tokenVerified(number, verdict);
        });
        if (!guards.sideVerifier->verify(m_held.admission.bucket.bucketText(), m_held.attempt.token, done))
            goOn(m_channel.m_guards.refuseUnverified(std::move(m_held), *m_channel.m_snapshot));
        return;
    }
    if (m_held.lacks == HeldAttempt::Lacks::Ticket) {
        guards.peerTickets->take(TicketBook::digestOf(m_held.attempt.ticket),
            onThreadOf(m_channel, [channel = &m_channel, number = m_number](const PeerTickets::Answer &answer) {
                channel->ticketTaken(number, answer);
            }));
        return;
    }
    const PeerAttempt asked = PeerJudgement::question(m_held, m_channel.m_snapshot);
    guards.peers->ask(
        asked, onThreadOf(m_channel, [channel = &m_channel, number = m_number, asked](const PeerVerdict &verdict) {
            channel->peerVerdict(number, asked, verdict);
        }));
}

ChannelShard::ChannelShard(int index, ConnectionLoop &loop, const ChannelEnvironment &environment,
    LimitSnapshotPtr snapshot, WorkerCounters &counters, ConsoleAudience &audience)
    : m_index(index)
    , m_loop(loop)
    , m_environment(environment)
    , m_snapshot(std::move(snapshot))
    , m_counters(counters)
    , m_audience(audience)
    , m_recorder(loop.clock(), counters, *environment.decisions)
    , m_guards(m_environment.guards, m_recorder)
    , m_requests(m_environment.guards, m_guards.guards(), *environment.failures, *environment.previews)
    , m_gauges([this] { updateGauges(); })
    , m_drainTick([this] { drainTick(); })
    , m_catchUpTick([this] { catchUpTick(); })
{
    m_loop.setUpgradeHandler(this);
    updateGauges();
}

ChannelShard::~ChannelShard() = default;

PlainAnswer ChannelShard::answer(const HttpRequest &request, const std::function<Responder()> &responder)
{
    ChannelAnswer answer = m_requests.answer(request, *m_snapshot);
    PeerTickets &peers = *m_environment.guards.peerTickets;
    if (!answer.issued || !peers.areAsked())
        return std::move(answer.response);
    // A ticket is good at every node before the page has it.
    const auto done = [tickets = m_environment.guards.tickets, digest = answer.issued->digest, respond = responder(),
                          response = std::move(answer.response)](PeerTickets::GoodAt place) {
        if (place == PeerTickets::GoodAt::AllNodes)
            tickets->leaveToPeers(digest);
        respond(response);
    };
    peers.put(answer.issued->digest, answer.issued->identity, done);
    return AnsweredLater();
}

UpgradeVerdict ChannelShard::judge(const HttpRequest &request)
{
    if (m_hasEnded)
        return answerOfTheEnd();
    if (servedPath(request.path).owner == PathOwner::LiveStream) {
        std::variant<Identity, HttpResponse> admitted = m_environment.admitConsole(request);
        if (HttpResponse *refusal = std::get_if<HttpResponse>(&admitted))
            return std::move(*refusal);
        return std::make_unique<OpenUpgrade<Identity>>(*this, std::get<Identity>(std::move(admitted)));
    }
    GuardVerdict verdict = m_guards.judge(attemptOf(request), *m_snapshot);
    if (Admission *admission = std::get_if<Admission>(&verdict))
        return std::make_unique<OpenUpgrade<Admission>>(*this, std::move(*admission));
    return verdictOf(std::move(verdict), request.queryValue("refusal") == QByteArray("close"));
}

UpgradeVerdict ChannelShard::verdictOf(GuardVerdict verdict, bool asksForClose)
{
    if (m_hasEnded) // while it was waited for
        return answerOfTheEnd();
    if (const Refusal *refusal = std::get_if<Refusal>(&verdict))
        return answerTo(*refusal, asksForClose);
    if (HeldAttempt *held = std::get_if<HeldAttempt>(&verdict))
        return std::make_unique<WaitingUpgrade>(*this, std::move(*held), asksForClose);
    return std::make_unique<OpenUpgrade<Admission>>(*this, std::get<Admission>(std::move(verdict)));
}

void ChannelShard::tokenVerified(quint64 upgrade, const TokenVerdict &verdict)
{
    if (const auto found = m_awaited.find(upgrade); found != m_awaited.end())
        found->second->tokenVerified(verdict);
}

void ChannelShard::ticketTaken(quint64 upgrade, const PeerTickets::Answer &answer)
{
    if (const auto found = m_awaited.find(upgrade); found != m_awaited.end())
        found->second->ticketTaken(answer);
}

void ChannelShard::peerVerdict(quint64 upgrade, const PeerAttempt &asked, const PeerVerdict &verdict)
{
    if (const auto found = m_awaited.find(upgrade); found != m_awaited.end())
        found->second->judged(asked, verdict);
    else
        m_guards.peers().abandon(asked, verdict);
}

void ChannelShard::open(
    Admission admission, std::unique_ptr<ClientStream> stream, const HttpRequest &request, const QByteArray &early)
{
    // In the table before the inbox is read, so that nothing published in between is missed.
    Session &session = m_sessions.add(
        std::make_unique<Session>(m_sessions.nextNumber(), *this, std::move(admission), std::move(stream), request));
    WorkerCounters::add(m_counters.activeConnections);
    if (session.isMonitored())
        WorkerCounters::add(m_counters.accepted);
    session.open(request, early);
}

void ChannelShard::open(
    Identity identity, std::unique_ptr<ClientStream> stream, const HttpRequest &request, const QByteArray &early)
{
    const quint64 number = m_nextConsole++;
    const QByteArray hello = m_environment.consoleHello(identity);
    auto owned = std::make_unique<ConsoleSession>(number, m_loop, std::move(stream), std::move(identity), m_audience,
        [this](ConsoleSession &console) { consoleEnded(console); });
    ConsoleSession &console = *owned;
    m_consoles.emplace(number, std::move(owned));
    console.open(request, early, hello);
}

void ChannelShard::sessionEnded(Session &session)
{
    std::unique_ptr<Session> ended = m_sessions.take(session.number());
    if (!ended)
        return;
    WorkerCounters::add(m_counters.activeConnections, -1);
    if (session.isMonitored()) {
        WorkerCounters::add(m_counters.closed);
        WorkerCounters::add(m_counters.closedMillis, session.age().count());
    }
    m_dead.push_back(std::move(ended));
    buryDead();
}

void ChannelShard::consoleEnded(ConsoleSession &console)
{
    const auto found = m_consoles.find(console.number());
    if (found == m_consoles.end())
        return;
    m_deadConsoles.push_back(std::move(found->second));
    m_consoles.erase(found);
    buryDead();
}

void ChannelShard::buryDead()
{
    if (m_dead.size() + m_deadConsoles.size() != 1)
        return; // is on its way
    postTo(*this, [this] {
        m_dead.clear();
        m_deadConsoles.clear();
    });
}

void ChannelShard::loadInbox(Session &session, std::optional<Cursor> after)
{
    const InboxQuery query{ session.user(), session.groups(), after };
    if (const std::optional<Inbox> known = m_environment.store->knownInbox(query)) {
        session.greet(listMessage(*known));
        return;
    }
    const auto greet = onThreadOf(*this, [this, number = session.number()](const Result<ListMessage> &list) {
        if (Session *found = m_sessions.find(number))
            found->greet(list);
    });
    m_environment.store->loadInbox(query, [greet](const Result<Inbox> &inbox) { greet(listMessage(inbox)); });
}

void ChannelShard::listNotifications(
    Session &session, const GetNotificationsCommand &command, const QJsonValue &commandId)
{
    const InboxQuery query{ session.user(), session.groups(), command.since, command.limit };
    const auto answer
        = onThreadOf(*this, [this, number = session.number(), commandId](const Result<ListMessage> &list) {
              if (Session *found = m_sessions.find(number))
                  found->listed(list, commandId);
          });
    m_environment.store->loadInbox(query, [answer](const Result<Inbox> &inbox) { answer(listMessage(inbox)); });
}

void ChannelShard::markRead(Session &session, std::optional<QStringList> ids, const QJsonValue &commandId)
{
    using Outcome = Result<std::pair<QStringList, qint64>>;
    auto done = onThreadOf(*this,
        [this, number = session.number(), commandId, user = session.user(), id = connectionId(session)](
            const Outcome &outcome) {
            if (Session *found = m_sessions.find(number))
                found->markedRead(outcome, commandId);
            if (outcome && !outcome->first.isEmpty())
                m_environment.announceRead(user, readMessage(outcome->first, outcome->second), id);
        });
    if (ids)
        m_environment.store->markRead(session.user(), session.groups(), *ids, std::move(done));
    else
        m_environment.store->markAllRead(session.user(), session.groups(), std::move(done));
}

qint64 ChannelShard::deliver(const FramedDelivery &delivery)
{
    qint64 reached = 0;
    const auto sendTo = [&](Session &session) { reached += session.deliver(delivery) ? 1 : 0; };
    if (delivery.expiresAt && *delivery.expiresAt <= m_loop.clock().utc())
        return 0; // it took that long to be stored
    const Audience &to = delivery.to;
    if (const ToUsers *users = std::get_if<ToUsers>(&to)) {
        for (const QString &user : users->users)
            m_sessions.forUser(user, sendTo);
    } else if (const ToGroups *groups = std::get_if<ToGroups>(&to)) {
        m_sessions.forGroups(groups->groups, sendTo);
    } else {
        m_sessions.forEach(sendTo);
    }
    return reached;
}

void ChannelShard::catchUp(Cursor after, std::chrono::milliseconds window)
{
    std::vector<quint64> numbers;
    if (m_catchingUp) // those that have waited longest come first; who is named twice asks once
        numbers.assign(m_catchingUp->numbers.begin() + qsizetype(m_catchingUp->begun), m_catchingUp->numbers.end());
    numbers.reserve(numbers.size() + size_t(m_sessions.size()));
    m_sessions.forEach([&numbers, after](Session &session) {
        session.missed(after);
        numbers.push_back(session.number());
    });
    const Spread spread{ qint64(numbers.size()), window };
    m_catchingUp
        = std::make_unique<CatchingUp>(CatchingUp{ spread, m_loop.clock().monotonic(), std::move(numbers), 0 });
    catchUpTick();
}

void ChannelShard::catchUpTick()
{
    CatchingUp &round = *m_catchingUp;
    const auto elapsed
        = std::chrono::duration_cast<std::chrono::milliseconds>(m_loop.clock().monotonic() - round.begunAt);
    for (const auto due = size_t(round.spread.due(elapsed)); round.begun < due; ++round.begun) {
        if (Session *session = m_sessions.find(round.numbers[round.begun]))
            session->listNext();
    }
    if (round.begun < round.numbers.size())
        m_loop.wheel().start(m_catchUpTick, TimingWheel::kTick);
    else
        m_catchingUp.reset();
}

void ChannelShard::announceRead(const QString &user, const QByteArray &message, const QString &exceptConnection)
{
    m_sessions.forUser(user, [&](Session &session) {
        if (connectionId(session) != exceptConnection)
            session.announceRead(message);
    });
}

std::vector<ConnectionInfo> ChannelShard::connections()
{
    std::vector<ConnectionInfo> result;
    result.reserve(size_t(m_sessions.size()));
    m_sessions.forEach([&](Session &session) { result.push_back(session.info(connectionId(session), m_index)); });
    return result;
}

ClientCounts ChannelShard::clients() const
{
    ClientCounts counts;
    counts.reserve(size_t(m_sessions.size()));
    m_sessions.forEach(
        [&counts](const Session &session) { counts.emplace_back(ClientKey::of(session.bucket(), session.user()), 1); });
    return counts;
}

bool ChannelShard::kick(quint64 number)
{
    Session *session = m_sessions.find(number);
    if (!session)
        return false;
    session->close(CloseCode::KickedByAdmin, closeReason("disconnected_by_admin"_L1, std::nullopt, {}));
    return true;
}

void ChannelShard::applyAccess(AccessRulesPtr rules, const AccessRulesPtr &added)
{
    m_guards.setAccess(std::move(rules));
    if (!added)
        return;
    m_sessions.forEach([&added](Session &session) { session.judgeAgain(*added); });
    std::vector<std::pair<ConsoleSession *, Reason>> refused;
    for (const auto &[number, console] : m_consoles) {
        const Identity &identity = console->identity();
        if (const std::optional<Reason> reason
            = added->judgeToken(identity.user, TokenMark(identity.tokenId, identity.issuedAt)))
            refused.emplace_back(console.get(), *reason);
    }
    for (const auto &[console, reason] : refused) {
        const ReasonDescriptor &descriptor = reasonDescriptor(reason);
        console->close(descriptor.closeCode, closeReason(descriptor.code, std::nullopt, {}));
    }
}

void ChannelShard::applyAdminUsers(const QStringList &adminUsers)
{
    std::vector<std::pair<ConsoleSession *, ConsoleEnd>> ended;
    for (const auto &[number, console] : m_consoles) {
        const Identity &who = console->identity();
        if (const auto end = consoleEnd(who.role, roleUnder(who.user, who.ownRole, adminUsers)))
            ended.emplace_back(console.get(), *end);
    }
    for (const auto &[console, end] : ended)
        console->close(end.code, closeReason(end.reason, std::nullopt, {}));
}

void ChannelShard::sendToConsoles(ConsoleTopic topic, const QByteArray &message)
{
    std::vector<ConsoleSession *> listeners;
    for (const auto &[number, console] : m_consoles) {
        if (console->isSubscribed(topic))
            listeners.push_back(console.get());
    }
    for (ConsoleSession *console : listeners)
        console->send(topic, message);
}

void ChannelShard::cutSlowConsumers(qint64 bytes)
{
    std::vector<ShedCandidate> waiting;
    const auto consider = [&waiting](quint64 number, const WebSocketPeer &peer, bool isConsole) {
        if (const std::optional<std::chrono::milliseconds> time = peer.waitingFor())
            waiting.push_back({ number, peer.queuedBytes(), *time, isConsole });
    };
    m_sessions.forEach([&](Session &session) { consider(session.number(), session.peer(), false); });
    for (const auto &[number, console] : m_consoles)
        consider(number, console->peer(), true);
    for (const ShedCandidate &one : chooseToShed(std::move(waiting), bytes)) {
        if (one.isConsole) {
            if (const auto found = m_consoles.find(one.number); found != m_consoles.end())
                found->second->cutForMemory();
        } else if (Session *session = m_sessions.find(one.number)) {
            session->cutForMemory();
        }
    }
}

void ChannelShard::end()
{
    m_hasEnded = true;
    closeAll(CloseCode::GoingAway, {});
}

void ChannelShard::closeAll(CloseCode code, const QByteArray &reason)
{
    m_sessions.forEach([&](Session &session) { session.close(code, reason); });
    std::vector<quint64> numbers;
    for (const auto &[number, console] : m_consoles)
        numbers.push_back(number);
    for (const quint64 number : numbers) {
        if (const auto found = m_consoles.find(number); found != m_consoles.end())
            found->second->close(code, reason);
    }
}

void ChannelShard::drain(std::chrono::milliseconds window, std::function<void()> done)
{
    std::vector<quint64> numbers;
    numbers.reserve(size_t(m_sessions.size()));
    m_sessions.forEach([&numbers](const Session &session) { numbers.push_back(session.number()); });
    const DrainPlan plan(qint64(numbers.size()), window);
    m_draining = std::make_unique<Draining>(
        Draining{ plan, m_loop.clock().monotonic(), std::move(numbers), 0, std::move(done) });
    drainTick();
}

void ChannelShard::drainTick()
{
    Draining &draining = *m_draining;
    const auto elapsed
        = std::chrono::duration_cast<std::chrono::milliseconds>(m_loop.clock().monotonic() - draining.begunAt);
    for (const auto due = size_t(draining.plan.due(elapsed)); draining.closed < due; ++draining.closed) {
        if (Session *session = m_sessions.find(draining.numbers[draining.closed])) {
            const qint64 delay = draining.plan.reconnectDelay(elapsed, QRandomGenerator::global()->generateDouble());
            session->close(CloseCode::ServiceRestart, closeReason("shutdown"_L1, delay, {}));
        }
    }
    if (draining.closed < draining.numbers.size() && m_sessions.size() > 0)
        m_loop.wheel().start(m_drainTick, TimingWheel::kTick);
    else
        draining.done();
}

void ChannelShard::updateGauges()
{
    m_counters.sendQueueBytes.store(m_loop.outbox().queuedBytes(), std::memory_order_relaxed);
    m_loop.wheel().start(m_gauges, std::chrono::seconds(1));
}

QString ChannelShard::connectionId(const Session &session) const
{
    return ConnectionId{ m_environment.nodeTag, m_index, session.number() }.toString();
}

} // namespace gatehouse
