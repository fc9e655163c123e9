// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include <QtCore/QByteArrayList>
#include <QtCore/QJsonObject>

#include "server/log/log.h"
#include "server/log/logpause.h"

namespace gatehouse {

/// Short-lived words between nodes, by Redis' pub/sub: who is not there does not hear them. Two channels: ephemeral
/// notifications, and signals, which are JSON objects {"type":"…","from":"<run>"[,"to":"<run>"],…} of at most
/// kMostBytes; each type has one handler. A node does not hear itself.
///
/// Handlers are called on the main thread, where the object lives; publishing is for any thread, and so is received().
class ClusterPubSub final : public QObject
{
    Q_OBJECT
public:
    static constexpr qsizetype kMostBytes = 1024 * 1024; ///< of one message
    static constexpr int kMostWaiting = 10'000; ///< messages that the main thread has not come to: more are dropped
    static const QByteArray kEphemeral;         ///< "gatehouse:ephemeral"
    static const QByteArray kSignal;            ///< "gatehouse:signal"

    /// Sends a message to Redis; any thread.
    using Publish = std::function<void(const QByteArray &channel, const QByteArray &payload)>;
    using SignalHandler = std::function<void(const QJsonObject &signal)>;
    /// Whether it is one.
    using EphemeralHandler = std::function<bool(const QByteArray &payload)>;

    /// `run` is this node's. `clock` and `log` outlive it.
    ClusterPubSub(QString run, Publish publish, const Clock &clock, Log &log, QObject *parent = nullptr);

    [[nodiscard]] const QString &run() const { return m_run; }
    [[nodiscard]] static QByteArrayList channels() { return { kEphemeral, kSignal }; }

    /// On the main thread, where handlers are called. A signal that comes before its handler is passed over.
    void onSignal(const QString &type, SignalHandler handler) { m_handlers.insert_or_assign(type, std::move(handler)); }
    void setEphemeralHandler(EphemeralHandler handler) { m_ephemeral = std::move(handler); }

    /// To all other nodes, or to the one whose run it is. `fields` have no "type", "from" or "to". Any thread.
    void signal(const QString &type, QJsonObject fields, const QString &toRun = {}) const;
    /// Any thread.
    void publishEphemeral(const QByteArray &payload) const;
    /// From now on nothing is sent: what it is sent by is about to go, and somebody may still want to answer. Any
    /// thread.
    void silence();
    /// A message has come. Any thread.
    void received(const QByteArray &channel, const QByteArray &payload);

    /// Messages that were no message, or came faster than they could be looked at. Any thread.
    [[nodiscard]] qint64 refused() const { return m_refused.load(std::memory_order_relaxed); }

private:
    void send(const QByteArray &channel, const QByteArray &payload) const;
    void handle(const QByteArray &channel, const QByteArray &payload);
    [[nodiscard]] bool handleSignal(const QByteArray &payload);
    void refuse(const QByteArray &channel, const QString &why);

    QString m_run;
    mutable std::mutex m_mutex; ///< guards the next one
    Publish m_publish;          ///< null once it is silent
    const Clock &m_clock;
    Log &m_log;
    std::map<QString, SignalHandler> m_handlers;
    EphemeralHandler m_ephemeral;
    std::atomic<int> m_waiting{ 0 };
    std::atomic<qint64> m_refused{ 0 };
    LogPause m_pause;
};

} // namespace gatehouse
