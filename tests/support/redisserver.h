// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <csignal>

#include <sys/prctl.h>

#include <QtCore/QElapsedTimer>
#include <QtCore/QProcess>
#include <QtCore/QTemporaryDir>
#include <QtNetwork/QLocalSocket>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>

namespace gatehouse {

/// A real redis-server or redis-sentinel on a free loopback port and a Unix-domain socket, in a directory of its own;
/// ended with this object, by its process id.
class RedisServerFixture final
{
public:
    ~RedisServerFixture() { kill(); }

    /// Options as in redis.conf, one each: "requirepass secret". Starts it, the first time on a free port and later on
    /// the same, and waits until it answers.
    bool start(const QStringList &options = {})
    {
        using namespace Qt::StringLiterals;
        return launch(u"redis-server"_s, QStringList{ u"save \"\""_s, u"repl-diskless-sync-delay 0"_s } + options);
    }
    /// The options of one whose answers are on disk, so that it comes back with them when it was killed. Its answers
    /// take as long as the disk.
    static QStringList durable() { return { QStringLiteral("appendonly yes"), QStringLiteral("appendfsync always") }; }
    /// A Sentinel that watches the server at `masterPort` as "main", and holds it for dead after two seconds.
    bool startSentinel(quint16 masterPort, const QStringList &options = {})
    {
        using namespace Qt::StringLiterals;
        const QStringList lines{ u"sentinel monitor main 127.0.0.1 %1 1"_s.arg(masterPort),
            u"sentinel down-after-milliseconds main 2000"_s, u"sentinel failover-timeout main 3000"_s };
        return launch(u"redis-sentinel"_s, lines + options);
    }

    void kill()
    {
        if (m_process.state() == QProcess::NotRunning)
            return;
        m_process.kill();
        m_process.waitForFinished();
    }
    /// Connections stay open, and nothing is answered.
    void freeze() const { ::kill(pid_t(m_process.processId()), SIGSTOP); }
    void resume() const { ::kill(pid_t(m_process.processId()), SIGCONT); }

    [[nodiscard]] quint16 port() const { return m_port; }
    [[nodiscard]] QString unixPath() const { return m_directory.filePath(QStringLiteral("redis.sock")); }
    [[nodiscard]] QString path(const QString &name) const { return m_directory.filePath(name); }
    /// For parseRedisUrl(); `credentials` with its @, `more` begins with / or ?.
    [[nodiscard]] QString url(const QString &credentials = {}, const QString &more = {}) const
    {
        return QStringLiteral("redis://") + credentials + QStringLiteral("127.0.0.1:") + QString::number(m_port) + more;
    }
    /// Asks it something by a connection of its own, as an inline command; what it answered, as it stands.
    QByteArray ask(const QByteArray &command) const
    {
        QTcpSocket socket;
        socket.connectToHost(QStringLiteral("127.0.0.1"), m_port);
        if (!socket.waitForConnected(kPatience))
            return {};
        socket.write(command + "\r\n");
        return socket.waitForReadyRead(kPatience) ? socket.readAll() : QByteArray();
    }
    [[nodiscard]] QByteArray output() { return m_process.readAll(); }

    /// One that nobody listens on now; somebody may take it first.
    static quint16 freePort()
    {
        QTcpServer probe;
        probe.listen(QHostAddress::LocalHost);
        return probe.serverPort();
    }

private:
    static constexpr int kPatience = 10'000; // ms

    bool launch(const QString &program, const QStringList &lines)
    {
        const QString file = path(QStringLiteral("redis.conf"));
        for (int attempts = 0; attempts < 5; ++attempts) { // somebody may take the port first
            const bool isFirst = m_port == 0;
            const quint16 candidate = isFirst ? freePort() : m_port;
            const QStringList all = QStringList(lines)
                << QStringLiteral("bind 127.0.0.1") << QStringLiteral("port %1").arg(candidate)
                << QStringLiteral("unixsocket ") + unixPath() << QStringLiteral("dir %1").arg(m_directory.path());
            QFile conf(file);
            if (!conf.open(QIODevice::WriteOnly) || conf.write(all.join(u'\n').toUtf8() + "\n") < 0)
                return false;
            conf.close();
            m_process.setProcessChannelMode(QProcess::MergedChannels);
            m_process.setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGKILL); }); // also where a test crashes
            m_process.start(program, { file });
            m_port = candidate;
            if (m_process.waitForStarted(kPatience) && answers())
                return true;
            kill();
            if (isFirst)
                m_port = 0;
        }
        return false;
    }
    /// Any answer will do, also that a password is wanted, or that it is loading. It is asked by its socket, which
    /// nobody else has: at the port it may be another one that answers. It makes the socket once it has the port; where
    /// it cannot get that, it ends.
    bool answers()
    {
        QElapsedTimer elapsed;
        elapsed.start();
        while (m_process.state() == QProcess::Running && elapsed.elapsed() < kPatience) {
            QLocalSocket socket;
            socket.connectToServer(unixPath());
            if (socket.waitForConnected(1000) && socket.write("PING\r\n") > 0 && socket.waitForReadyRead(1000))
                return true;
            m_process.waitForReadyRead(20);
        }
        return false;
    }

    QTemporaryDir m_directory;
    QProcess m_process;
    quint16 m_port = 0;
};

} // namespace gatehouse
