// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <QtNetwork/QHostAddress>
#include <QtNetwork/QSslSocket>

#include "server/bench/wireformat.h"

namespace gatehouse {

/// Whom a WebSocketClient talks to, and as whom.
struct WebSocketTarget
{
    QString server; ///< name or address
    quint16 port = 0;
    QByteArray path;
    QByteArray token;            ///< sent as Authorization: Bearer; empty: none
    QByteArray origin;           ///< empty: none
    QHostAddress localAddress{}; ///< to connect from; null for the system's choice
    bool isEncrypted = false;    ///< wss: the server's certificate must be good for its name
};

/// A minimal WebSocket client (RFC 6455) over a socket that can be bound to a local address and shows how
/// it was refused. It answers pings by itself. One connection at a time; open() may be called again once it has ended.
/// Lives on one thread with an event loop.
class WebSocketClient final : public QObject
{
    Q_OBJECT
public:
    explicit WebSocketClient(QObject *parent = nullptr);
    ~WebSocketClient() override;
    Q_DISABLE_COPY_MOVE(WebSocketClient)

    void open(const WebSocketTarget &target);
    [[nodiscard]] bool isOpen() const { return m_state == State::Open; }
    /// No connection, and none under way.
    [[nodiscard]] bool isIdle() const { return m_state == State::Idle; }
    void sendText(QByteArrayView text);
    /// Says goodbye; ended() follows when the server has answered, or after a second.
    void close(quint16 code = 1000);

Q_SIGNALS:
    void opened();
    /// The server answered the handshake with an HTTP status other than 101; `retryAfter` in seconds, 0 if it was not
    /// said; `body` if the answer says how long it is, up to 64 KiB, or what has come of it.
    void refused(int status, int retryAfter, const QByteArray &body);
    void textReceived(const QByteArray &text);
    /// The connection is over after opened(): the close code, 1006 if it was lost.
    void ended(int code);
    /// There was no connection at all, or no HTTP answer.
    void failed(const QString &reason);

private:
    enum class State : quint8
    {
        Idle,
        Connecting,
        Open,
        Closing
    };

    void sendHandshake();
    void readBytes();
    void readHandshake();
    void refuse(const bench::AnswerHead &head);
    void readFrames();
    void handleFrame(const bench::ScannedFrame &frame);
    void send(quint8 opcode, QByteArrayView payload);
    void endConnection(const QString &reason);
    void finish(int code, const QString &reason);

    QSslSocket m_socket; // a plain one, where nothing is encrypted
    QTimer m_deadline;   ///< for the handshake, and for the server's answer to a close
    WebSocketTarget m_target;
    State m_state = State::Idle;
    bench::HandshakeKey m_key;
    QByteArray m_received; ///< and not taken apart yet
    QByteArray m_message;  ///< fragments so far
    int m_closeCode = 1006;
};

} // namespace gatehouse
