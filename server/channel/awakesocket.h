// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QtCore/QPointer>

#include "server/base/memoryaccount.h"
#include "server/net/websocketupgrader.h"

class QWebSocket;

namespace gatehouse {

/// The QtWebSockets half of a connection: there while the client talks, gone while it only listens. Takes whole
/// messages that FrameGuard has passed and hands them up as QtWebSockets reads them. Making one costs about 10 µs and 9
/// KB; a connection without one costs neither. Lives on its worker's thread; may be destroyed within its own callbacks.
class AwakeSocket final
{
public:
    struct Callbacks
    {
        std::function<void(const QString &)> textReceived;
        std::function<void()> failed; ///< QtWebSockets has closed its side by itself
    };
    /// `held` counts what it takes.
    AwakeSocket(WebSocketUpgrader &upgrader, MemoryAccount &held, const Callbacks &callbacks);
    ~AwakeSocket();
    Q_DISABLE_COPY_MOVE(AwakeSocket)

    /// False if QtWebSockets refused; then the object is of no use.
    [[nodiscard]] bool isValid() const { return m_webSocket != nullptr; }
    /// A whole text message, valid UTF-8.
    void feedText(QByteArrayView payload);

private:
    HeldMemory m_held;
    QPointer<GuardedSocket> m_socket; ///< QtWebSockets deletes it if it refuses
    QWebSocket *m_webSocket;          ///< deleted later: never within one of its own slots
};

} // namespace gatehouse
