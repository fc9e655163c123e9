// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>
#include <QtCore/QUrl>

#include "console/connection/apiresult.h"
#include "console/connection/apitypes.h"
#include "console/connection/connectionstatus.h"
#include "shared/protocol/historyreply.h"
#include "shared/protocol/nodesreply.h"

namespace gatehouse {

class CallLog;

/// The console's only way to a server: typed calls, and what the live stream says as signals. Lives in the GUI thread;
/// nothing blocks. Each call answers once through its callback, unless `context` was deleted before; a callback is
/// never run within the call itself.
class AdminClient : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(AdminClient)

public:
    explicit AdminClient(QObject *parent = nullptr);
    ~AdminClient() override;

    /// Connects, and stays connected by retrying with back-off until disconnectFromServer() or a refused token.
    virtual void connectToServer(const QUrl &url, const QString &token) = 0;
    virtual void disconnectFromServer() = 0;
    /// Tries at once instead of waiting for the next retry.
    virtual void retryNow() = 0;
    /// Connects anew to the same server with the same token, also after disconnectFromServer() or a refused token.
    virtual void reconnect() { retryNow(); }
    /// These certificates (PEM) may vouch for that server's from now on, beside the authorities that the system trusts;
    /// empty: none. A server is scheme, host and port.
    virtual void trust(const QUrl &server, const QByteArray &authorities);
    /// When the token ends that the client connects with, by its own word; nullopt if that is not known.
    [[nodiscard]] virtual std::optional<UtcTime> tokenExpiresAt() const { return std::nullopt; }
    [[nodiscard]] virtual QUrl url() const = 0;
    [[nodiscard]] virtual ConnectionStatus status() const = 0;
    /// How old the last sample is; nullopt before the first.
    [[nodiscard]] virtual std::optional<std::chrono::milliseconds> sampleAge() const = 0;
    /// What the server said of itself at the last connect; the role tells what the user may do.
    [[nodiscard]] virtual std::optional<ServerInfo> serverInfo() const = 0;
    /// Every call made, for the Log page. Owned by the client.
    [[nodiscard]] virtual CallLog *callLog() = 0;

    /// Asks a server that need not be the one connected to. The Problem says what is wrong with the address or token.
    virtual void testConnection(const QUrl &url, const QString &token, QObject *context, ApiCallback<ServerInfo> done)
        = 0;

    virtual void fetchOverview(QObject *context, ApiCallback<Overview> done) = 0;
    /// Buckets from the server, at most `points` (1–5000) for each metric; no metrics means all.
    virtual void fetchHistory(const std::vector<Metric> &metrics, UtcTime from, UtcTime to, int points,
        QObject *context, ApiCallback<HistoryReply> done)
        = 0;
    /// The same of one node of a cluster, all metrics. 404 for a node that is not known.
    virtual void fetchNodeHistory(
        const QString &node, UtcTime from, UtcTime to, int points, QObject *context, ApiCallback<HistoryReply> done)
        = 0;
    virtual void fetchLimits(QObject *context, ApiCallback<LimitsDocument> done) = 0;
    /// Changes limits if the server still is at `revision`; else fails with 412, code "revision_conflict".
    virtual void patchLimits(const std::vector<LimitPatch> &patches, qint64 revision, const QString &note,
        QObject *context, ApiCallback<LimitsDocument> done)
        = 0;
    virtual void fetchRevisions(const QString &cursor, QObject *context, ApiCallback<RevisionPage> done) = 0;
    virtual void fetchDecisions(const DecisionQuery &query, QObject *context, ApiCallback<DecisionPage> done) = 0;
    virtual void fetchTopOffenders(
        OffenderKind by, UtcTime from, UtcTime to, QObject *context, ApiCallback<TopOffenders> done)
        = 0;
    virtual void fetchConnections(const ConnectionQuery &query, QObject *context, ApiCallback<ConnectionPage> done) = 0;
    /// One of them, whatever is listed. 404 once it has ended.
    virtual void fetchConnection(const QString &id, QObject *context, ApiCallback<ConnectionInfo> done) = 0;
    virtual void kickConnection(const QString &id, QObject *context, ApiDone done) = 0;
    virtual void fetchAccess(const AccessQuery &query, QObject *context, ApiCallback<AccessRulePage> done) = 0;
    /// Bans or exempts; 409, code "would_ban_yourself" or "would_ban_last_admin", unless the draft is forced.
    virtual void addAccess(const AccessDraft &draft, QObject *context, ApiCallback<AccessRule> done) = 0;
    virtual void liftAccess(AccessList list, const QString &id, QObject *context, ApiDone done) = 0;
    virtual void fetchAlerts(QObject *context, ApiCallback<std::vector<Alert>> done) = 0;
    virtual void acknowledgeAlert(const QString &id, QObject *context, ApiCallback<Alert> done) = 0;
    virtual void fetchAlertRules(QObject *context, ApiCallback<std::vector<AlertRule>> done) = 0;
    virtual void putAlertRules(
        const std::vector<AlertRule> &rules, QObject *context, ApiCallback<std::vector<AlertRule>> done)
        = 0;
    /// The members of the cluster, as the node that answers sees them.
    virtual void fetchNodes(QObject *context, ApiCallback<NodesReply> done) = 0;
    /// One that is lost or has left: with its history, and the alert about it. 409, code "node_not_gone", for any
    /// other.
    virtual void forgetNode(const QString &name, QObject *context, ApiDone done) = 0;
    /// Turns rate limits and monitoring on or off (the rollback switch).
    virtual void setSwitch(bool isEnabled, const QString &note, QObject *context, ApiCallback<bool> done) = 0;
    /// Who threw that switch, and when: the newest thousand, newest first, as the audit has them.
    virtual void fetchSwitchChanges(QObject *context, ApiCallback<std::vector<SwitchChange>> done) = 0;

Q_SIGNALS:
    void stateChanged(const gatehouse::ConnectionStatus &status);
    /// After each connect, before the first frame.
    void overviewReceived(const gatehouse::Overview &overview);
    /// After each connect: what was missed (at first: the last hour), for SeriesBuffer::fill().
    void historyReceived(const gatehouse::HistoryReply &history);
    void frameReceived(const gatehouse::LiveSample &sample);
    /// In order of time; `skipped` more happened that are not told one by one.
    void decisionsReceived(const std::vector<gatehouse::Decision> &decisions, qint64 skipped);
    /// Something opened or closed; `active` are open now.
    void connectionsChanged(qint64 active);
    void alertChanged(const gatehouse::Alert &alert);
    void limitsChanged(const gatehouse::LimitsDocument &document, const gatehouse::Revision &revision);
    void switchChanged(bool isEnabled);
};

} // namespace gatehouse
