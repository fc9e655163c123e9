// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtTest/QTest>

#include "server/access/accessstore.h"
#include "server/alerts/alertservice.h"
#include "server/control/controlreplica.h"
#include "server/limits/limitstore.h"
#include "tests/support/fakeclock.h"
#include "tests/support/memorycontrol.h"
#include "tests/support/recordinglog.h"
#include "tests/support/storefixture.h"

namespace gatehouse {

/// A node of a cluster with all that is under the control log, and a state file that outlives it. What nodes share is
/// in memory.
class ControlNode final
{
public:
    ControlNode(const QString &name, MemoryControl &shared, FakeClock &clock)
        : m_name(name)
        , m_shared(shared)
        , m_clock(clock)
    {
    }
    ~ControlNode() { stop(); }

    /// Starts the node, or starts it anew, and waits until it has joined. The configuration is pairs of limit and
    /// value.
    void start(
        std::initializer_list<std::pair<LimitKey, LimitValue>> values = {}, bool isGuarding = true, bool isUp = true)
    {
        stop();
        LimitStore::Configured configured;
        configured.isGuarding = isGuarding;
        for (const auto &[key, value] : values) {
            configured.limits[key] = value;
            configured.keys.push_back(key);
        }
        state.reopen();
        m_run = std::make_unique<Run>(*this);
        const Status loaded = m_run->limits.load(configured);
        QVERIFY2(loaded, loaded ? "" : qPrintable(loaded.error().message));
        if (!isUp)
            m_run->transport.setUp(false);
        m_run->replica.join(m_run->transport);
        if (isUp)
            QTRY_VERIFY(m_run->replica.isAvailable());
    }
    void stop() { m_run.reset(); }

    [[nodiscard]] LimitStore &limits() { return m_run->limits; }
    [[nodiscard]] AccessStore &access() { return m_run->access; }
    [[nodiscard]] AlertService &alerts() { return m_run->alerts; }
    [[nodiscard]] AuditLog &audit() { return m_run->audit; }
    [[nodiscard]] ControlReplica &replica() { return m_run->replica; }
    [[nodiscard]] FakeControlTransport &transport() { return m_run->transport; }
    [[nodiscard]] qint64 limit(LimitKey key) { return limits().snapshot()->limits[key].value; }

    Result<Revision> edit(LimitKey key, qint64 value, std::optional<qint64> expected = {})
    {
        return awaitCallback<Result<Revision>>([&](auto done) {
            limits().edit({ { key, value, {} } }, expected, actor(), {}, done);
        });
    }
    Result<Revision> restore(qint64 revision)
    {
        return awaitCallback<Result<Revision>>([&](auto done) { limits().restore(revision, {}, actor(), {}, done); });
    }
    Result<bool> setGuarding(bool isGuarding)
    {
        return awaitCallback<Result<bool>>([&](auto done) { limits().setGuarding(isGuarding, actor(), {}, done); });
    }
    std::vector<Revision> revisions()
    {
        return awaitCallback<Result<LimitStore::Page>>([&](auto done) {
            limits().revisions({}, 1000, done);
        })->revisions;
    }
    Result<AccessStore::Outcome> ban(const QString &user, std::optional<UtcTime> expiresAt = {})
    {
        AccessRule rule;
        rule.kind = AccessKind::User;
        rule.value = user;
        rule.reason = QStringLiteral("spam");
        rule.expiresAt = expiresAt;
        return awaitCallback<Result<AccessStore::Outcome>>(
            [&](auto done) { access().put(AccessList::Bans, rule, actor(), done); });
    }
    Result<AccessStore::Outcome> lift(const QString &id)
    {
        return awaitCallback<Result<AccessStore::Outcome>>(
            [&](auto done) { access().remove(AccessList::Bans, id, actor(), {}, done); });
    }
    [[nodiscard]] bool bans(const QString &user)
    {
        return access().rules()->judgeToken(user, TokenMark()) == Reason::UserBanned;
    }
    std::vector<AccessRule> banList()
    {
        return awaitCallback<Result<AccessPage>>([&](auto done) {
            access().list(AccessList::Bans, {}, {}, 1000, done);
        })->rules;
    }
    Result<Alert> acknowledge(const QString &id)
    {
        return awaitCallback<Result<Alert>>(
            [&](auto done) { alerts().acknowledge(id, actor(), {}, m_clock.utc(), done); });
    }
    Status changeRules(const std::vector<AlertRule> &rules)
    {
        return awaitCallback<Status>([&](auto done) { alerts().changeRules(rules, actor(), {}, m_clock.utc(), done); });
    }
    /// Lets as many seconds pass with this part of MAX_CONNECTIONS open.
    void evaluate(double percent, int seconds = 15)
    {
        for (int i = 0; i < seconds; ++i) {
            m_clock.advance(std::chrono::seconds(1));
            alerts().evaluate({ percent, 0, 0 });
        }
    }
    /// The audit as the API answers it, oldest first.
    std::vector<QJsonObject> auditList()
    {
        std::vector<QJsonObject> list;
        const auto page = awaitCallback<Result<AuditPage>>([&](auto done) { audit().list({}, {}, 1000, done); });
        for (const AuditEntry &entry : page->entries)
            list.insert(list.begin(), entry.toJson());
        return list;
    }
    QStringList auditActions()
    {
        QStringList actions;
        for (const QJsonObject &entry : auditList())
            actions.append(entry.value(QLatin1StringView("action")).toString());
        return actions;
    }
    [[nodiscard]] Actor actor() const { return { QStringLiteral("root"), QStringLiteral("192.0.2.1") }; }

    RecordingLog log;
    StoreFixture state{ { &LimitStore::createTables, &AccessStore::createTables, &AlertService::createTables,
        &controlplace::createTables } };
    std::vector<AccessRulesPtr> closed; ///< what open connections were held against
    /// Until silence is an answer, from the next start on: longer than any machine stalls.
    std::chrono::milliseconds appendTimeout{ std::chrono::seconds(30) };

private:
    struct Run
    {
        explicit Run(ControlNode &node)
            : transport(node.m_shared)
            , replica(node.m_name, node.state.store(), node.m_clock, node.log, *qApp,
                  { node.appendTimeout, std::chrono::milliseconds(10) })
            , engine(node.m_clock, UlidGenerator::systemEntropy())
            , webhook(QUrl(), node.log)
            , limits(node.state.store(), replica, node.m_clock, *qApp)
            , access(node.state.store(), replica, node.m_clock, node.log, *qApp)
            , alerts(engine, node.state.store(), replica, node.log, webhook)
            , audit(node.state.store(), replica, *qApp)
        {
            const Status placed = replica.start();
            const Status loaded = access.load();
            if (!placed || !loaded)
                qFatal("the state file cannot be read");
            alerts.load();
            access.setApply([&node](AccessRulesPtr, AccessRulesPtr added, std::function<void()> done) {
                if (added)
                    node.closed.push_back(std::move(added));
                done();
            });
        }

        FakeControlTransport transport;
        ControlReplica replica;
        AlertEngine engine;
        AlertWebhook webhook;
        LimitStore limits;
        AccessStore access;
        AlertService alerts;
        AuditLog audit;
    };

    const QString m_name;
    MemoryControl &m_shared;
    FakeClock &m_clock;
    std::unique_ptr<Run> m_run;
};

/// What a test class of two nodes with one log inherits; its init() and cleanup() call begin() and end().
class TwoControlNodes
{
protected:
    static constexpr LimitKey kPerIp = LimitKey::MaxConnectionsPerIp;
    static constexpr LimitKey kPerUser = LimitKey::MaxConnectionsPerUser;

    void begin()
    {
        m_shared = std::make_unique<MemoryControl>();
        m_a = std::make_unique<ControlNode>(QStringLiteral("a"), *m_shared, m_clock);
        m_b = std::make_unique<ControlNode>(QStringLiteral("b"), *m_shared, m_clock);
    }
    void end()
    {
        m_a.reset();
        m_b.reset();
        m_shared.reset();
    }

    FakeClock m_clock;
    std::unique_ptr<MemoryControl> m_shared;
    std::unique_ptr<ControlNode> m_a;
    std::unique_ptr<ControlNode> m_b;
};

} // namespace gatehouse
