// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>

#include "server/auth/tokenverifier.h"
#include "server/guard/decisionsink.h"

namespace gatehouse {

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

/// Keeps what it is told; for any thread.
class RecordingSink final : public DecisionSink
{
public:
    void record(Decision decision) override
    {
        const std::lock_guard lock(m_mutex);
        m_decisions.push_back(std::move(decision));
    }
    void count(const Decision &about, qint64 count) override
    {
        const std::lock_guard lock(m_mutex);
        m_counted[about.user] += count;
        m_lastCountedAt = about.at;
    }
    /// How many of a user were counted without a decision.
    [[nodiscard]] qint64 counted(const QString &user) const
    {
        const std::lock_guard lock(m_mutex);
        return m_counted.value(user);
    }
    /// The moment that the last of those was said to be of.
    [[nodiscard]] UtcTime lastCountedAt() const
    {
        const std::lock_guard lock(m_mutex);
        return m_lastCountedAt;
    }
    [[nodiscard]] std::vector<Decision> decisions() const
    {
        const std::lock_guard lock(m_mutex);
        return m_decisions;
    }

private:
    mutable std::mutex m_mutex;
    std::vector<Decision> m_decisions;
    QHash<QString, qint64> m_counted;
    UtcTime m_lastCountedAt{};
};

} // namespace gatehouse
