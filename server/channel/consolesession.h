// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <atomic>
#include <bitset>
#include <functional>

#include "server/auth/identity.h"
#include "server/channel/channelcontrol.h"
#include "server/channel/websocketpeer.h"

namespace gatehouse {

/// How many consoles of all workers have subscribed to each topic. Any thread.
using ConsoleAudience = std::array<std::atomic<int>, kConsoleTopicCount>;

/// Why a console may not go on watching, and how it is told. A plain value.
struct ConsoleEnd
{
    CloseCode code = CloseCode::Banned;
    QLatin1StringView reason; ///< the "r" of the close reason
};

/// What becomes of a console that was let in with the role `held` when its user's role is `now`: nullopt if nothing was
/// taken away. With what is left of the rights it may come back, and is told then what they are. Pure.
[[nodiscard]] std::optional<ConsoleEnd> consoleEnd(Role held, Role now);

/// One console on the live admin stream. Neither limited nor counted as a connection. A slow one loses frames, and is
/// told how many. Lives on its worker's thread; owned by the worker's channel.
class ConsoleSession final : private WebSocketPeerHandler
{
public:
    using Ended = std::function<void(ConsoleSession &)>;

    /// `audience` outlives the session.
    ConsoleSession(quint64 number, ConnectionLoop &loop, std::unique_ptr<ClientStream> stream, Identity identity,
        ConsoleAudience &audience, Ended ended);
    ~ConsoleSession() override;
    Q_DISABLE_COPY_MOVE(ConsoleSession)

    /// Answers the opening handshake and sends `hello`.
    void open(const HttpRequest &request, const QByteArray &early, const QByteArray &hello);
    [[nodiscard]] bool isSubscribed(ConsoleTopic topic) const { return m_topics.test(size_t(topic)); }
    void send(ConsoleTopic topic, const QByteArray &json);
    [[nodiscard]] const Identity &identity() const { return m_identity; }
    void close(CloseCode code, const QByteArray &reason) { m_peer.close(code, reason); }

    /// The server needs the memory of what waits for it.
    void cutForMemory() { m_peer.cutForMemory(); }

    [[nodiscard]] quint64 number() const { return m_number; }
    [[nodiscard]] const WebSocketPeer &peer() const { return m_peer; }

private:
    bool messageBegins() override { return true; }
    [[nodiscard]] qint64 maxMessageBytes() const override;
    void textReceived(const QString &text) override;
    void binaryReceived() override;
    QByteArray peerTooSlow(Slowness slowness, qint64 queuedBytes) override;
    void peerClosed(CloseCode code, bool isByPeer) override;
    void expiryDue();
    void sendText(const QByteArray &json);
    void subscribe(std::bitset<kConsoleTopicCount> topics);

    quint64 m_number;
    ConnectionLoop &m_loop;
    Identity m_identity;
    ConsoleAudience &m_audience;
    Ended m_ended;
    std::bitset<kConsoleTopicCount> m_topics;
    qint64 m_lost = 0; ///< frames skipped since the last one that said so
    WheelTimer m_expiry;
    WebSocketPeer m_peer;
};

} // namespace gatehouse
