// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <mutex>

#include "server/guard/peeradmission.h"

namespace gatehouse {

/// The other nodes, as a test wants them: answers when it is told to, and remembers what it was told.
class FakePeerAdmission final : public PeerAdmission
{
public:
    [[nodiscard]] bool isReachable() const override { return isThere; }
    [[nodiscard]] qint64 shares() const override { return shareCount; }
    [[nodiscard]] bool hasGrants() const override { return grants; }

    void ask(const PeerAttempt &attempt, Done done) override
    {
        const std::lock_guard lock(m_mutex);
        m_questions.push_back({ attempt, std::move(done) });
    }
    void settle(quint64 id, bool isOpen) override
    {
        note(QStringLiteral("settle %1 %2").arg(id).arg(isOpen ? QStringLiteral("open") : QStringLiteral("refused")));
    }
    void takeBack(const PeerAttempt &attempt, const PeerVerdict &verdict) override
    {
        note(QStringLiteral("take back %1 %2").arg(attempt.user).arg(verdict.countedAt));
    }
    void enter(const std::optional<AddressKey> &bucket, const QString &user) override
    {
        note(QStringLiteral("enter %1 %2").arg(bucket ? bucket->toAddress().bucketText() : QStringLiteral("-"), user));
    }
    void leave(const AddressKey &bucket) override { note(QStringLiteral("leave ") + bucket.toAddress().bucketText()); }
    void leave(const QString &user) override { note(QStringLiteral("leave ") + user); }

    [[nodiscard]] size_t questions() const
    {
        const std::lock_guard lock(m_mutex);
        return m_questions.size();
    }
    /// Answers the question that has waited longest, and returns it.
    PeerAttempt answer(const PeerVerdict &verdict)
    {
        std::pair<PeerAttempt, Done> question;
        {
            const std::lock_guard lock(m_mutex);
            question = std::move(m_questions.front());
            m_questions.pop_front();
        }
        question.second(verdict);
        return question.first;
    }
    /// What was told since the last time.
    QStringList told()
    {
        const std::lock_guard lock(m_mutex);
        return std::exchange(m_told, {});
    }

    std::atomic<bool> isThere{ true };
    std::atomic<qint64> shareCount{ 2 };
    std::atomic<bool> grants{ false };

private:
    void note(const QString &what)
    {
        const std::lock_guard lock(m_mutex);
        m_told.append(what);
    }

    mutable std::mutex m_mutex;
    std::deque<std::pair<PeerAttempt, Done>> m_questions;
    QStringList m_told;
};

} // namespace gatehouse
