// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <deque>
#include <mutex>
#include <unordered_map>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "server/base/latencyhistogram.h"
#include "server/cluster/admission/admissionterms.h"
#include "server/cluster/admission/circuitbreaker.h"
#include "server/cluster/admission/nodecounts.h"
#include "server/redis/deadlinetimer.h"

namespace gatehouse {

/// Whether a node judges with the others. A plain value.
struct PeerAdmissionState
{
    bool isReachable = false; ///< false: this node judges alone
    UtcTime since{};
    QString reason;   ///< why it judges alone
    qint64 nodes = 1; ///< known last, this one included
};

/// The limits that all nodes share, in Redis. What is asked for is answered within AdmissionTerms::timeout, by Redis or
/// by saying that there is no answer; what Redis says later is made good. Nobody is asked while Redis is known to be
/// away: the link is down, or several answers in a row were late and have been so for as long as an answer has time.
///
/// At the start nothing is known yet. What is asked then waits until the node has joined, or has found that it cannot.
///
/// Workers call from their threads; everything else happens on the thread of its calls, where it lives too.
class ClusterLimits final : public QObject, public PeerAdmission
{
    Q_OBJECT
public:
    static constexpr size_t kGrantsPerCall = 500;
    /// Two ways to Redis and back, each with the time that an answer has, are enough to join once the link is up.
    static constexpr int kAnswersToJoin = 2;

    /// `calls` and `clock` outlive it. `stateChanged` is called on its thread, when sharing begins and ends.
    ClusterLimits(NodeIdentity node, const AdmissionTerms &terms, RedisCalls &calls, const Clock &clock,
        std::function<void(PeerAdmissionState)> stateChanged);
    ~ClusterLimits() override;
    Q_DISABLE_COPY_MOVE(ClusterLimits)

    [[nodiscard]] bool isReachable() const override { return isSharing() || !isSettled(); }
    [[nodiscard]] qint64 shares() const override { return m_terms.dividesLimits ? nodes() : 1; }
    [[nodiscard]] bool hasGrants() const override { return m_hasGrants.load(std::memory_order_relaxed); }
    void ask(const PeerAttempt &attempt, Done done) override;
    void settle(quint64 id, bool isOpen) override;
    void takeBack(const PeerAttempt &attempt, const PeerVerdict &verdict) override;
    void enter(const std::optional<AddressKey> &bucket, const QString &user) override;
    void leave(const AddressKey &bucket) override;
    void leave(const QString &user) override;

    /// Whether Redis judges. Any thread, as the next ones.
    [[nodiscard]] bool isSharing() const { return m_isSharing.load(std::memory_order_relaxed); }
    /// Whether the node has joined, or has found that it cannot: once true for good.
    [[nodiscard]] bool isSettled() const { return m_isSettled.load(std::memory_order_relaxed); }
    /// How many nodes share the limits, or did when that was known last; at least 1.
    [[nodiscard]] qint64 nodes() const { return m_nodes.load(std::memory_order_relaxed); }
    [[nodiscard]] PeerAdmissionState state() const;
    /// From ask() to the verdict, also where there was no answer in time. Any thread.
    [[nodiscard]] const LatencyHistogram &admissionTimes() const { return m_admissionTimes; }
    /// Questions that were not answered in time. Any thread.
    [[nodiscard]] qint64 missedAnswers() const { return m_missed.load(std::memory_order_relaxed); }

    /// Lets these addresses come back to any node without using budget. `done` says, on this object's thread, whether
    /// Redis has it. Any thread.
    void grant(ClientCounts counts, std::function<void(bool)> done);
    /// The last word of this node: it and its counts vanish. `done` is called on this object's thread. Any thread.
    void resign(std::function<void()> done);

    /// On its thread, as the last thing that happens there: what workers say from then on is not heard. It may be
    /// destroyed on any thread then.
    void halt();

    /// The link's state, on its thread.
    void linkUp();
    void linkDown(const QString &reason);
    /// Answers what has waited until its deadline.
    void answerOverdue();
    /// Asks whether Redis answers again.
    void probe();

Q_SIGNALS:
    /// isSettled() is true from now on; on its thread.
    void settled();

private:
    using Work = std::function<void()>;
    struct Question
    {
        PeerAttempt attempt;
        Done done;                         ///< null once it has been called
        std::optional<bool> isOpen{};      ///< what this node did when there was no answer in time
        std::optional<PeerVerdict> late{}; ///< what Redis said then; NoAnswer: nothing ever
    };
    using Questions = std::unordered_map<quint64, Question>;

    void post(Work work);
    void work();
    void begin(const PeerAttempt &attempt, Done done);
    void askRedis(quint64 id);
    void refuseToAsk(quint64 id);
    void answered(quint64 id, const Result<RedisReply> &reply);
    void answerNone(Question &question, quint64 id, const QString &reason);
    void makeGood(Questions::iterator question);
    void failed(const QString &reason);
    void probeSoon();
    void probed(MonoTime sentAt, const Result<RedisReply> &reply);
    void share();
    void joined();
    void cannotJoin(const QString &reason);
    void update();
    void settleStart();
    void grantFrom(const std::shared_ptr<ClientCounts> &counts, size_t from, const std::function<void(bool)> &done);
    void takeBackFromRedis(const PeerAttempt &attempt, const PeerVerdict &verdict, bool isCounted);

    QByteArray m_run;
    const AdmissionTerms m_terms;
    RedisCalls &m_calls;
    const Clock &m_clock;
    std::function<void(PeerAdmissionState)> m_stateChanged;
    NodeCounts m_counts;
    CircuitBreaker m_breaker;
    std::unique_ptr<DeadlineTimer> m_deadline; ///< null once it has been halted
    QTimer m_probe;
    QTimer m_joining; ///< until a link that is up must have led to more
    Questions m_questions;
    std::deque<std::pair<MonoTime, quint64>> m_deadlines; ///< the next first; what was answered may still be there
    std::vector<quint64> m_early;                         ///< asked before it was known whether there is anybody to ask
    quint64 m_nextQuestion = 1;
    bool m_isLinkUp = false;
    bool m_isLinkNew = false; ///< Redis has not been told everything since the link came up
    bool m_isToldAll = false; ///< Redis was told what changed while the breaker was open

    std::atomic<bool> m_isSharing{ false };
    std::atomic<bool> m_isSettled{ false };
    std::atomic<qint64> m_nodes{ 1 };
    std::atomic<bool> m_hasGrants{ false };
    std::atomic<qint64> m_missed{ 0 };
    LatencyHistogram m_admissionTimes;
    mutable std::mutex m_mutex; ///< guards what follows
    PeerAdmissionState m_state;
    std::vector<Work> m_work; ///< what workers have asked for
    bool m_isHalted = false;
};

} // namespace gatehouse
