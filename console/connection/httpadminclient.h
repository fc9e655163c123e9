// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QTimer>

#include "console/connection/httpadmincalls.h"
#include "console/connection/livestream.h"
#include "console/connection/reconnectpolicy.h"

namespace gatehouse {

/// AdminClient over HTTP and the live stream: how it stands with the connection. With HttpCaller and LiveStream the
/// only class of the console that touches the network. A connect is: overview, live stream, subscription, history of
/// what was missed. GUI thread.
class HttpAdminClient final : public HttpAdminCalls
{
    Q_OBJECT

public:
    /// `clock` must outlive the client.
    explicit HttpAdminClient(const Clock &clock, ReconnectPolicy policy, QObject *parent = nullptr);
    ~HttpAdminClient() override;

    static constexpr std::chrono::milliseconds kStaleAfter{ 4'000 };
    /// A connection that is silent for so long is taken for dead.
    static constexpr std::chrono::milliseconds kDeadAfter{ 15'000 };

    void connectToServer(const QUrl &url, const QString &token) override;
    void disconnectFromServer() override;
    void retryNow() override;
    void reconnect() override;
    [[nodiscard]] ConnectionStatus status() const override { return m_status; }
    [[nodiscard]] std::optional<std::chrono::milliseconds> sampleAge() const override;
    [[nodiscard]] std::optional<ServerInfo> serverInfo() const override { return m_serverInfo; }

private:
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
    LiveStream m_stream;
    QString m_lastToken; ///< also after disconnectFromServer()
    QTimer m_retryTimer;
    QTimer m_ageTimer;
    ConnectionStatus m_status;
    std::optional<ServerInfo> m_serverInfo;
    std::optional<MonoTime> m_lastSample;
    UtcTime m_lastFrame{};    ///< by the server's clock: up to where nothing is missed
    UtcTime m_serverNow{};    ///< by the server's clock, at the last overview
    quint64 m_generation = 0; ///< answers to an attempt given up are ignored
};

} // namespace gatehouse
