// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <variant>

#include "server/net/clientstream.h"
#include "server/net/httpmessage.h"

namespace gatehouse {

/// Which requests a listening address serves. Net carries it from the listener to the UpgradeHandler, and knows none of
/// its values.
enum class ListenScope : quint8;

/// How a request is answered.
enum class PathKind : quint8
{
    NotServed,    ///< with 404
    WebSocket,    ///< by an upgrade; UpgradeHandler::judge() decides
    OnWorker,     ///< by UpgradeHandler::answer()
    OnMainThread, ///< by the RequestHandler, which judges on the worker
};

/// A WebSocket upgrade that all guards have passed. Holds what was reserved for it (slots, identity), so that dropping
/// it gives everything back.
class AdmittedUpgrade
{
public:
    virtual ~AdmittedUpgrade() = default;
    /// Takes over the connection. `early` is what the client sent behind its head.
    virtual void begin(std::unique_ptr<ClientStream> stream, const HttpRequest &request, const QByteArray &early) = 0;
};

/// A refusal that a WebSocket client can read: the handshake is answered as if it were admitted, and the connection
/// closed at once. Nothing is held for it.
struct ClosingUpgrade
{
    QByteArray closeFrame;
};

class AwaitedUpgrade;

using UpgradeVerdict
    = std::variant<HttpResponse, ClosingUpgrade, std::unique_ptr<AdmittedUpgrade>, std::unique_ptr<AwaitedUpgrade>>;

/// An upgrade whose verdict is not known yet: somebody outside of this process has a say. Holds what was reserved for
/// the client. The connection keeps it while nothing is read from the client, and destroys it if the client goes away:
/// then nobody waits for the verdict any more.
class AwaitedUpgrade
{
public:
    using Answer = std::function<void(UpgradeVerdict)>;
    virtual ~AwaitedUpgrade() = default;
    /// Called once. `answer` is called at most once, later and on this thread, with a verdict of one of the other
    /// kinds; it destroys this.
    virtual void whenJudged(Answer answer) = 0;
};

struct AnsweredLater ///< through the Responder that was asked for
{
};
using PlainAnswer = std::variant<HttpResponse, AnsweredLater>;

/// Knows who serves a path, judges WebSocket upgrades, and answers what belongs to them. One per worker, on its thread.
class UpgradeHandler
{
public:
    virtual ~UpgradeHandler() = default;
    /// How requests for the path are answered at such an address.
    [[nodiscard]] virtual PathKind kindOf(const QByteArray &path, ListenScope scope) const = 0;
    /// The answer to a plain request. `responder` makes what an answer that comes later is given to.
    [[nodiscard]] virtual PlainAnswer answer(const HttpRequest &request, const std::function<Responder()> &responder)
        = 0;
    /// The request is a well-formed opening handshake for a WebSocket path.
    [[nodiscard]] virtual UpgradeVerdict judge(const HttpRequest &request) = 0;
};

} // namespace gatehouse
