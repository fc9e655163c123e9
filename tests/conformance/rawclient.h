// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QByteArray>
#include <QtCore/QList>

namespace gatehouse::conformance {

/// A blocking client socket that has shaken hands and read the greeting. The server runs in the same process, so that
/// it can be seen when the server has read what was sent: only then the next piece goes out, and pieces really arrive
/// as pieces.
class RawClient final
{
public:
    explicit RawClient(quint16 port);
    ~RawClient();
    Q_DISABLE_COPY_MOVE(RawClient)

    /// Whether the handshake was answered with 101 and the first message came.
    [[nodiscard]] bool isOpen() const { return m_isOpen; }
    /// Sends the bytes in pieces of that size. Stops when the server has ended the connection.
    void send(const QByteArray &bytes, qsizetype pieceSize);
    /// Everything the server sends until `count` whole frames have come or it ends the connection; nullopt when nothing
    /// comes for long.
    [[nodiscard]] std::optional<QByteArray> receive(qsizetype count);
    /// Everything until the server ends the connection; nullopt when nothing comes for long.
    [[nodiscard]] std::optional<QByteArray> receiveAll();
    /// Whether the server has ended the connection, as far as was read.
    [[nodiscard]] bool hasEnded() const { return m_hasEnded; }

private:
    [[nodiscard]] bool readMore();
    void waitUntilRead() const;
    [[nodiscard]] int findServerSide() const;

    int m_fd = -1;
    int m_serverFd = -1; ///< the other end; not owned
    QByteArray m_received;
    bool m_isOpen = false;
    bool m_hasEnded = false;
};

/// One frame of the server.
struct ServerFrame
{
    quint8 first = 0; ///< final bit, reserved bits and opcode
    QByteArray payload;
};

/// Takes whole frames off the bytes; what is left is no whole frame. Masked frames are not understood: a server sends
/// none.
[[nodiscard]] QList<ServerFrame> takeFrames(QByteArray &bytes);
/// What was received, in the words of cases.h. What is neither is told in words of its own.
[[nodiscard]] QList<QByteArray> describe(QByteArray bytes);

} // namespace gatehouse::conformance
