// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>
#include <QtWebSockets/QWebSocketServer>

#include "server/net/guardedsocket.h"
#include "server/net/httpmessage.h"

class QWebSocket;

namespace gatehouse {

/// The subprotocol that a client may offer to send its token in, and that alone is echoed.
inline constexpr char kSubprotocol[] = "gatehouse.v1";

/// Checks that a request is an RFC 6455 section 4.2.1 opening handshake. The answer to send where it is not: 400, or 426 for another
/// version.
[[nodiscard]] std::optional<HttpResponse> checkOpeningHandshake(const HttpRequest &request);

/// Has QtWebSockets do the opening handshake over a GuardedSocket. One per worker, on its thread.
class WebSocketUpgrader final : public QObject
{
    Q_OBJECT
public:
    explicit WebSocketUpgrader(QObject *parent = nullptr);

    /// Answers 101 through the socket's sink. The request must have passed checkOpeningHandshake(). QtWebSockets is given a fresh
    /// minimal head, not the client's: nothing that its lenient parser might read in another way, and no token. The caller
    /// owns the QWebSocket and the socket; nullptr if QtWebSockets refuses, in which case nothing was written but perhaps its answer.
    [[nodiscard]] QWebSocket *upgrade(GuardedSocket &socket, const HttpRequest &request);

private:
    QWebSocketServer m_server;
};

} // namespace gatehouse
