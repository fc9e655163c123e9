// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include "server/net/ipaddress.h"

namespace gatehouse {

/// Reads the header that a proxy sends before everything else on a connection, to say whose it is: the PROXY protocol
/// as HAProxy specifies it, versions 1 (a line of text) and 2 (binary). Strict: what is not exactly such a header is an
/// error. What version 2 has behind the addresses (TLVs) is passed over. Pure, bounded, and fed as bytes come; one for
/// each connection.
class ProxyHeaderReader final
{
public:
    static constexpr qsizetype kMaxLineBytes = 107;    ///< of version 1, its line end included
    static constexpr qsizetype kMaxBinaryBytes = 4096; ///< of version 2, behind its first 16 bytes
    enum class State : quint8
    {
        Incomplete,
        Complete,
        Missing,   ///< the connection begins with something else
        Malformed, ///< problem() says why
    };
    /// The other end of the connection that the proxy has taken.
    struct Client
    {
        IpAddress address;
        quint16 port = 0;

        friend bool operator==(const Client &, const Client &) = default;
    };

    /// Whether bytes begin as such a header does, and as nothing else: a method may be called PROXY.
    [[nodiscard]] static bool isBegin(QByteArrayView bytes);

    /// Takes bytes of the header, which may end within them. Returns how many were taken; none any more once the state
    /// is another than Incomplete.
    qsizetype take(QByteArrayView bytes);
    [[nodiscard]] State state() const { return m_state; }
    /// Of a complete header; nullopt where it names no address: the proxy speaks for itself (LOCAL, a health check),
    /// does not know (UNKNOWN), or its client came over a Unix-domain socket.
    [[nodiscard]] const std::optional<Client> &client() const { return m_client; }
    [[nodiscard]] const QString &problem() const { return m_problem; }

private:
    void takeByte(char c);
    void takeOfLine();
    void takeOfBinary();
    void readLine(QByteArrayView line);
    void readFixedPart();
    void readAddresses();
    void fail(const QString &problem);

    State m_state = State::Incomplete;
    QByteArray m_bytes;        ///< of the header, but for what is passed over
    qsizetype m_leftBytes = 0; ///< of version 2, behind the fixed part
    std::optional<Client> m_client;
    QString m_problem;
};

} // namespace gatehouse
