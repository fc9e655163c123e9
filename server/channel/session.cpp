// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/channel/session.h"

#include <utility>

#include <QtCore/QRandomGenerator>

#include "server/channel/channelmessages.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kMaxKeptHeader = 200;
constexpr size_t kMaxBeforeGreeting = 1000;
// Commands of one client that wait for the store, however many messages it may send: from the first number on nothing
// more is read from it until one is answered. What had been read by then may bring it to the second.
constexpr int kManyStoreCalls = 8;
constexpr int kMaxStoreCalls = 64;
// A store that is away is asked again after that long, evenly spread, so that thousands who wait do not come at once.
constexpr std::chrono::milliseconds kAskAgainAfter{ 1000 };
constexpr int kAskAgainSpreadMillis = 2000;
constexpr std::chrono::seconds kExpiryWarning{ 60 };
// More tell no other story; the counters still count each message.
constexpr int kRecordsPerSecond = 20;

} // namespace

Session::Session(quint64 number, SessionHost &host, Admission admission, std::unique_ptr<ClientStream> stream,
    const HttpRequest &request)
    : m_number(number)
    , m_host(host)
    , m_headers(host.sharedHeaders(
          { request.header("origin").left(kMaxKeptHeader), request.header("user-agent").left(kMaxKeptHeader) }))
    , m_groups(host.sharedGroups(std::move(admission.identity.groups)))
    , m_addressSlot(std::move(admission.addressSlot))
    , m_userSlot(std::move(admission.userSlot))
    , m_connectedAt(host.loop().clock().utc())
    , m_openedAt(host.loop().clock().monotonic())
    , m_expiresAt(admission.identity.expiresAt.value_or(UtcTime::max()))
    , m_token(admission.identity.tokenId, admission.identity.issuedAt)
    , m_isMonitored(host.snapshot().isGuarding)
    , m_greeting(std::make_unique<Greeting>())
    , m_expiry([this] { expiryDue(); })
    , m_peer(host.loop(), std::move(stream), *this, host.awakeTime())
{
}

Session::~Session() = default;

void Session::open(const HttpRequest &request, const QByteArray &early)
{
    m_peer.open(request);
    m_greeting->early = early;
    m_peer.setReading(false);
    watchExpiry();
    // Nothing that is wrong with a cursor refuses a client: it would come back with the same one, for ever. It gets
    // what is unread, and `truncated`.
    std::optional<Cursor> after;
    if (const QByteArray cursor = request.queryValue("cursor").value_or(QByteArray()); !cursor.isEmpty())
        after = decodeCursor(QString::fromLatin1(cursor)).value_or(Cursor());
    askForList(after);
}

void Session::askForList(std::optional<Cursor> after)
{
    m_greeting->asked = after;
    m_host.loadInbox(*this, after);
}

void Session::greet(const Result<ListMessage> &list)
{
    if (!isOpen())
        return;
    if (!list && (list.error().field == kStoreAway || list.error().field == kStoreBusy)) {
        waitForStore();
        return;
    }
    if (!list) {
        WorkerCounters::add(m_host.counters().errors);
        close(CloseCode::TryAgainLater, closeReason("store_unavailable"_L1, 10, {}));
        return;
    }
    const bool isWorthALine = !m_greeting->isListed || m_greeting->isStoreAway || !list->isEmpty || list->isTruncated;
    if (isWorthALine)
        sendMessage(list->json);
    if (!isOpen())
        return;
    m_greeting->isStoreAway = false;
    m_listedSequence = list->cursor.sequence;
    std::erase_if(m_greeting->deliveries, [this](const FramedDelivery &delivery) {
        return delivery.sequence != 0 && delivery.sequence <= m_listedSequence;
    });
    if (list->hasMore || m_greeting->hasOverflown)
        m_greeting->next = list->cursor;
    if (!std::exchange(m_greeting->isListed, true))
        beginListening();
    if (!isOpen())
        return;
    if (m_greeting->next) {
        if (!isWorthALine)
            listNext(); // there is nothing for the client to take first
        return;
    }
    const std::unique_ptr<Greeting> greeting = std::move(m_greeting);
    for (const FramedDelivery &delivery : greeting->deliveries) {
        if (!isExpired(delivery))
            deliver(delivery);
    }
}

void Session::waitForStore()
{
    Greeting &greeting = *m_greeting;
    greeting.isStoreAway = true;
    if (!std::exchange(greeting.isListed, true)) {
        Inbox nothing;
        nothing.isTruncated = true;
        // Whoever goes before the store is back comes with the cursor that they came with: nothing is skipped.
        nothing.run = greeting.asked.value_or(Cursor()).run;
        nothing.lastSequence = greeting.asked.value_or(Cursor()).sequence;
        sendMessage(notificationsListMessage(nothing));
        for (const FramedDelivery &kept : greeting.deliveries) {
            if (kept.sequence == 0 && !isExpired(kept))
                countSent(m_peer.send(kept.frame, kept.isDroppable));
        }
        std::erase_if(greeting.deliveries, [](const FramedDelivery &kept) { return kept.sequence == 0; });
        if (isOpen())
            beginListening();
    }
    if (!isOpen())
        return;
    if (!greeting.askAgain)
        greeting.askAgain.emplace([this] { askForList(m_greeting->asked); });
    const std::chrono::milliseconds jitter(QRandomGenerator::global()->bounded(kAskAgainSpreadMillis));
    m_host.loop().wheel().start(*greeting.askAgain, kAskAgainAfter + jitter);
}

void Session::beginListening()
{
    for (const QByteArray &read : std::exchange(m_greeting->reads, {}))
        sendMessage(read);
    m_peer.setReading(true);
    m_peer.readEarly(std::exchange(m_greeting->early, {}));
}

void Session::missed(Cursor after)
{
    if (!isOpen())
        return;
    if (after == Cursor()) // numbers of another history say nothing about this one's
        m_listedSequence = 0;
    if (!m_greeting) {
        m_greeting = std::make_unique<Greeting>();
        m_greeting->isListed = true;
        m_greeting->next = Cursor{ after.run, std::max(after.sequence, m_listedSequence) };
    } else if (m_greeting->next && after == Cursor()) {
        m_greeting->next = after;
    }
    // A list that is on its way may have been read before what is missing was stored: another one follows.
    m_greeting->hasOverflown = true;
    forgetStored();
}

void Session::forgetStored()
{
    std::erase_if(m_greeting->deliveries, [](const FramedDelivery &one) { return one.sequence != 0; });
}

void Session::listNext()
{
    if (!m_greeting || !m_greeting->next)
        return;
    const Cursor next = *std::exchange(m_greeting->next, std::nullopt);
    m_greeting->hasOverflown = false; // what was left out is stored: the list that is asked for now has it
    askForList(next);
}

void Session::listed(const Result<ListMessage> &list, const QJsonValue &commandId)
{
    storeCallEnded();
    if (!list && list.error().field == kStoreBusy) {
        sendBusy(u"too much is asked for at the same time; wait for it"_s, commandId);
        return;
    }
    if (!list) {
        WorkerCounters::add(m_host.counters().errors);
        sendMessage(
            errorMessage("store_unavailable"_L1, u"the notifications could not be read; try again"_s, commandId));
        return;
    }
    sendMessage(list->json);
    // What a list left out may be on its way here just now: of a shorter one, none is held back.
    if (!m_greeting && !list->isTruncated)
        m_listedSequence = std::max(m_listedSequence, list->cursor.sequence);
    if (!commandId.isUndefined())
        sendMessage(ackMessage(commandId));
}

void Session::markedRead(const Result<std::pair<QStringList, qint64>> &outcome, const QJsonValue &commandId)
{
    storeCallEnded();
    if (!outcome && outcome.error().field == kStoreBusy) {
        sendBusy(u"too much is asked for at the same time; wait for it"_s, commandId);
    } else if (!outcome) {
        WorkerCounters::add(m_host.counters().errors);
        sendMessage(errorMessage("store_unavailable"_L1, u"what you read could not be stored; try again"_s, commandId));
    } else if (!commandId.isUndefined()) {
        sendMessage(ackMessage(commandId, outcome->second));
    }
}

bool Session::deliver(const FramedDelivery &delivery)
{
    const bool waits = m_greeting && !(m_greeting->isStoreAway && delivery.sequence == 0);
    if (waits) {
        keepForLater(delivery);
        return isOpen();
    }
    // The list may have overtaken a delivery on its way to this worker: none comes twice.
    if (delivery.sequence != 0 && delivery.sequence <= m_listedSequence)
        return isOpen();
    return countSent(m_peer.send(delivery.frame, delivery.isDroppable));
}

void Session::keepForLater(const FramedDelivery &delivery)
{
    std::vector<FramedDelivery> &kept = m_greeting->deliveries;
    if (delivery.sequence != 0 && (m_greeting->hasOverflown || kept.size() >= kMaxBeforeGreeting)) {
        // A client whose inbox is slow to load waits in bounds: what is stored is listed instead.
        m_greeting->hasOverflown = true;
        forgetStored();
    } else if (kept.size() < kMaxBeforeGreeting) {
        kept.push_back(delivery);
    }
}

bool Session::isExpired(const FramedDelivery &delivery) const
{
    return delivery.expiresAt && *delivery.expiresAt <= m_host.loop().clock().utc();
}

void Session::announceRead(const QByteArray &json)
{
    if (!m_greeting || m_greeting->isListed)
        sendMessage(json);
    else if (m_greeting->reads.size() < kMaxBeforeGreeting)
        m_greeting->reads.push_back(json);
}

void Session::sendMessage(const QByteArray &json)
{
    countSent(m_peer.sendText(json));
}

bool Session::countSent(WebSocketPeer::Sent outcome)
{
    if (outcome != WebSocketPeer::Sent::Queued)
        return false;
    ++m_messagesOut;
    if (m_host.snapshot().isGuarding)
        WorkerCounters::add(m_host.counters().messagesOut);
    return true;
}

void Session::close(CloseCode code, const QByteArray &reason)
{
    m_peer.close(code, reason);
}

ConnectionInfo Session::info(const QString &id, int workerIndex)
{
    ConnectionInfo info;
    info.id = id;
    info.user = user();
    info.address = addressText();
    info.origin = QString::fromUtf8(m_headers->origin);
    info.userAgent = QString::fromUtf8(m_headers->userAgent);
    info.connectedAt = m_connectedAt;
    info.messagesIn = m_speaker ? m_speaker->messages : 0;
    info.messagesOut = m_messagesOut;
    info.messagesLastMinute = m_speaker ? m_speaker->limiter.used(m_host.loop().clock().monotonic()) : 0;
    info.queuedBytes = m_peer.queuedBytes();
    info.worker = workerIndex;
    return info;
}

void Session::setGroups(QStringList groups)
{
    m_groups = m_host.sharedGroups(std::move(groups));
}

std::chrono::milliseconds Session::age() const
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(m_host.loop().clock().monotonic() - m_openedAt);
}

bool Session::messageBegins()
{
    const LimitSnapshot &snapshot = m_host.snapshot();
    if (snapshot.isGuarding)
        WorkerCounters::add(m_host.counters().messagesIn);
    if (!m_speaker)
        m_speaker = std::make_unique<Speaker>();
    ++m_speaker->messages;
    const MonoTime now = m_host.loop().clock().monotonic();
    const MessageLimiter::Verdict verdict = m_speaker->limiter.judge(snapshot, now);
    if (m_speaker->onlyCounted > 0 && now - m_speaker->recordingSince >= std::chrono::seconds(1))
        tellOnlyCounted();
    switch (verdict.outcome) {
    case MessageLimiter::Outcome::Pass:
        return true;
    case MessageLimiter::Outcome::PassNear:
        sendMessage(rateLimitNearMessage(verdict.limit, verdict.observed, verdict.wait));
        return true;
    case MessageLimiter::Outcome::PassObserved:
        recordOverLimit(verdict, now, 1);
        return true;
    case MessageLimiter::Outcome::Drop:
        recordOverLimit(verdict, now, kRecordsPerSecond);
        sendRefusal(verdict);
        return false;
    case MessageLimiter::Outcome::Disconnect:
        break;
    }
    const Decision decision = recordDecision(Reason::RateLimitStrikes, verdict, true);
    close(CloseCode::RateLimited, closeReason("rate_limited"_L1, decision.retryAfterSeconds, decision.id));
    return false;
}

void Session::recordOverLimit(const MessageLimiter::Verdict &verdict, MonoTime now, int mostPerSecond)
{
    Speaker &speaker = *m_speaker;
    if (now - speaker.recordingSince >= std::chrono::seconds(1)) {
        speaker.recordingSince = now;
        speaker.recordingAt = m_host.loop().clock().utc();
        speaker.recorded = 0;
    }
    const bool isEnforced = verdict.outcome != MessageLimiter::Outcome::PassObserved;
    if (speaker.recorded++ < mostPerSecond) {
        recordDecision(Reason::RateLimited, verdict, isEnforced);
        return;
    }
    m_host.recorder().countOnly(Reason::RateLimited, isEnforced);
    ++speaker.onlyCounted;
}

void Session::tellOnlyCounted()
{
    if (!m_speaker || m_speaker->onlyCounted == 0)
        return;
    Decision about = describe();
    about.reason = Reason::RateLimited;
    about.at = m_speaker->recordingAt;
    m_host.recorder().tellCounted(about, std::exchange(m_speaker->onlyCounted, 0));
}

void Session::sendRefusal(const MessageLimiter::Verdict &verdict)
{
    Speaker &speaker = *m_speaker;
    const std::pair<qint64, qint64> says(verdict.limit, std::chrono::ceil<std::chrono::seconds>(verdict.wait).count());
    if (speaker.refusal.isEmpty() || speaker.refusalSays != says) { // in a flood one answer serves for a second
        speaker.refusalSays = says;
        speaker.refusal = errorMessage("rate_limited"_L1,
            u"this message was not processed: %1 messages a minute are allowed"_s.arg(verdict.limit),
            QJsonValue(QJsonValue::Undefined), verdict.wait);
    }
    countSent(m_peer.sendText(speaker.refusal, true));
}

void Session::judgeAgain(const AccessRules &added)
{
    std::optional<Reason> reason;
    if (added.isBanned(m_addressSlot.bucket()))
        reason = Reason::Banned;
    else
        reason = added.judgeToken(user(), m_token);
    if (!reason || !isOpen())
        return;
    const Decision decision = m_host.recorder().record(describe(), Finding{ *reason });
    const ReasonDescriptor &descriptor = reasonDescriptor(*reason);
    close(descriptor.closeCode, closeReason(descriptor.code, std::nullopt, decision.id));
}

QString Session::addressText() const
{
    return m_addressSlot.bucket().toAddress().bucketText(m_host.ipv6PrefixBits());
}

Decision Session::describe() const
{
    Decision decision;
    decision.address = addressText();
    decision.user = user();
    decision.origin = QString::fromUtf8(m_headers->origin);
    return decision;
}

Decision Session::recordDecision(Reason reason, const MessageLimiter::Verdict &verdict, bool isEnforced)
{
    return m_host.recorder().record(
        describe(), { reason, {}, verdict.limit, verdict.observed, verdict.wait, isEnforced });
}

qint64 Session::maxMessageBytes() const
{
    return LimitRule::of(Reason::MessageTooBig, m_host.snapshot())
        .boundOr(limitDescriptor(LimitKey::MaxMessageBytes).maximum);
}

void Session::textReceived(const QString &text)
{
    const ClientMessage message = parseClientMessage(text);
    std::visit([this, &message](const auto &command) { run(command, message.id); }, message.command);
}

void Session::binaryReceived()
{
    sendMessage(errorMessage("bad_request"_L1, u"messages must be text frames"_s, QJsonValue(QJsonValue::Undefined)));
}

QByteArray Session::peerTooSlow(Slowness slowness, qint64 queuedBytes)
{
    Finding finding{ Reason::SlowConsumer };
    if (slowness == Slowness::Bytes)
        finding.limit = kHardQueueBytes;
    finding.observed = queuedBytes;
    const Decision decision = m_host.recorder().record(describe(), finding);
    return closeReason(reasonDescriptor(finding.reason).code, decision.retryAfterSeconds, decision.id);
}

void Session::peerClosed(CloseCode code, bool isByPeer)
{
    if (code == CloseCode::MessageTooBig && !isByPeer)
        recordDecision(Reason::MessageTooBig, { MessageLimiter::Outcome::Drop, maxMessageBytes(), 0, {} }, true);
    tellOnlyCounted();
    if (m_isMonitored)
        m_host.counters().countClose(code, isByPeer);
    m_expiry.cancel();
    m_host.sessionEnded(*this);
}

void Session::run(const PingCommand &, const QJsonValue &id)
{
    sendMessage(pongMessage(id));
}

void Session::run(const MarkReadCommand &command, const QJsonValue &id)
{
    if (beginStoreCall(id))
        m_host.markRead(*this, command.ids, id);
}

void Session::run(const MarkAllReadCommand &, const QJsonValue &id)
{
    if (beginStoreCall(id))
        m_host.markRead(*this, std::nullopt, id);
}

void Session::run(const GetNotificationsCommand &command, const QJsonValue &id)
{
    if (m_host.loop().isMemoryAtLeast(MemoryLevel::CutSlow)) { // a list may be half a megabyte
        sendMessage(errorMessage(
            "busy"_L1, u"the server is short of memory; ask again in a moment"_s, id, std::chrono::seconds(1)));
        return;
    }
    if (beginStoreCall(id))
        m_host.listNotifications(*this, command, id);
}

bool Session::beginStoreCall(const QJsonValue &commandId)
{
    if (m_speaker->storeCalls == kMaxStoreCalls) {
        sendBusy(u"%1 commands have not been answered yet; wait for them"_s.arg(kMaxStoreCalls), commandId);
        return false;
    }
    if (++m_speaker->storeCalls == kManyStoreCalls)
        m_peer.setReading(false);
    return true;
}

void Session::sendBusy(const QString &why, const QJsonValue &commandId)
{
    sendMessage(errorMessage("busy"_L1, why, commandId, std::chrono::seconds(1)));
}

void Session::storeCallEnded()
{
    if (--m_speaker->storeCalls == kManyStoreCalls - 1)
        m_peer.setReading(true);
}

void Session::run(const RefreshCommand &command, const QJsonValue &id)
{
    TokenVerdict verdict = m_host.tokenVerifier().verify(command.token, m_host.loop().clock().utc());
    if (const TokenRefusal *refusal = std::get_if<TokenRefusal>(&verdict)) {
        sendMessage(errorMessage(reasonDescriptor(refusal->reason).code, refusal->detail, id));
        return;
    }
    Identity identity = std::get<Identity>(std::move(verdict));
    if (identity.user != user()) {
        sendMessage(errorMessage("token_invalid"_L1, u"the token is another user's"_s, id));
        return;
    }
    const TokenMark token(identity.tokenId, identity.issuedAt);
    if (const std::optional<Reason> revoked = m_host.access().judgeToken(identity.user, token)) {
        sendMessage(errorMessage(reasonDescriptor(*revoked).code, u"the token has been revoked"_s, id));
        return;
    }
    m_token = token;
    if (identity.groups != groups())
        m_host.changeGroups(*this, std::move(identity.groups));
    m_expiresAt = identity.expiresAt.value_or(UtcTime::max());
    m_saidExpiring = false;
    watchExpiry();
    if (!id.isUndefined())
        sendMessage(ackMessage(id));
}

void Session::run(const BadCommand &command, const QJsonValue &id)
{
    sendMessage(errorMessage(command.code, command.detail, id));
}

void Session::watchExpiry()
{
    if (m_expiresAt == UtcTime::max() || !isOpen())
        return;
    const auto left = m_expiresAt - m_host.loop().clock().utc();
    const auto next = m_saidExpiring ? left : left - kExpiryWarning;
    m_host.loop().dates().start(m_expiry, std::max<std::chrono::milliseconds>(next, TimingWheel::kTick));
}

void Session::expiryDue()
{
    const auto left = m_expiresAt - m_host.loop().clock().utc();
    if (left <= std::chrono::milliseconds(0)) {
        close(CloseCode::TokenExpired, closeReason("token_expired"_L1, std::nullopt, {}));
        return;
    }
    if (!m_saidExpiring && left <= kExpiryWarning
        && (!m_greeting || m_greeting->isListed)) { // the greeting comes first
        m_saidExpiring = true;
        sendMessage(tokenExpiringMessage(std::chrono::ceil<std::chrono::seconds>(left)));
    }
    watchExpiry();
}

} // namespace gatehouse
