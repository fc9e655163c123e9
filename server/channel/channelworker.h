// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include <QtCore/QHash>
#include <QtCore/QObject>

#include "server/channel/consolesession.h"
#include "server/channel/session.h"

namespace gatehouse {

/// What the channels of all workers share. Everything outlives them, but for the store, which must have answered its last call
/// before they are destroyed; the functions may be called from any worker's thread.
struct ChannelEnvironment
{
    GuardEnvironment guards;
    NotificationStore *store = nullptr;
    DecisionSink *decisions = nullptr;
    /// Judges who may open the live admin stream.
    std::function<std::variant<Identity, HttpResponse>(const HttpRequest &)> admitConsole;
    /// The first message of the live admin stream.
    std::function<QByteArray(const Identity &)> consoleHello;
    /// Tells a user's connections on all workers, but for one, what was read.
    std::function<void(const QString &user, const QByteArray &message, const QString &exceptConnection)> announceRead;
};

/// The channel's half of a worker: judges upgrades, owns the sessions and the consoles, and finds them by user and group. Created, used and
/// destroyed on its worker's thread.
class ChannelWorker final : public QObject, public UpgradeHandler, public SessionHost
{
    Q_OBJECT
public:
    ChannelWorker(int index, Worker &worker, const ChannelEnvironment &environment, LimitSnapshotPtr snapshot,
        WorkerCounters &counters);
    ~ChannelWorker() override;
    Q_DISABLE_COPY_MOVE(ChannelWorker)

    [[nodiscard]] bool isWebSocketPath(const QByteArray &path, ListenScope scope) const override;
    [[nodiscard]] UpgradeVerdict judge(const HttpRequest &request) override;

    void applyLimits(LimitSnapshotPtr snapshot) { m_snapshot = std::move(snapshot); }
    /// The number of connections reached.
    qint64 deliver(const FramedDelivery &delivery);
    void announceRead(const QString &user, const QByteArray &message, const QString &exceptConnection);
    [[nodiscard]] std::vector<ConnectionInfo> connections();
    bool kick(quint64 number);
    void sendToConsoles(ConsoleTopic topic, const QByteArray &message);
    /// Closes every connection, in order: clients, then consoles.
    void closeAll(CloseCode code, const QByteArray &reason);
    [[nodiscard]] qint64 openCount() const { return qint64(m_sessions.size()); }

private:
    class ChannelUpgrade;
    class ConsoleUpgrade;

    Worker &worker() override { return m_worker; }
    [[nodiscard]] const LimitSnapshot &snapshot() const override { return *m_snapshot; }
    WorkerCounters &counters() override { return m_counters; }
    RefusalRecorder &recorder() override { return m_recorder; }
    [[nodiscard]] const TokenVerifier &tokenVerifier() const override { return *m_environment.guards.tokenVerifier; }
    void loadInbox(Session &session) override;
    void markRead(Session &session, std::optional<QStringList> ids, const QJsonValue &commandId) override;
    void sessionEnded(Session &session) override;

    void open(Admission admission, std::unique_ptr<ClientStream> stream, const HttpRequest &request, const QByteArray &early);
    void openConsole(Identity identity, std::unique_ptr<ClientStream> stream, const HttpRequest &request,
        const QByteArray &early);
    void consoleEnded(ConsoleSession &console);
    void enlist(Session &session);
    void delist(Session &session);
    void buryDead();
    void updateGauges();
    [[nodiscard]] QString connectionId(const Session &session) const;

    int m_index;
    Worker &m_worker;
    ChannelEnvironment m_environment;
    LimitSnapshotPtr m_snapshot;
    WorkerCounters &m_counters;
    RefusalRecorder m_recorder;
    GuardChain m_guards;
    quint64 m_nextNumber = 1;
    std::unordered_map<quint64, std::unique_ptr<Session>> m_sessions;
    std::unordered_map<quint64, std::unique_ptr<ConsoleSession>> m_consoles;
    QHash<QString, std::vector<Session *>> m_byUser;
    QHash<QString, std::vector<Session *>> m_byGroup;
    std::vector<std::unique_ptr<Session>> m_dead; ///< ended within a call of theirs: destroyed on the next turn
    std::vector<std::unique_ptr<ConsoleSession>> m_deadConsoles;
    WheelTimer m_gauges; ///< sums the send queues once a second
};

} // namespace gatehouse
