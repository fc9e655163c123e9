// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QTimer>

#include "console/connection/adminclient.h"
#include "console/connection/httpcaller.h"
#include "console/connection/livestream.h"
#include "console/connection/reconnectpolicy.h"

namespace gatehouse {

/// AdminClient over HTTP and the live stream. With its two parts, HttpCaller and LiveStream, the only class of the
/// console that touches the network. A connect is: overview, live stream, subscription, history of what was missed. GUI
/// thread.
class HttpAdminClient final : public AdminClient
{
    Q_OBJECT

public:
    /// `clock` must outlive the client.
    explicit HttpAdminClient(const Clock &clock, ReconnectPolicy policy, QObject *parent = nullptr);
    ~HttpAdminClient() override;

    static constexpr std::chrono::milliseconds kStaleAfter{ 4'000 };
    /// A connection that is silent for so long is taken for dead.
    static constexpr std::chrono::milliseconds kDeadAfter{ 15'000 };
    static constexpr std::chrono::milliseconds kCallTimeout{ 10'000 };

    void connectToServer(const QUrl &url, const QString &token) override;
    void disconnectFromServer() override;
    void retryNow() override;
    [[nodiscard]] QUrl url() const override { return m_url; }
    [[nodiscard]] ConnectionStatus status() const override { return m_status; }
    [[nodiscard]] std::optional<std::chrono::milliseconds> sampleAge() const override;
    [[nodiscard]] std::optional<ServerInfo> serverInfo() const override { return m_serverInfo; }
    [[nodiscard]] CallLog *callLog() override { return m_callLog; }

    void testConnection(const QUrl &url, const QString &token, QObject *context, ApiCallback<ServerInfo> done) override;
    void fetchOverview(QObject *context, ApiCallback<Overview> done) override;
    void fetchHistory(const std::vector<Metric> &metrics, UtcTime from, UtcTime to, int points, QObject *context,
        ApiCallback<HistoryReply> done) override;
    void fetchNodeHistory(const QString &node, UtcTime from, UtcTime to, int points, QObject *context,
        ApiCallback<HistoryReply> done) override;
    void fetchLimits(QObject *context, ApiCallback<LimitsDocument> done) override;
    void patchLimits(const std::vector<LimitPatch> &patches, qint64 revision, const QString &note, QObject *context,
        ApiCallback<LimitsDocument> done) override;
    void fetchRevisions(const QString &cursor, QObject *context, ApiCallback<RevisionPage> done) override;
    void restoreRevision(
        qint64 revision, const QString &note, QObject *context, ApiCallback<LimitsDocument> done) override;
    void fetchDecisions(const DecisionQuery &query, QObject *context, ApiCallback<DecisionPage> done) override;
    void fetchTopOffenders(OffenderKind by, UtcTime from, UtcTime to, QObject *context,
        ApiCallback<std::vector<TopOffender>> done) override;
    void fetchConnections(const ConnectionQuery &query, QObject *context, ApiCallback<ConnectionPage> done) override;
    void kickConnection(const QString &id, QObject *context, ApiDone done) override;
    void fetchAccess(const AccessQuery &query, QObject *context, ApiCallback<AccessRulePage> done) override;
    void addAccess(const AccessDraft &draft, QObject *context, ApiCallback<AccessRule> done) override;
    void liftAccess(AccessList list, const QString &id, QObject *context, ApiDone done) override;
    void fetchAlerts(QObject *context, ApiCallback<std::vector<Alert>> done) override;
    void acknowledgeAlert(const QString &id, QObject *context, ApiCallback<Alert> done) override;
    void fetchAlertRules(QObject *context, ApiCallback<std::vector<AlertRule>> done) override;
    void putAlertRules(
        const std::vector<AlertRule> &rules, QObject *context, ApiCallback<std::vector<AlertRule>> done) override;
    void fetchNodes(QObject *context, ApiCallback<NodesReply> done) override;
    void forgetNode(const QString &name, QObject *context, ApiDone done) override;
    void setSwitch(bool isEnabled, const QString &note, QObject *context, ApiCallback<bool> done) override;

private:
    template <typename T> using Reader = std::function<Result<T>(const QJsonObject &)>;
    /// Makes the call and turns the JSON into a value.
    template <typename T> void call(const HttpCall &call, QObject *context, ApiCallback<T> done, Reader<T> read);

    void attempt();
    void overviewAnswered(const ApiResult<Overview> &overview);
    void streamSubscribed();
    void fetchMissed();
    void sampleReceived(const LiveSample &sample);
    void checkAge();
    void retryLater(const QString &cause, std::chrono::milliseconds atLeast = {});
    void stopTrying();
    void setStatus(const ConnectionStatus &status);
    void recordStream(int status, const QString &error);
    void connectStream();

    const Clock &m_clock;
    ReconnectPolicy m_policy;
    CallLog *m_callLog;
    HttpCaller m_caller;
    LiveStream m_stream;
    QTimer m_retryTimer;
    QTimer m_ageTimer;
    QUrl m_url;
    QString m_token;
    ConnectionStatus m_status;
    std::optional<ServerInfo> m_serverInfo;
    std::optional<MonoTime> m_lastSample;
    UtcTime m_lastFrame{};    ///< by the server's clock: up to where nothing is missed
    UtcTime m_serverNow{};    ///< by the server's clock, at the last overview
    quint64 m_generation = 0; ///< answers to an attempt given up are ignored
};

} // namespace gatehouse
