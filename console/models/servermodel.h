// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QObject>

#include "console/connection/adminclient.h"
#include "console/models/accessmodel.h"
#include "console/models/alertrulesmodel.h"
#include "console/models/alertsmodel.h"
#include "console/models/changemarkers.h"
#include "console/models/connectionsmodel.h"
#include "console/models/decisionsmodel.h"
#include "console/models/editlock.h"
#include "console/models/historysource.h"
#include "console/models/limitsmodel.h"
#include "console/models/nodesmodel.h"
#include "console/models/revisionsmodel.h"
#include "console/models/seriesbuffer.h"
#include "console/models/topoffendersmodel.h"
#include "shared/protocol/role.h"

namespace gatehouse {

/// Everything that is known of one server: the client, and the models that its answers and its live stream fill. Pages
/// show it and call the client; they keep nothing of their own. GUI thread.
class ServerModel final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ServerModel)

public:
    /// Neither is owned; both must outlive the server model.
    ServerModel(AdminClient &client, const Clock &clock, QObject *parent = nullptr);

    /// Forgets all of another server and connects.
    void open(const QUrl &url, const QString &token);

    [[nodiscard]] AdminClient &client() { return m_client; }
    [[nodiscard]] const Clock &clock() const { return m_clock; }
    [[nodiscard]] HistorySource &history() { return m_history; }
    [[nodiscard]] ChangeMarkers &markers() { return m_markers; }
    [[nodiscard]] LimitsModel &limits() { return m_limits; }
    [[nodiscard]] RevisionsModel &revisions() { return m_revisions; }
    [[nodiscard]] DecisionsModel &decisions() { return m_decisions; }
    [[nodiscard]] TopOffendersModel &offenders() { return m_offenders; }
    [[nodiscard]] ConnectionsModel &connections() { return m_connections; }
    /// Bans and exemptions; which of the two is the model's to say.
    [[nodiscard]] AccessModel &access() { return m_access; }
    [[nodiscard]] NodesModel &nodes() { return m_nodes; }
    [[nodiscard]] AlertsModel &alerts() { return m_alerts; }
    [[nodiscard]] AlertRulesModel &alertRules() { return m_alertRules; }
    [[nodiscard]] const SeriesBuffer &series() const { return m_series; }
    /// Locked while the server is one to be careful with and the user did not unlock it.
    [[nodiscard]] EditLock &editLock() { return m_editLock; }

    /// The newest sample; nullopt before the first.
    [[nodiscard]] const std::optional<LiveSample> &latest() const { return m_latest; }
    [[nodiscard]] const std::optional<ServerInfo> &server() const { return m_server; }
    [[nodiscard]] bool isGuarding() const { return m_isGuarding; }
    /// Whether the token's role allows it; true while the role is not known: the server has the last word.
    [[nodiscard]] bool mayDo(Role needed) const;
    [[nodiscard]] bool isLive() const { return m_client.status().isLive(); }
    /// Whether something that changes the server may be done now: live, allowed by the role, and not locked.
    [[nodiscard]] bool mayChange(Role needed) const { return isLive() && mayDo(needed) && !m_editLock.isLocked(); }

    /// What the server answered to a change of the limits, or said of one.
    void takeLimits(const LimitsDocument &document);
    void setGuarding(bool isGuarding);
    /// Asks for everything again.
    void refresh();
    void refreshRevisions();
    /// When the guards were off, and by whom.
    void refreshSwitch();
    void refreshDecisions();
    void refreshOffenders(OffenderKind kind);
    void refreshAlerts();

Q_SIGNALS:
    void sampleArrived();
    /// server(), isGuarding() or mayChange() answer differently, or a connection was made.
    void serverChanged();
    /// Another server is connected to: all that is known was of the one before, and is forgotten.
    void serverLeft();
    void alertRaised(const gatehouse::Alert &alert);
    /// Another console, a restore or this one changed the limits.
    void revisionArrived(const gatehouse::Revision &revision);

private:
    void takeOverview(const Overview &overview);
    void takeSample(const LiveSample &sample);
    void takeAlert(const Alert &alert);

    AdminClient &m_client;
    const Clock &m_clock;
    SeriesBuffer m_series;
    HistorySource m_history;
    ChangeMarkers m_markers;
    LimitsModel m_limits;
    RevisionsModel m_revisions;
    DecisionsModel m_decisions;
    TopOffendersModel m_offenders;
    ConnectionsModel m_connections;
    AccessModel m_access;
    NodesModel m_nodes;
    AlertsModel m_alerts;
    AlertRulesModel m_alertRules;
    EditLock m_editLock;
    std::optional<LiveSample> m_latest;
    std::optional<ServerInfo> m_server;
    bool m_isGuarding = true;
};

} // namespace gatehouse
