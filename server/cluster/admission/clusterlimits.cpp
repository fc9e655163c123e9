// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/cluster/admission/clusterlimits.h"

#include <QtCore/QRandomGenerator>

#include "server/base/onthread.h"
#include "server/cluster/scripts/scripts.h"

using namespace Qt::StringLiterals;

namespace gatehouse {

ClusterLimits::ClusterLimits(NodeIdentity node, const AdmissionTerms &terms, RedisCalls &calls, const Clock &clock,
    std::function<void(PeerAdmissionState)> stateChanged)
    : m_run(node.run.toLatin1())
    , m_terms(terms)
    , m_calls(calls)
    , m_clock(clock)
    , m_stateChanged(std::move(stateChanged))
    , m_counts(std::move(node), calls, this)
    , m_breaker(terms.timeout, [] { return QRandomGenerator::global()->generateDouble(); })
    // Answers that have arrived together with the alarm are read first: the thread may have been held up.
    , m_deadline(std::make_unique<DeadlineTimer>([this] { postTo(*this, [this] { answerOverdue(); }); }, this))
    , m_probe(this)
    , m_joining(this)
{
    m_state.since = clock.utc();
    m_state.reason = u"Redis has not been reached yet"_s;
    m_probe.setSingleShot(true);
    connect(&m_probe, &QTimer::timeout, this, &ClusterLimits::probe);
    m_joining.setSingleShot(true);
    connect(&m_joining, &QTimer::timeout, this, [this] { cannotJoin(u"Redis answers too late"_s); });
    connect(&m_counts, &NodeCounts::joined, this, &ClusterLimits::joined);
    connect(&m_counts, &NodeCounts::failed, this, &ClusterLimits::failed);
    connect(&m_counts, &NodeCounts::heartbeatAnswered, this, [this](const admissionscripts::HeartbeatAnswer &answer) {
        m_nodes = answer.nodes;
        m_hasGrants = answer.hasGrants;
    });
}

ClusterLimits::~ClusterLimits() = default;

void ClusterLimits::post(Work work)
{
    bool isFirst = false;
    {
        const std::lock_guard lock(m_mutex);
        if (m_isHalted)
            return;
        isFirst = m_work.empty();
        m_work.push_back(std::move(work));
    }
    if (isFirst)
        postTo(*this, [this] { this->work(); });
}

void ClusterLimits::work()
{
    std::vector<Work> work;
    {
        const std::lock_guard lock(m_mutex);
        work.swap(m_work);
    }
    for (const Work &piece : work)
        piece();
    m_counts.flush();
}

void ClusterLimits::ask(const PeerAttempt &attempt, Done done)
{
    const auto timed = [this, askedAt = m_clock.monotonic(), done = std::move(done)](const PeerVerdict &verdict) {
        m_admissionTimes.add(m_clock.monotonic() - askedAt);
        done(verdict);
    };
    post([this, attempt, timed] { begin(attempt, timed); });
}

void ClusterLimits::settle(quint64 id, bool isOpen)
{
    post([this, id, isOpen] {
        const auto question = m_questions.find(id);
        if (question == m_questions.end())
            return;
        question->second.isOpen = isOpen;
        if (isOpen)
            m_counts.enter(question->second.attempt.bucket, question->second.attempt.user);
        makeGood(question);
    });
}

void ClusterLimits::takeBack(const PeerAttempt &attempt, const PeerVerdict &verdict)
{
    post([this, attempt, verdict] {
        m_counts.forget(attempt);
        takeBackFromRedis(attempt, verdict, true);
    });
}

void ClusterLimits::enter(const std::optional<AddressKey> &bucket, const QString &user)
{
    post([this, bucket, user] { m_counts.enter(bucket, user); });
}

void ClusterLimits::leave(const AddressKey &bucket)
{
    post([this, bucket] { m_counts.leave(bucket); });
}

void ClusterLimits::leave(const QString &user)
{
    post([this, user] { m_counts.leave(user); });
}

PeerAdmissionState ClusterLimits::state() const
{
    const std::lock_guard lock(m_mutex);
    PeerAdmissionState state = m_state;
    state.nodes = nodes();
    return state;
}

void ClusterLimits::begin(const PeerAttempt &attempt, Done done)
{
    const quint64 id = m_nextQuestion++;
    m_questions.emplace(id, Question{ attempt, std::move(done) });
    if (!isSettled())
        m_early.push_back(id);
    else if (isSharing())
        askRedis(id);
    else
        refuseToAsk(id); // since the worker has looked
}

void ClusterLimits::refuseToAsk(quint64 id)
{
    Question &question = m_questions.at(id);
    question.late = PeerVerdict();
    answerNone(question, id, {});
}

void ClusterLimits::askRedis(quint64 id)
{
    const PeerAttempt &attempt = m_questions.at(id).attempt;
    const MonoTime due = m_clock.monotonic() + m_terms.timeout;
    m_counts.flush(); // who has left makes room
    m_counts.asked(attempt);
    if (m_deadlines.empty())
        m_deadline->setAlarm(due);
    m_deadlines.emplace_back(due, id);
    const admissionscripts::Call call = admissionscripts::admitCall(m_run, attempt);
    m_calls.run(scripts::admit(), call.keys, call.arguments,
        [this, id](const Result<RedisReply> &reply) { answered(id, reply); });
}

void ClusterLimits::answered(quint64 id, const Result<RedisReply> &reply)
{
    const auto found = m_questions.find(id);
    Question &question = found->second;
    const std::optional<admissionscripts::AdmitAnswer> answer
        = reply ? admissionscripts::readAdmitReply(*reply, question.attempt) : std::nullopt;
    const bool isInTime = question.done != nullptr;
    const bool isAdmitted = answer && answer->verdict.kind == PeerVerdict::Kind::Admitted;
    m_counts.answered(question.attempt, isAdmitted && isInTime);
    if (answer) {
        m_hasGrants = answer->hasGrants;
        m_nodes = answer->nodes;
    }
    if (!answer || !isInTime) {
        // What Redis counts now is said anew.
        m_counts.doubt(question.attempt);
        m_counts.tellSoon();
        question.late = answer ? answer->verdict : PeerVerdict();
        if (isInTime)
            answerNone(question, id, reply ? u"an answer that the script does not give"_s : reply.error().message);
        makeGood(found);
        return;
    }
    m_breaker.succeeded();
    const Done done = std::move(question.done);
    PeerVerdict verdict = answer->verdict;
    verdict.id = id;
    m_questions.erase(found);
    done(verdict);
}

void ClusterLimits::answerNone(Question &question, quint64 id, const QString &reason)
{
    PeerVerdict none;
    none.id = id;
    std::exchange(question.done, nullptr)(none);
    if (reason.isEmpty())
        return;
    m_missed.fetch_add(1, std::memory_order_relaxed);
    failed(reason);
}

void ClusterLimits::makeGood(Questions::iterator question)
{
    const Question &asked = question->second;
    if (!asked.isOpen || !asked.late)
        return;
    if (!*asked.isOpen && asked.late->kind == PeerVerdict::Kind::Admitted)
        takeBackFromRedis(asked.attempt, *asked.late, false); // its places go with the absolute numbers
    m_questions.erase(question);
}

void ClusterLimits::takeBackFromRedis(const PeerAttempt &attempt, const PeerVerdict &verdict, bool isCounted)
{
    const admissionscripts::Call call = admissionscripts::takeBackCall(m_run, attempt, verdict, isCounted);
    m_calls.run(scripts::takeBack(), call.keys, call.arguments, [](const Result<RedisReply> &) {});
}

void ClusterLimits::answerOverdue()
{
    const MonoTime now = m_clock.monotonic();
    while (!m_deadlines.empty()) {
        const auto [due, id] = m_deadlines.front();
        const auto found = m_questions.find(id);
        const bool isWaiting = found != m_questions.end() && found->second.done;
        if (isWaiting && due > now) {
            m_deadline->setAlarm(due);
            return;
        }
        m_deadlines.pop_front();
        if (isWaiting)
            answerNone(found->second, id, u"Redis answers too late"_s);
    }
}

void ClusterLimits::linkUp()
{
    m_isLinkUp = true;
    m_isLinkNew = true;
    if (!isSettled())
        m_joining.start(kAnswersToJoin * m_terms.timeout);
    m_counts.linkUp();
}

/// Redis holds all that this node counts.
void ClusterLimits::joined()
{
    if (!std::exchange(m_isLinkNew, false)) {
        probeSoon();
        return;
    }
    // Everything that it takes to join was answered: nothing more is to be tried.
    m_breaker.close();
    m_counts.setPrompt(true);
    share();
}

void ClusterLimits::cannotJoin(const QString &reason)
{
    m_isLinkNew = false; // what it takes to join is late: it is to be seen whether answers come in time
    m_breaker.open(reason);
    update();
    settleStart();
    probeSoon();
}

void ClusterLimits::linkDown(const QString &reason)
{
    m_isLinkUp = false;
    m_isToldAll = false;
    m_probe.stop();
    m_joining.stop();
    m_counts.linkDown();
    m_counts.setPrompt(false);
    m_breaker.open(reason);
    update();
    settleStart();
}

void ClusterLimits::failed(const QString &reason)
{
    if (!isSettled()) {
        cannotJoin(reason);
        return;
    }
    if (!m_breaker.failed(m_clock.monotonic(), reason))
        return;
    m_isToldAll = false;
    m_counts.setPrompt(false);
    update();
    probeSoon();
}

void ClusterLimits::probeSoon()
{
    if (m_isLinkUp && m_counts.hasJoined() && m_breaker.isOpen() && !m_probe.isActive())
        m_probe.start(m_breaker.nextProbe());
}

void ClusterLimits::probe()
{
    if (m_isLinkUp)
        m_counts.probe(
            [this, sentAt = m_clock.monotonic()](const Result<RedisReply> &reply) { probed(sentAt, reply); });
}

void ClusterLimits::probed(MonoTime sentAt, const Result<RedisReply> &reply)
{
    const MonoTime now = m_clock.monotonic();
    if (!reply || now - sentAt > m_terms.timeout) {
        m_breaker.failed(now, {});
    } else if (m_breaker.succeeded()) {
        m_probe.stop();
        // First what has changed meanwhile, so that nobody is judged by what is past.
        m_counts.setPrompt(true);
        m_counts.tellNews([this] { share(); });
        return;
    }
    probeSoon();
}

void ClusterLimits::share()
{
    if (!m_isLinkUp || m_breaker.isOpen())
        return;
    m_isToldAll = true;
    update();
    settleStart();
    m_counts.tellSoon(); // whom this node let in while it told
}

/// It is known now whether there is anybody to ask: those who have waited for that go on.
void ClusterLimits::settleStart()
{
    if (m_isSettled.exchange(true))
        return;
    m_joining.stop();
    for (const quint64 id : std::exchange(m_early, {})) {
        if (isSharing())
            askRedis(id);
        else
            refuseToAsk(id);
    }
    Q_EMIT settled();
}

void ClusterLimits::update()
{
    const bool isSharing = m_isLinkUp && m_isToldAll && !m_breaker.isOpen();
    if (m_isSharing.exchange(isSharing) == isSharing && (isSharing || m_breaker.reason() == state().reason))
        return;
    {
        const std::lock_guard lock(m_mutex);
        if (m_state.isReachable != isSharing || m_state.since == UtcTime())
            m_state.since = m_clock.utc();
        m_state.isReachable = isSharing;
        m_state.reason = isSharing ? QString() : m_breaker.reason();
    }
    m_stateChanged(state());
}

void ClusterLimits::halt()
{
    m_probe.stop();
    m_joining.stop();
    m_counts.linkDown();
    m_deadline.reset();
    const std::lock_guard lock(m_mutex);
    m_isHalted = true;
    m_work.clear();
}

void ClusterLimits::grant(ClientCounts counts, std::function<void(bool)> done)
{
    post([this, counts = std::make_shared<ClientCounts>(std::move(counts)), done = std::move(done)] {
        m_hasGrants = true;
        grantFrom(counts, 0, done);
    });
}

void ClusterLimits::grantFrom(
    const std::shared_ptr<ClientCounts> &counts, size_t from, const std::function<void(bool)> &done)
{
    if (from >= counts->size()) {
        done(true);
        return;
    }
    const admissionscripts::Call call = admissionscripts::grantCall(*counts, from, kGrantsPerCall);
    m_calls.run(
        scripts::grant(), call.keys, call.arguments, [this, counts, from, done](const Result<RedisReply> &reply) {
            if (reply)
                grantFrom(counts, from + kGrantsPerCall, done);
            else
                done(false);
        });
}

void ClusterLimits::resign(std::function<void()> done)
{
    post([this, done = std::move(done)] {
        m_probe.stop();
        m_isToldAll = false;
        m_breaker.open(u"this node leaves"_s);
        update();
        settleStart();
        m_counts.resign(done);
    });
}

} // namespace gatehouse
