// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtWebSockets/QWebSocketServer>

#include "server/net/guardedsocket.h"
#include "server/net/httpmessage.h"
#include "server/net/malformedrequests.h"

namespace gatehouse {

/// The subprotocol that is spoken, and that alone is answered: a client may offer it to put its token beside it.
inline constexpr char kSubprotocol[] = "gatehouse.v1";

/// Checks that a request is an RFC 6455 section 4.2.1 opening handshake: 400 where it is not, or 426 for another
/// version. Subprotocols that are offered and none of which can be answered are refused (400) before anybody judges the
/// client: a browser fails a connection that is opened without one of those it has offered, and a page would come
/// again.
[[nodiscard]] std::optional<MalformedRequest> checkOpeningHandshake(const HttpRequest &request);

/// The answer to what checkOpeningHandshake() refuses. It names the version that is spoken: RFC 6455 section 4.4.
[[nodiscard]] HttpResponse badHandshakeAnswer(const Problem &problem);

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
