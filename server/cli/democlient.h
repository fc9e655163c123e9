// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/cli/demoplan.h"
#include "server/cli/websocketclient.h"

namespace gatehouse {

/// What the synthetic clients have been through, all together.
struct DemoCounts
{
    qint64 opened = 0;
    qint64 refused = 0;
    qint64 ended = 0;
    qint64 failed = 0;
    qint64 received = 0; ///< messages from the server
    qint64 sent = 0;
};

/// One synthetic client that plays its part until it is stopped: connects, sends as its behaviour says, and comes back
/// after it was refused or disconnected. Lives on the main thread.
class DemoClient final : public QObject
{
    Q_OBJECT
public:
    /// `target` is whom to talk to, with the token and Origin that would be let in; `counts` outlives the client.
    DemoClient(
        const DemoClientPlan &plan, const WebSocketTarget &target, DemoCounts &counts, QObject *parent = nullptr);

    void start();
    /// Says goodbye and does not come back; stopped() follows.
    void stop();
    [[nodiscard]] bool isOpen() const { return m_socket.isOpen(); }
    [[nodiscard]] bool isIdle() const { return m_socket.isIdle(); }

Q_SIGNALS:
    void stopped();

private:
    void connectNow();
    void speak();
    void handleOpened();
    void handleRefused(int status, int retryAfter);
    void comeBackIn(std::chrono::milliseconds time);
    void handleOver();
    [[nodiscard]] std::chrono::milliseconds pauseBetweenMessages() const;

    DemoClientPlan m_plan;
    WebSocketTarget m_target;
    DemoCounts &m_counts;
    WebSocketClient m_socket;
    QTimer m_speakTimer;
    QTimer m_returnTimer;
    bool m_isStopping = false;
};

} // namespace gatehouse
