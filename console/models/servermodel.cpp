// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/servermodel.h"

using namespace std::chrono_literals;

namespace gatehouse {

ServerModel::ServerModel(AdminClient &client, const Clock &clock, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_clock(clock)
    , m_history(client, clock, m_series)
    , m_decisions(client, clock)
    , m_connections(client, clock)
    , m_access(client, clock)
    , m_nodes(client, clock)
    , m_editLock(clock)
{
    connect(&client, &AdminClient::overviewReceived, this, &ServerModel::takeOverview);
    connect(&client, &AdminClient::historyReceived, this, [this](const HistoryReply &history) {
        m_series.fill(history);
        m_history.suitRange(history.from + history.step * history.bucketCount);
        m_history.reload();
        Q_EMIT m_history.changed();
    });
    connect(&client, &AdminClient::frameReceived, this, &ServerModel::takeSample);
    connect(&client, &AdminClient::decisionsReceived, &m_decisions, &DecisionsModel::add);
    connect(&client, &AdminClient::alertChanged, this, &ServerModel::takeAlert);
    connect(&client, &AdminClient::switchChanged, this, &ServerModel::setGuarding);
    connect(&m_editLock, &EditLock::changed, this, &ServerModel::serverChanged);
    connect(
        &client, &AdminClient::limitsChanged, this, [this](const LimitsDocument &document, const Revision &revision) {
            takeLimits(document);
            m_revisions.add(revision);
            m_markers.add(revision);
            Q_EMIT revisionArrived(revision);
        });
}

void ServerModel::open(const QUrl &url, const QString &token)
{
    if (url != m_client.url()) {
        m_series.clear();
        m_history.clear();
        m_markers.clear();
        m_limits.discardAll();
        m_revisions.clear();
        m_decisions.clear();
        m_connections.clear();
        m_access.clear();
        m_nodes.clear();
        m_alerts.setAlerts({});
        m_alertRules.setRules({});
        m_offenders.setOffenders(m_offenders.kind(), {});
        m_isGuarding = true;
        m_latest.reset();
        m_server.reset();
        Q_EMIT serverLeft();
        Q_EMIT serverChanged();
    }
    m_client.connectToServer(url, token);
}

bool ServerModel::mayDo(Role needed) const
{
    if (!m_server)
        return false;
    const std::optional<Role> held = parseRole(m_server->role);
    return !held || allows(*held, needed);
}

void ServerModel::refresh()
{
    m_client.fetchOverview(this, [this](const ApiResult<Overview> &result) {
        if (result)
            takeOverview(*result);
    });
    m_connections.refresh();
}

void ServerModel::refreshRevisions()
{
    m_client.fetchRevisions({}, this, [this](const ApiResult<RevisionPage> &result) {
        if (!result)
            return;
        m_revisions.setPage(*result);
        m_markers.setRevisions(result->revisions);
    });
}

void ServerModel::refreshDecisions()
{
    m_decisions.refresh();
}

void ServerModel::refreshOffenders(OffenderKind kind)
{
    // In whole minutes: by these the server counts what a flood leaves no room for.
    const UtcTime now = m_history.now();
    const UtcTime from = std::chrono::floor<std::chrono::minutes>(now - 1h);
    m_client.fetchTopOffenders(kind, from, now + 1s, this, [this, kind](const ApiResult<TopOffenders> &result) {
        if (result)
            m_offenders.setOffenders(kind, *result);
    });
}

void ServerModel::refreshAlerts()
{
    m_client.fetchAlerts(this, [this](const ApiResult<std::vector<Alert>> &result) {
        if (result)
            m_alerts.setAlerts(*result);
    });
    if (m_alertRules.hasEdits())
        return;
    m_client.fetchAlertRules(this, [this](const ApiResult<std::vector<AlertRule>> &result) {
        if (result && !m_alertRules.hasEdits())
            m_alertRules.setRules(*result);
    });
}

void ServerModel::takeOverview(const Overview &overview)
{
    m_server = overview.server;
    m_isGuarding = overview.server.isGuarding;
    // With another token what is staged may be nothing that can be sent: it must not look made.
    if (!mayDo(Role::Operator) && m_limits.hasEdits())
        m_limits.discardAll();
    if (!mayDo(Role::Operator) && m_alertRules.hasEdits())
        m_alertRules.discard();
    takeLimits(overview.limits);
    takeSample({ overview.now, overview.totals, overview.peakConnections, overview.refusalsPerMinute,
        overview.addressesNearLimit, 0 });
    m_markers.setGuarding(m_isGuarding, m_history.now());
    for (const Alert &alert : overview.alerts)
        takeAlert(alert);
    Q_EMIT serverChanged();
    refreshRevisions();
    refreshSwitch();
    refreshDecisions();
    refreshAlerts();
}

void ServerModel::takeSample(const LiveSample &sample)
{
    m_latest = sample;
    if (sample.frame.time != UtcTime{}) {
        m_series.append(sample.frame);
        m_history.sampleArrived(sample.frame.time);
    }
    Q_EMIT sampleArrived();
}

void ServerModel::takeLimits(const LimitsDocument &document)
{
    m_limits.setDocument(document);
    m_markers.setDocument(document);
}

void ServerModel::takeAlert(const Alert &alert)
{
    bool isKnown = false;
    for (int row = 0; row < m_alerts.rowCount(); ++row)
        isKnown = isKnown || (m_alerts.at(row).id == alert.id && m_alerts.at(row).isActive());
    m_alerts.update(alert);
    if (!isKnown && alert.isActive() && !alert.acknowledgedAt)
        Q_EMIT alertRaised(alert);
}

void ServerModel::refreshSwitch()
{
    m_client.fetchSwitchChanges(this, [this](const ApiResult<std::vector<SwitchChange>> &result) {
        if (!result)
            return;
        m_markers.setSwitchChanges(*result);
        Q_EMIT serverChanged();
    });
}

void ServerModel::setGuarding(bool isGuarding)
{
    m_isGuarding = isGuarding;
    m_markers.setGuarding(isGuarding, m_history.now());
    refreshSwitch();
    Q_EMIT serverChanged();
}

} // namespace gatehouse
