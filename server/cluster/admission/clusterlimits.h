// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <deque>
#include <mutex>
#include <unordered_map>

#include <QtCore/QObject>
#include <QtCore/QTimer>

#include "server/base/latencyhistogram.h"
#include "server/cluster/admission/circuitbreaker.h"
#include "server/cluster/admission/nodecounts.h"
#include "server/redis/deadlinetimer.h"

namespace gatehouse {

/// Whether a node judges with the others. A plain value.
struct PeerAdmissionState
{
    bool isReachable = false; ///< false: this node judges alone, by its share
    UtcTime since{};
    QString reason;   ///< why it judges alone
    qint64 nodes = 1; ///< known last, this one included
};

/// The limits that all nodes share, in Redis. What is asked for is answered within kAdmissionDeadline, by Redis or by
/// saying that there is no answer; what Redis says later is made good. Workers call from their threads; everything else
/// happens on the thread of its calls, where it lives too.
class ClusterLimits final : public QObject, public PeerAdmission
{
    Q_OBJECT
public:
    static constexpr std::chrono::microseconds kAdmissionDeadline{ 1500 };
    static constexpr size_t kGrantsPerCall = 500;

    /// `calls` and `clock` outlive it. `stateChanged` is called on its thread, when sharing begins and ends.
    ClusterLimits(
        NodeIdentity node, RedisCalls &calls, const Clock &clock, std::function<void(PeerAdmissionState)> stateChanged);
    ~ClusterLimits() override;
    Q_DISABLE_COPY_MOVE(ClusterLimits)

    [[nodiscard]] bool isReachable() const override { return m_isReachable.load(std::memory_order_relaxed); }
    [[nodiscard]] qint64 nodes() const override { return m_nodes.load(std::memory_order_relaxed); }
    [[nodiscard]] bool hasGrants() const override { return m_hasGrants.load(std::memory_order_relaxed); }
    void ask(const PeerAttempt &attempt, Done done) override;
    void settle(quint64 id, bool isOpen) override;
    void takeBack(const PeerAttempt &attempt, const PeerVerdict &verdict) override;
    void enter(const std::optional<AddressKey> &bucket, const QString &user) override;
    void leave(const AddressKey &bucket) override;
    void leave(const QString &user) override;

    /// Any thread.
    [[nodiscard]] PeerAdmissionState state() const;
    /// From ask() to the verdict, also where there was no answer in time. Any thread.
    [[nodiscard]] const LatencyHistogram &admissionTimes() const { return m_admissionTimes; }
    /// Questions that were not answered in time. Any thread.
    [[nodiscard]] qint64 missedAnswers() const { return m_missed.load(std::memory_order_relaxed); }

    /// Lets these addresses come back to any node without using budget. `done` says, on this object's thread, whether
    /// Redis has it. Any thread.
    void grant(AddressCounts counts, std::function<void(bool)> done);
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
    void answered(quint64 id, const Result<RedisReply> &reply);
    void answerNone(Question &question, quint64 id, const QString &reason);
    void makeGood(Questions::iterator question);
    void failed(const QString &reason);
    void probeSoon();
    void probed(MonoTime sentAt, const Result<RedisReply> &reply);
    void share();
    void update();
    void grantFrom(const std::shared_ptr<AddressCounts> &counts, size_t from, const std::function<void(bool)> &done);
    void takeBackFromRedis(const PeerAttempt &attempt, const PeerVerdict &verdict, bool isCounted);

    QByteArray m_run;
    RedisCalls &m_calls;
    const Clock &m_clock;
    std::function<void(PeerAdmissionState)> m_stateChanged;
    NodeCounts m_counts;
    CircuitBreaker m_breaker;
    std::unique_ptr<DeadlineTimer> m_deadline; ///< null once it has been halted
    QTimer m_probe;
    Questions m_questions;
    std::deque<std::pair<MonoTime, quint64>> m_deadlines; ///< the next first; what was answered may still be there
    quint64 m_nextQuestion = 1;
    bool m_isLinkUp = false;
    bool m_isToldAll = false; ///< Redis was told what changed while the breaker was open

    std::atomic<bool> m_isReachable{ false };
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
