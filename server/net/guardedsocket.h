// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QtNetwork/QTcpSocket>

namespace gatehouse {

/// What QtWebSockets takes for a TCP socket: a QTcpSocket without socket engine, notifiers or descriptor. It is fed
/// with bytes that the guards have passed; what QtWebSockets writes goes nowhere, since everything that a client gets
/// is written by its connection. Only so can every byte be judged before QtWebSockets sees it, with deadlines and
/// bounds that QtWebSockets does not have. Lives on its worker's thread.
class GuardedSocket final : public QTcpSocket
{
    Q_OBJECT
public:
    /// `closed` is called once, if QtWebSockets closes its side by itself.
    explicit GuardedSocket(std::function<void()> closed);
    ~GuardedSocket() override;
    Q_DISABLE_COPY_MOVE(GuardedSocket)

    /// Offers bytes to the reader; what it does not take now is offered again with the next ones.
    void feed(QByteArrayView bytes);
    /// Frees the 16 KiB chunk that the handshake's peek() leaves in QIODevice's buffer.
    void dropHandshakeBuffer();
    /// Tells the reader that the connection is gone; `closed` is not called any more.
    void lose();

    [[nodiscard]] qint64 bytesAvailable() const override;
    [[nodiscard]] qint64 bytesToWrite() const override { return 0; }
    void setSocketOption(SocketOption, const QVariant &) override {
    } // they were set on the descriptor when it was accepted
    void close() override { end(); }
    void disconnectFromHost() override { end(); }

protected:
    qint64 readData(char *data, qint64 maxSize) override;
    qint64 writeData(const char *, qint64 size) override { return size; }

private:
    void end();

    std::function<void()> m_closed;
    QByteArrayView m_unread; ///< of the bytes being fed, or of m_kept
    QByteArray m_kept;       ///< what was not taken during the last feed()
};

} // namespace gatehouse
