// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/net/websocketupgrader.h"

#include <QtCore/QCoreApplication>
#include <QtWebSockets/QWebSocket>

#include "server/base/digest.h"
#include "server/net/httpproblems.h"

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

/// Of the subprotocols that a client offers.
struct Offer
{
    bool isAny = false;
    bool isOurs = false;
};

Offer offerOf(const HttpRequest &request)
{
    const QByteArray field = request.header("sec-websocket-protocol");
    Offer offer;
    for (QByteArrayView rest(field); !rest.isEmpty();) {
        const qsizetype comma = rest.indexOf(',');
        const QByteArrayView name = (comma < 0 ? rest : rest.first(comma)).trimmed();
        offer.isAny = offer.isAny || !name.isEmpty();
        offer.isOurs = offer.isOurs || name == QByteArrayView(kSubprotocol);
        rest = comma < 0 ? QByteArrayView() : rest.sliced(comma + 1);
    }
    return offer;
}

MalformedRequest badHandshake(const QString &detail, MalformedKind kind = MalformedKind::Handshake)
{
    return { kind, badRequest(detail) };
}

} // namespace

HttpResponse badHandshakeAnswer(const Problem &problem)
{
    HttpResponse response = HttpResponse::problem(problem);
    response.withHeader("Sec-WebSocket-Version", "13");
    return response;
}

std::optional<MalformedRequest> checkOpeningHandshake(const HttpRequest &request)
{
    if (!request.body.isEmpty() || request.header("content-length").toLongLong() > 0
        || request.hasHeader("transfer-encoding"))
        return badHandshake(u"a WebSocket handshake has no body"_s);
    if (request.header("sec-websocket-version") != "13")
        return MalformedRequest{ MalformedKind::Handshake,
            { 426, u"unsupported_version"_s, u"Upgrade required"_s, u"Sec-WebSocket-Version must be 13"_s } };
    if (!isValidKey(request.header("sec-websocket-key")))
        return badHandshake(u"Sec-WebSocket-Key must be 16 bytes in base64"_s);
    const Offer offer = offerOf(request);
    if (offer.isAny && !offer.isOurs) // what is offered may be a token: it is not repeated
        return badHandshake(
            u"Sec-WebSocket-Protocol must offer %1, or be left out: nothing else that is offered can be answered, and a browser fails without an answer"_s
                .arg(QLatin1StringView(kSubprotocol)),
            MalformedKind::Subprotocol);
    return std::nullopt;
}

QByteArray openingHandshakeAnswer(const HttpRequest &request)
{
    const QByteArray key = request.header("sec-websocket-key") + kHandshakeGuid;
    const QByteArray accept = sha1(key).toBase64();
    QByteArray answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Accept: "
        + accept + "\r\n";
    if (offerOf(request).isOurs)
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
