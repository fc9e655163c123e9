// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <variant>

#include "server/net/clientstream.h"
#include "server/net/httpmessage.h"

namespace gatehouse {

/// Which requests a listening address serves.
enum class ListenScope : quint8 {
    Everything,
    ChannelOnly, ///< the admin API has an address of its own
    AdminOnly,
};

/// A WebSocket upgrade that all guards have passed. Holds what was reserved for it (slots, identity), so that dropping it gives everything back.
class AdmittedUpgrade
{
public:
    virtual ~AdmittedUpgrade() = default;
    /// Takes over the connection. `early` is what the client sent behind its head.
    virtual void begin(std::unique_ptr<ClientStream> stream, const HttpRequest &request, const QByteArray &early) = 0;
};

/// A refusal that a WebSocket client can read: the handshake is answered as if it were admitted, and the connection closed at once. Nothing is
/// held for it.
struct ClosingUpgrade
{
    QByteArray closeFrame;
};

using UpgradeVerdict = std::variant<HttpResponse, ClosingUpgrade, std::unique_ptr<AdmittedUpgrade>>;

/// Judges WebSocket upgrades, and answers what belongs to them, one per worker and on its thread.
class UpgradeHandler
{
public:
    virtual ~UpgradeHandler() = default;
    /// Whether the path is a WebSocket's that is served at such an address, upgrade or not.
    [[nodiscard]] virtual bool isWebSocketPath(const QByteArray &path, ListenScope scope) const = 0;
    /// The answer to a plain request about the WebSockets of such an address; nullopt if that path is somebody else's.
    [[nodiscard]] virtual std::optional<HttpResponse> answer(const HttpRequest &request, ListenScope scope) = 0;
    /// The request is a well-formed opening handshake for a WebSocket path.
    [[nodiscard]] virtual UpgradeVerdict judge(const HttpRequest &request) = 0;
};

} // namespace gatehouse
