// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/channel/session.h"
#include "tests/support/fakeguards.h"
#include "tests/support/streamrig.h"

namespace gatehouse {

/// What a session needs around it, with a store that never answers: a test overrides what it is about. Takes the tokens
/// that FakeVerifier does.
class FakeSessionHost : public StreamRig, public SessionHost
{
public:
    ConnectionLoop &loop() override { return connectionLoop(); }
    [[nodiscard]] const LimitSnapshot &snapshot() const override { return m_snapshot; }
    WorkerCounters &counters() override { return m_counters; }
    RefusalRecorder &recorder() override { return m_recorder; }
    [[nodiscard]] const TokenVerifier &tokenVerifier() const override { return m_tokens; }
    [[nodiscard]] const AccessRules &access() const override { return m_access; }
    [[nodiscard]] std::chrono::milliseconds awakeTime() const override { return kAwakeTime; }
    [[nodiscard]] int ipv6PrefixBits() const override { return IpAddress::kBucketBits; }
    [[nodiscard]] Shared<ClientHeaders> sharedHeaders(ClientHeaders headers) override
    {
        return Shared<ClientHeaders>(std::move(headers));
    }
    [[nodiscard]] Shared<QStringList> sharedGroups(QStringList groups) override
    {
        return Shared<QStringList>(std::move(groups));
    }
    void changeGroups(Session &, QStringList) override { }
    void loadInbox(Session &, std::optional<Cursor>) override { }
    void listNotifications(Session &, const GetNotificationsCommand &, const QJsonValue &) override { }
    void markRead(Session &, std::optional<QStringList>, const QJsonValue &) override { }
    void sessionEnded(Session &) override { }

    RecordingSink sink;

private:
    LimitSnapshot m_snapshot;
    WorkerCounters m_counters;
    RefusalRecorder m_recorder{ clock(), m_counters, sink };
    FakeVerifier m_tokens;
    AccessRules m_access;
};

} // namespace gatehouse
