// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtWebSockets/QWebSocketServer>

#include "server/net/guardedsocket.h"
#include "server/net/httpmessage.h"

namespace gatehouse {

/// The subprotocol that a client may offer to put its token in, and that alone is echoed.
inline constexpr char kSubprotocol[] = "gatehouse.v1";

/// Checks that a request is an RFC 6455 section 4.2.1 opening handshake. The answer to send where it is not: 400, or
/// 426 for another version.
[[nodiscard]] std::optional<HttpResponse> checkOpeningHandshake(const HttpRequest &request);

/// The server's answer to an opening handshake that checkOpeningHandshake() passed: RFC 6455 section 4.2.2.
[[nodiscard]] QByteArray openingHandshakeAnswer(const HttpRequest &request);

/// Puts a QWebSocket over a GuardedSocket, for a connection whose opening handshake was answered long ago:
/// QWebSocketServer is the only public way to one, so a handshake is replayed whose answer goes nowhere. One per
/// worker, on its thread.
class WebSocketUpgrader final : public QObject
{
    Q_OBJECT
public:
    explicit WebSocketUpgrader(QObject *parent = nullptr);

    /// The caller owns the QWebSocket and the socket; nullptr if QtWebSockets refuses.
    [[nodiscard]] QWebSocket *upgrade(GuardedSocket &socket);

private:
    QWebSocketServer m_server;
};

} // namespace gatehouse
