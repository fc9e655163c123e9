// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>

#include "console/connection/adminclient.h"
#include "console/connection/calllog.h"
#include "tests/support/fakeanswering.h"
#include "tests/support/fakeanswers.h"
#include "tests/support/fakeserverstate.h"

namespace gatehouse {

/// An AdminClient without a network, for tests. What it answers is in the members of FakeServerState; set `failure` to
/// let the next calls fail. Answers come through the event loop, like real ones; with `holdsAnswers` only on
/// releaseAnswers(). Every call is noted by name in `calls`. The live stream is played by emitting the signals, which
/// are public.
class FakeAdminClient final : public AdminClient, public FakeServerState, public FakeAnswering
{
public:
    explicit FakeAdminClient(QObject *parent = nullptr)
        : AdminClient(parent)
        , FakeAnswering(this)
        , m_callLog(new CallLog(this))
    {
    }

    DecisionQuery lastDecisionQuery;
    ConnectionQuery lastConnectionQuery;
    std::vector<LimitPatch> lastPatches;
    QString lastNote;
    AccessDraft lastDraft;
    bool isAboutWhoAsks = false;   ///< the next ban is refused unless it is forced
    bool isAboutLastAdmin = false; ///< as isAboutWhoAsks, for another reason

    /// Enters a state and tells it.
    void setState(ConnectionState state, const QString &cause = {}, std::optional<UtcTime> nextRetryAt = {})
    {
        m_status = { state, cause, nextRetryAt };
        Q_EMIT stateChanged(m_status);
    }
    void setSampleAge(std::optional<std::chrono::milliseconds> age) { m_sampleAge = age; }

    /// Somebody else changes a limit, and the live stream tells it.
    void changeLimit(const QString &key, qint64 value, const QString &by, const QString &note)
    {
        revisions.insert(revisions.begin(), applyPatches(limits, { { key, value, {} } }, clock.utc(), by, note));
        Q_EMIT limitsChanged(limits, revisions.front());
    }

    void connectToServer(const QUrl &url, const QString &) override
    {
        calls << QStringLiteral("connectToServer");
        m_url = url;
        setState(ConnectionState::Connecting);
        setState(ConnectionState::Live);
        Q_EMIT overviewReceived(makeOverview());
        if (history.bucketCount > 0)
            Q_EMIT historyReceived(history);
    }
    void disconnectFromServer() override
    {
        calls << QStringLiteral("disconnectFromServer");
        setState(ConnectionState::Disconnected);
    }
    void retryNow() override
    {
        calls << QStringLiteral("retryNow");
        setState(ConnectionState::Live);
    }
    [[nodiscard]] QUrl url() const override { return m_url; }
    [[nodiscard]] std::optional<UtcTime> tokenExpiresAt() const override { return tokenEndsAt; }
    [[nodiscard]] ConnectionStatus status() const override { return m_status; }
    [[nodiscard]] std::optional<std::chrono::milliseconds> sampleAge() const override { return m_sampleAge; }
    [[nodiscard]] std::optional<ServerInfo> serverInfo() const override { return server; }
    [[nodiscard]] CallLog *callLog() override { return m_callLog; }

    void testConnection(const QUrl &, const QString &, QObject *context, ApiCallback<ServerInfo> done) override
    {
        answer<ServerInfo>(QStringLiteral("testConnection"), context, done, server);
    }
    void fetchOverview(QObject *context, ApiCallback<Overview> done) override
    {
        answer<Overview>(QStringLiteral("fetchOverview"), context, done, makeOverview());
    }
    void fetchHistory(
        const std::vector<Metric> &, UtcTime, UtcTime, int, QObject *context, ApiCallback<HistoryReply> done) override
    {
        answer<HistoryReply>(QStringLiteral("fetchHistory"), context, done, history);
    }
    void fetchNodeHistory(
        const QString &node, UtcTime, UtcTime, int, QObject *context, ApiCallback<HistoryReply> done) override
    {
        answer<HistoryReply>(QStringLiteral("fetchNodeHistory %1").arg(node), context, done, nodeHistory);
    }
    void fetchLimits(QObject *context, ApiCallback<LimitsDocument> done) override
    {
        answer<LimitsDocument>(QStringLiteral("fetchLimits"), context, done, limits);
    }
    void patchLimits(const std::vector<LimitPatch> &patches, qint64 revision, const QString &note, QObject *context,
        ApiCallback<LimitsDocument> done) override
    {
        lastPatches = patches;
        lastNote = note;
        if (!failure && revision != limits.revision) {
            calls << QStringLiteral("patchLimits");
            post<LimitsDocument>(context, done, problemOf(412, QStringLiteral("revision_conflict")));
            return;
        }
        if (!failure)
            revisions.insert(revisions.begin(), applyPatches(limits, patches, clock.utc(), server.user, note));
        answer<LimitsDocument>(QStringLiteral("patchLimits"), context, done, limits);
    }
    void fetchRevisions(const QString &, QObject *context, ApiCallback<RevisionPage> done) override
    {
        answer<RevisionPage>(QStringLiteral("fetchRevisions"), context, done, { revisions, {} });
    }
    void fetchDecisions(const DecisionQuery &query, QObject *context, ApiCallback<DecisionPage> done) override
    {
        lastDecisionQuery = query;
        answer<DecisionPage>(QStringLiteral("fetchDecisions"), context, done, pageOf(decisions, notStored, query));
    }
    void fetchTopOffenders(OffenderKind by, UtcTime, UtcTime, QObject *context, ApiCallback<TopOffenders> done) override
    {
        TopOffenders counted{ offenders, refusalsCounted, false };
        for (const TopOffender &offender : offenders)
            counted.total += offender.count;
        answer<TopOffenders>(QStringLiteral("fetchTopOffenders %1").arg(offenderKindName(by)), context, done, counted);
    }
    /// Pages through `connections`, as given, filtered by user and address.
    void fetchConnections(const ConnectionQuery &query, QObject *context, ApiCallback<ConnectionPage> done) override
    {
        lastConnectionQuery = query;
        answer<ConnectionPage>(QStringLiteral("fetchConnections filter=%1 sort=%2%3")
                                   .arg(query.filter, query.isDescending ? QStringLiteral("-") : QString(), query.sort),
            context, done, pageOf(connections, missingNodes, query));
    }
    void fetchConnection(const QString &id, QObject *context, ApiCallback<ConnectionInfo> done) override
    {
        const auto found = std::find_if(
            connections.begin(), connections.end(), [&](const ConnectionInfo &info) { return info.id == id; });
        const QString call = QStringLiteral("fetchConnection %1").arg(id);
        if (found != connections.end()) {
            answer<ConnectionInfo>(call, context, done, *found);
            return;
        }
        calls << call;
        post<ConnectionInfo>(context, done, failure.value_or(problemOf(404, QStringLiteral("not_found"))));
    }
    void kickConnection(const QString &id, QObject *context, ApiDone done) override
    {
        std::erase_if(connections, [&](const ConnectionInfo &info) { return info.id == id; });
        answer<std::monostate>(QStringLiteral("kickConnection %1").arg(id), context, done, {});
    }
    void fetchAccess(const AccessQuery &query, QObject *context, ApiCallback<AccessRulePage> done) override
    {
        answer<AccessRulePage>(QStringLiteral("fetchAccess filter=%1").arg(query.filter), context, done,
            pageOf(query.list == AccessList::Bans ? bans : exemptions, query));
    }
    void addAccess(const AccessDraft &draft, QObject *context, ApiCallback<AccessRule> done) override
    {
        lastDraft = draft;
        if ((isAboutWhoAsks || isAboutLastAdmin) && !draft.isForced) {
            calls << QStringLiteral("addAccess");
            post<AccessRule>(context, done,
                problemOf(409,
                    isAboutWhoAsks ? QStringLiteral("would_ban_yourself") : QStringLiteral("would_ban_last_admin")));
            return;
        }
        std::vector<AccessRule> &listed = draft.list == AccessList::Bans ? bans : exemptions;
        const AccessRule rule = ruleOf(draft, QStringLiteral("new-%1").arg(++m_rulesMade), clock.utc(), server.user);
        if (!failure)
            listed.insert(listed.begin(), rule);
        answer<AccessRule>(QStringLiteral("addAccess"), context, done, rule);
    }
    void liftAccess(AccessList list, const QString &id, QObject *context, ApiDone done) override
    {
        if (!failure)
            std::erase_if(
                list == AccessList::Bans ? bans : exemptions, [&](const AccessRule &rule) { return rule.id == id; });
        answer<std::monostate>(QStringLiteral("liftAccess %1").arg(id), context, done, {});
    }
    void fetchAlerts(QObject *context, ApiCallback<std::vector<Alert>> done) override
    {
        answer<std::vector<Alert>>(QStringLiteral("fetchAlerts"), context, done, alerts);
    }
    void acknowledgeAlert(const QString &id, QObject *context, ApiCallback<Alert> done) override
    {
        Alert result;
        for (Alert &alert : alerts) {
            if (alert.id != id)
                continue;
            alert.acknowledgedAt = clock.utc();
            alert.acknowledgedBy = server.user;
            result = alert;
        }
        answer<Alert>(QStringLiteral("acknowledgeAlert %1").arg(id), context, done, result);
    }
    void fetchAlertRules(QObject *context, ApiCallback<std::vector<AlertRule>> done) override
    {
        answer<std::vector<AlertRule>>(QStringLiteral("fetchAlertRules"), context, done, rules);
    }
    void putAlertRules(
        const std::vector<AlertRule> &newRules, QObject *context, ApiCallback<std::vector<AlertRule>> done) override
    {
        if (!failure)
            rules = newRules;
        answer<std::vector<AlertRule>>(QStringLiteral("putAlertRules"), context, done, rules);
    }
    void fetchNodes(QObject *context, ApiCallback<NodesReply> done) override
    {
        answer<NodesReply>(QStringLiteral("fetchNodes"), context, done, nodes);
    }
    void forgetNode(const QString &name, QObject *context, ApiDone done) override
    {
        if (!failure)
            std::erase_if(nodes.nodes, [&](const NodeInfo &node) { return node.name == name; });
        answer<std::monostate>(QStringLiteral("forgetNode %1").arg(name), context, done, {});
    }
    void fetchSwitchChanges(QObject *context, ApiCallback<std::vector<SwitchChange>> done) override
    {
        answer<std::vector<SwitchChange>>(QStringLiteral("fetchSwitchChanges"), context, done, switchChanges);
    }
    void setSwitch(bool isEnabled, const QString &note, QObject *context, ApiCallback<bool> done) override
    {
        lastNote = note;
        if (!failure) {
            isSwitchOn = isEnabled;
            switchChanges.insert(switchChanges.begin(), { clock.utc(), isEnabled, server.user, note });
        }
        answer<bool>(QStringLiteral("setSwitch %1").arg(isEnabled), context, done, isSwitchOn);
    }

private:
    [[nodiscard]] Overview makeOverview() const
    {
        Overview result = overview;
        result.server = server;
        result.limits = limits;
        return result;
    }

    CallLog *m_callLog;
    int m_rulesMade = 0;
    QUrl m_url;
    ConnectionStatus m_status;
    std::optional<std::chrono::milliseconds> m_sampleAge;
};

} // namespace gatehouse
