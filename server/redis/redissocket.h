// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QObject>

#include "server/redis/redisurl.h"

class QIODevice;
class QLocalSocket;
class QSslConfiguration;
class QSslSocket;

namespace gatehouse {

/// Where one connection goes, and how it is secured.
struct RedisTarget
{
    RedisEndpoint endpoint;
    QString unixPath; ///< not empty: there instead
    bool isTls = false;
    QString caFile; ///< as in RedisUrl
    QString certFile;
    QString keyFile;

    [[nodiscard]] QString address() const { return unixPath.isEmpty() ? endpoint.toString() : unixPath; }
};

/// TCP, TLS and Unix-domain sockets as one: it connects once, passes bytes, and says once why it ended. One thread; not
/// to be deleted within its signals.
class RedisSocket final : public QObject
{
    Q_OBJECT
public:
    explicit RedisSocket(QObject *parent = nullptr);
    ~RedisSocket() override;
    Q_DISABLE_COPY_MOVE(RedisSocket)

    /// May fail or be opened within the call.
    void open(const RedisTarget &target);
    /// Sends at once what the kernel takes, and the rest when it takes more.
    void write(const QByteArray &bytes);
    /// Takes in what has arrived, without waiting for the event loop to say so.
    void catchUp();
    /// Cuts it; nothing is emitted any more.
    void abort();

Q_SIGNALS:
    void opened();
    void received(const QByteArray &bytes);
    void failed(const QString &reason);

private:
    void openTcp(const RedisTarget &target);
    void openUnix(const QString &path);
    void take();
    void fail(const QString &reason);
    [[nodiscard]] QString tcpReason() const;
    [[nodiscard]] QString unixReason() const;

    QIODevice *m_device = nullptr; ///< one of the two below
    QSslSocket *m_tcp = nullptr;
    QLocalSocket *m_unix = nullptr;
    QString m_tlsErrors;
    bool m_isCatchingUp = false;
    bool m_isDone = false;
};

} // namespace gatehouse
