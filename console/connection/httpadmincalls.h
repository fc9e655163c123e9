// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/connection/adminclient.h"
#include "console/connection/httpcaller.h"
#include "console/connection/tokenexpiry.h"

namespace gatehouse {

/// The typed calls of AdminClient over HTTP: which path, which query, how the answer is read. Which server they go to,
/// and how it stands with the connection, is its heir's. GUI thread.
class HttpAdminCalls : public AdminClient
{
    Q_OBJECT

public:
    static constexpr std::chrono::milliseconds kCallTimeout{ 10'000 };

    [[nodiscard]] QUrl url() const override { return m_url; }
    [[nodiscard]] CallLog *callLog() override { return m_callLog; }
    void trust(const QUrl &server, const QByteArray &authorities) override { m_caller.trust(server, authorities); }
    [[nodiscard]] std::optional<UtcTime> tokenExpiresAt() const override { return expiryOf(m_token); }

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
    void fetchDecisions(const DecisionQuery &query, QObject *context, ApiCallback<DecisionPage> done) override;
    void fetchTopOffenders(
        OffenderKind by, UtcTime from, UtcTime to, QObject *context, ApiCallback<TopOffenders> done) override;
    void fetchConnections(const ConnectionQuery &query, QObject *context, ApiCallback<ConnectionPage> done) override;
    void fetchConnection(const QString &id, QObject *context, ApiCallback<ConnectionInfo> done) override;
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
    void fetchSwitchChanges(QObject *context, ApiCallback<std::vector<SwitchChange>> done) override;
    void setSwitch(bool isEnabled, const QString &note, QObject *context, ApiCallback<bool> done) override;

protected:
    /// `clock` must outlive it.
    explicit HttpAdminCalls(const Clock &clock, QObject *parent);

    /// Whom the calls go to from now on; without a token they are answered with an error at once.
    void setServer(const QUrl &url, const QString &token);
    [[nodiscard]] QString token() const { return m_token; }
    [[nodiscard]] const TlsTrust &trusted() const { return m_caller.trusted(); }
    /// Nobody hears of the calls that are under way.
    void cancelCalls() { m_caller.cancelAll(); }

private:
    template <typename T> using Reader = std::function<Result<T>(const QJsonObject &)>;
    /// Makes the call and turns the JSON into a value.
    template <typename T> void call(const HttpCall &call, QObject *context, ApiCallback<T> done, Reader<T> read);

    CallLog *m_callLog;
    HttpCaller m_caller;
    QUrl m_url;
    QString m_token;
};

} // namespace gatehouse
