// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "server/access/accessrules.h"
#include "server/auth/tokenverifier.h"
#include "server/channel/commands.h"
#include "server/channel/valuepool.h"
#include "server/guard/refusalrecorder.h"
#include "server/limits/limitsnapshot.h"
#include "server/notify/notificationmessages.h"

namespace gatehouse {

class ConnectionLoop;
class Session;

/// A Delivery with its frame, encoded once for all connections of all workers.
struct FramedDelivery
{
    Audience to;
    QByteArray frame;
    qint64 sequence = 0; ///< 0 for an ephemeral one
    bool isDroppable = false;
    std::optional<UtcTime> expiresAt{};
};

/// What is kept of a client's handshake: much the same for all who use one browser.
struct ClientHeaders
{
    QByteArray origin;
    QByteArray userAgent;

    void squeeze()
    {
        origin.squeeze();
        userAgent.squeeze();
    }
    friend bool operator==(const ClientHeaders &, const ClientHeaders &) = default;
    friend size_t qHash(const ClientHeaders &headers, size_t seed)
    {
        return qHash(headers.userAgent, qHash(headers.origin, seed));
    }
};

/// What a session asks of its worker's channel.
class SessionHost
{
public:
    virtual ~SessionHost() = default;
    [[nodiscard]] virtual ConnectionLoop &loop() = 0;
    [[nodiscard]] virtual const LimitSnapshot &snapshot() const = 0;
    [[nodiscard]] virtual WorkerCounters &counters() = 0;
    [[nodiscard]] virtual RefusalRecorder &recorder() = 0;
    [[nodiscard]] virtual const TokenVerifier &tokenVerifier() const = 0;
    [[nodiscard]] virtual const AccessRules &access() const = 0;
    [[nodiscard]] virtual std::chrono::milliseconds awakeTime() const = 0;
    /// How its address is to be read.
    [[nodiscard]] virtual int ipv6PrefixBits() const = 0;
    [[nodiscard]] virtual Shared<ClientHeaders> sharedHeaders(ClientHeaders headers) = 0;
    [[nodiscard]] virtual Shared<QStringList> sharedGroups(QStringList groups) = 0;
    /// The session's groups are others from now on.
    virtual void changeGroups(Session &session, QStringList groups) = 0;
    /// Store calls whose answers come back to the session by its number, on its thread, if it still exists.
    virtual void loadInbox(Session &session, std::optional<Cursor> after) = 0;
    virtual void listNotifications(
        Session &session, const GetNotificationsCommand &command, const QJsonValue &commandId)
        = 0;
    virtual void markRead(Session &session, std::optional<QStringList> ids, const QJsonValue &commandId) = 0;
    /// The session has ended and is to be destroyed, but not within the call.
    virtual void sessionEnded(Session &session) = 0;
};

} // namespace gatehouse
