// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include <QtCore/QObject>

#include "server/channel/channelrequests.h"
#include "server/channel/consolesession.h"
#include "server/channel/drainplan.h"
#include "server/channel/servedpaths.h"
#include "server/channel/session.h"
#include "server/guard/guardchain.h"

namespace gatehouse {

/// What the channels of all workers share. Everything outlives them, but for the store, which must have answered its
/// last call before they are destroyed; the functions may be called from any worker's thread.
struct ChannelEnvironment
{
    GuardEnvironment guards;
    NotificationStore *store = nullptr;
    DecisionSink *decisions = nullptr;
    FailedLogins *failures = nullptr; ///< of bad tokens that cost no budget
    /// How often an address may ask for a preview.
    AddressRate *previews = nullptr;
    /// Judges who may open the live admin stream.
    std::function<std::variant<Identity, HttpResponse>(const HttpRequest &)> admitConsole;
    /// The first message of the live admin stream.
    std::function<QByteArray(const Identity &)> consoleHello;
    /// Tells a user's connections on all workers, but for one, what was read.
    std::function<void(const QString &user, const QByteArray &message, const QString &exceptConnection)> announceRead;
    /// How long a connection stays awake after a message.
    std::chrono::milliseconds awakeTime = kAwakeTime;
    QString nodeTag; ///< as in ConnectionId
};

/// One worker's part of the channel: judges upgrades, owns the sessions and the consoles, and finds them by user and
/// group. Created, used and destroyed on its worker's thread.
class ChannelShard final : public QObject, public UpgradeHandler, public SessionHost
{
    Q_OBJECT
public:
    /// `counters` and `audience` outlive it.
    ChannelShard(int index, ConnectionLoop &loop, const ChannelEnvironment &environment, LimitSnapshotPtr snapshot,
        WorkerCounters &counters, ConsoleAudience &audience);
    ~ChannelShard() override;
    Q_DISABLE_COPY_MOVE(ChannelShard)

    [[nodiscard]] PathKind kindOf(const QByteArray &path, ListenScope scope) const override
    {
        return kindOfPath(path, scope);
    }
    [[nodiscard]] PlainAnswer answer(const HttpRequest &request, const std::function<Responder()> &responder) override;
    [[nodiscard]] UpgradeVerdict judge(const HttpRequest &request) override;

    void applyLimits(LimitSnapshotPtr snapshot) { m_snapshot = std::move(snapshot); }
    /// Decides by new bans and exemptions, and closes what `added` bans (null: nothing was added). Consoles are not
    /// closed for their address.
    void applyAccess(AccessRulesPtr rules, const AccessRulesPtr &added);
    /// The number of connections reached.
    qint64 deliver(const FramedDelivery &delivery);
    /// As ChannelControl says.
    void catchUp(Cursor after, std::chrono::milliseconds window);
    void announceRead(const QString &user, const QByteArray &message, const QString &exceptConnection);
    [[nodiscard]] std::vector<ConnectionInfo> connections();
    /// Each client; one may be there more than once.
    [[nodiscard]] ClientCounts clients() const;
    bool kick(quint64 number);
    /// Closes the consoles that have lost a right because these are the administrators now.
    void applyAdminUsers(const QStringList &adminUsers);
    void sendToConsoles(ConsoleTopic topic, const QByteArray &message);
    /// Cuts clients and consoles that do not take what they are sent, until so many bytes of queues are given up.
    void cutSlowConsumers(qint64 bytes);
    /// Closes every connection, in order: clients, then consoles.
    void closeAll(CloseCode code, const QByteArray &reason);
    /// Closes every connection, and opens none any more, neither of clients nor of consoles.
    void end();
    /// How many clients are connected.
    [[nodiscard]] qint64 clientCount() const { return m_sessions.size(); }
    /// Closes the clients with 1012, spread over the window; calls `done` when none is left to close. Once in its life,
    /// when new ones are refused.
    void drain(std::chrono::milliseconds window, std::function<void()> done);
    /// Of the worker's HTTP connections.
    [[nodiscard]] qint64 unansweredRequests() const { return m_loop.unanswered(); }

private:
    template <typename Admitted> class OpenUpgrade;
    class WaitingUpgrade;

    ConnectionLoop &loop() override { return m_loop; }
    [[nodiscard]] const LimitSnapshot &snapshot() const override { return *m_snapshot; }
    WorkerCounters &counters() override { return m_counters; }
    RefusalRecorder &recorder() override { return m_recorder; }
    [[nodiscard]] const TokenVerifier &tokenVerifier() const override { return *m_environment.guards.tokenVerifier; }
    [[nodiscard]] const AccessRules &access() const override { return m_guards.guards().access(); }
    [[nodiscard]] std::chrono::milliseconds awakeTime() const override { return m_environment.awakeTime; }
    [[nodiscard]] int ipv6PrefixBits() const override { return m_environment.guards.ipv6PrefixBits; }
    [[nodiscard]] Shared<ClientHeaders> sharedHeaders(ClientHeaders headers) override
    {
        return m_headers.shared(std::move(headers));
    }
    [[nodiscard]] Shared<QStringList> sharedGroups(QStringList groups) override
    {
        return m_groups.shared(std::move(groups));
    }
    void changeGroups(Session &session, QStringList groups) override
    {
        m_sessions.changeGroups(session, std::move(groups));
    }
    void loadInbox(Session &session, std::optional<Cursor> after) override;
    void listNotifications(
        Session &session, const GetNotificationsCommand &command, const QJsonValue &commandId) override;
    void markRead(Session &session, std::optional<QStringList> ids, const QJsonValue &commandId) override;
    void sessionEnded(Session &session) override;

    [[nodiscard]] UpgradeVerdict verdictOf(GuardVerdict verdict, bool asksForClose);
    void tokenVerified(quint64 upgrade, const TokenVerdict &verdict);
    void ticketTaken(quint64 upgrade, const PeerTickets::Answer &answer);
    void peerVerdict(quint64 upgrade, const PeerAttempt &asked, const PeerVerdict &verdict);
    void open(
        Admission admission, std::unique_ptr<ClientStream> stream, const HttpRequest &request, const QByteArray &early);
    void open(
        Identity identity, std::unique_ptr<ClientStream> stream, const HttpRequest &request, const QByteArray &early);
    void consoleEnded(ConsoleSession &console);
    void buryDead();
    void updateGauges();
    void drainTick();
    void catchUpTick();
    [[nodiscard]] QString connectionId(const Session &session) const;

    int m_index;
    ConnectionLoop &m_loop;
    ChannelEnvironment m_environment;
    LimitSnapshotPtr m_snapshot;
    WorkerCounters &m_counters;
    ConsoleAudience &m_audience;
    RefusalRecorder m_recorder;
    GuardChain m_guards;
    ChannelRequests m_requests;
    quint64 m_nextConsole = 1;
    std::unordered_map<quint64, WaitingUpgrade *>
        m_awaited; ///< upgrades that wait for a verdict; they enter and leave by themselves
    quint64 m_nextAwaited = 1;
    SessionTable m_sessions;
    ValuePool<ClientHeaders> m_headers;
    ValuePool<QStringList> m_groups; ///< apart: who has groups of their own still shares the headers
    std::unordered_map<quint64, std::unique_ptr<ConsoleSession>> m_consoles;
    std::vector<std::unique_ptr<Session>> m_dead; ///< ended within a call of theirs: destroyed on the next turn
    std::vector<std::unique_ptr<ConsoleSession>> m_deadConsoles;
    struct Draining
    {
        DrainPlan plan;
        MonoTime begunAt;
        std::vector<quint64> numbers; ///< of the sessions, in the order of their closing
        size_t closed = 0;
        std::function<void()> done;
    };
    std::unique_ptr<Draining> m_draining; ///< null until the server ends
    struct CatchingUp
    {
        Spread spread;
        MonoTime begunAt;
        std::vector<quint64> numbers; ///< of the sessions that are to ask for what they missed, in this order
        size_t begun = 0;
    };
    std::unique_ptr<CatchingUp> m_catchingUp; ///< null when all have asked
    bool m_hasEnded = false;
    WheelTimer m_gauges; ///< once a second
    WheelTimer m_drainTick;
    WheelTimer m_catchUpTick;
};

} // namespace gatehouse
