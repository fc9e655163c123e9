// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/websocketupgrader.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QCryptographicHash>
#include <QtWebSockets/QWebSocket>

using namespace Qt::StringLiterals;

namespace gatehouse {

namespace {

constexpr qsizetype kKeyBytes = 16;
constexpr char kHandshakeGuid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455 section 1.3

bool isValidKey(const QByteArray &key)
{
    const QByteArray::FromBase64Result decoded
        = QByteArray::fromBase64Encoding(key, QByteArray::Base64Encoding | QByteArray::AbortOnBase64DecodingErrors);
    return decoded.decodingStatus == QByteArray::Base64DecodingStatus::Ok && decoded.decoded.size() == kKeyBytes
        && key.size() == 24;
}

bool offersSubprotocol(const HttpRequest &request)
{
    for (const QByteArray &offered : request.header("sec-websocket-protocol").split(',')) {
        if (offered.trimmed() == kSubprotocol)
            return true;
    }
    return false;
}

HttpResponse badHandshake(const QString &detail)
{
    return HttpResponse::problem({ 400, u"bad_request"_s, u"Bad request"_s, detail });
}

} // namespace

std::optional<HttpResponse> checkOpeningHandshake(const HttpRequest &request)
{
    if (!request.body.isEmpty() || request.header("content-length").toLongLong() > 0)
        return badHandshake(u"a WebSocket handshake has no body"_s);
    if (request.header("sec-websocket-version") != "13") {
        HttpResponse response = HttpResponse::problem(
            { 426, u"unsupported_version"_s, u"Upgrade required"_s, u"Sec-WebSocket-Version must be 13"_s });
        response.withHeader("Sec-WebSocket-Version", "13");
        return response;
    }
    if (!isValidKey(request.header("sec-websocket-key")))
        return badHandshake(u"Sec-WebSocket-Key must be 16 bytes in base64"_s);
    return std::nullopt;
}

QByteArray openingHandshakeAnswer(const HttpRequest &request)
{
    const QByteArray key = request.header("sec-websocket-key") + kHandshakeGuid;
    const QByteArray accept = QCryptographicHash::hash(key, QCryptographicHash::Sha1).toBase64();
    QByteArray answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Accept: "
        + accept + "\r\n";
    if (offersSubprotocol(request))
        answer += QByteArray("Sec-WebSocket-Protocol: ") + kSubprotocol + "\r\n";
    return answer + "\r\n";
}

WebSocketUpgrader::WebSocketUpgrader(QObject *parent)
    : QObject(parent)
    , m_server(u"gatehouse"_s, QWebSocketServer::NonSecureMode)
{
}

QWebSocket *WebSocketUpgrader::upgrade(GuardedSocket &socket)
{
    static const QByteArray kHandshake
        = "GET / HTTP/1.1\r\nHost: gatehouse\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: Z2F0ZWhvdXNlIGF3YWtlIQ==\r\n\r\n";
    m_server.handleConnection(&socket);
    socket.feed(kHandshake);
    // The server's slot is connected queued: run it now, so that the handshake is over when this call returns.
    QCoreApplication::sendPostedEvents(&m_server);
    QWebSocket *webSocket = m_server.nextPendingConnection();
    if (webSocket) {
        // The server would hear of the socket's end, and QObject::sender() then looks for it among all that are awake:
        // thousands that ended at once took seconds.
        socket.disconnect(&m_server);
        webSocket->disconnect(&m_server);
        webSocket->setParent(nullptr);
        socket.dropHandshakeBuffer();
    }
    return webSocket;
}

} // namespace gatehouse
