// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtNetwork/QTcpSocket>

#include "server/net/ipaddress.h"

namespace gatehouse {

/// Where a GuardedSocket's bytes go.
class GuardedSocketSink
{
public:
    virtual ~GuardedSocketSink() = default;
    virtual void socketWrote(QByteArrayView bytes) = 0;
    /// QtWebSockets has closed its side; what it wrote before is still to be delivered.
    virtual void socketClosed() = 0;
    [[nodiscard]] virtual qint64 socketBytesToWrite() const = 0;
};

/// What QtWebSockets takes for a TCP socket: a QTcpSocket without socket engine, notifiers or descriptor of its own. It is fed with
/// bytes that the guards have passed, and hands what is written to its sink. Only so can every byte be judged before
/// QtWebSockets sees it, with deadlines and bounds that QtWebSockets does not have. Lives on its worker's thread.
class GuardedSocket final : public QTcpSocket
{
    Q_OBJECT
public:
    /// `sink` must outlive the socket or be taken away with detach().
    GuardedSocket(GuardedSocketSink &sink, const IpAddress &peer, quint16 peerPort);
    ~GuardedSocket() override;
    Q_DISABLE_COPY_MOVE(GuardedSocket)

    /// Offers bytes to the reader; what it does not take now is offered again with the next ones.
    void feed(QByteArrayView bytes);
    /// Frees the 16 KiB chunk that the handshake's peek() leaves in QIODevice's buffer.
    void dropHandshakeBuffer();
    /// Tells the reader that the connection is gone. Does not call the sink.
    void lose();
    /// From now on nothing reaches the sink: QWebSocket's destructor writes a close frame.
    void detach() { m_sink = nullptr; }

    [[nodiscard]] qint64 bytesAvailable() const override;
    [[nodiscard]] qint64 bytesToWrite() const override;
    void setSocketOption(SocketOption option, const QVariant &value) override;
    void close() override;
    void disconnectFromHost() override;

protected:
    qint64 readData(char *data, qint64 maxSize) override;
    qint64 writeData(const char *data, qint64 size) override;

private:
    void endOnce();

    GuardedSocketSink *m_sink;
    QByteArrayView m_unread; ///< of the bytes being fed, or of m_kept
    QByteArray m_kept; ///< what was not taken during the last feed()
};

} // namespace gatehouse
