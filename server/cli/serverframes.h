// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QtCore/QByteArray>

#include "server/channel/framecodec.h"
#include "shared/util/result.h"

namespace gatehouse {

/// A complete frame from a server.
struct ServerFrame
{
    Opcode opcode = Opcode::Text;
    bool isFinal = true;
    QByteArray payload;
};

/// Takes apart the bytes that a server sends after the handshake (RFC 6455), in whatever pieces they come. Not
/// thread-safe.
class ServerFrameReader final
{
public:
    static constexpr qsizetype kMaxPayloadBytes = 4 * 1024 * 1024;

    /// The frames that are complete now. Masked, oversize or otherwise wrong frames are an error, after which the
    /// reader is of no more use.
    [[nodiscard]] Result<std::vector<ServerFrame>> feed(QByteArrayView bytes);

private:
    QByteArray m_pending;
};

/// A complete masked frame, as a client sends it.
[[nodiscard]] QByteArray encodeMaskedFrame(Opcode opcode, QByteArrayView payload, quint32 mask);

} // namespace gatehouse
