// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QTemporaryDir>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/app/systemdnotifier.h"

using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

/// The socket that systemd would hold.
class Receiver final
{
public:
    explicit Receiver(const QByteArray &path)
        : m_descriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0))
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.constData(), size_t(path.size()));
        if (path.startsWith('@'))
            address.sun_path[0] = '\0';
        const auto size = socklen_t(offsetof(sockaddr_un, sun_path) + size_t(path.size()));
        if (::bind(m_descriptor, reinterpret_cast<const sockaddr *>(&address), size) != 0)
            qFatal("bind: %s", strerror(errno));
        qputenv("NOTIFY_SOCKET", path);
    }
    ~Receiver() { ::close(m_descriptor); }
    Q_DISABLE_COPY_MOVE(Receiver)

    /// Everything that has come since the last call.
    QList<QByteArray> take()
    {
        QList<QByteArray> messages;
        char buffer[1000];
        for (ssize_t size = 0; (size = ::recv(m_descriptor, buffer, sizeof buffer, 0)) >= 0;)
            messages.append(QByteArray(buffer, size));
        return messages;
    }

private:
    int m_descriptor;
};

} // namespace

class TestSystemdNotifier : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_directory = std::make_unique<QTemporaryDir>(); }
    void cleanup()
    {
        for (const char *name : { "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID" })
            qunsetenv(name);
    }

    void asksForTimeWhileItStarts()
    {
        Receiver receiver(path());
        SystemdNotifier notifier;
        notifier.starting(QStringLiteral("reading"), 60s);
        notifier.ready([](const std::function<void()> &) {});
        QCOMPARE(receiver.take(),
            (QList<QByteArray>{ "STATUS=reading", "EXTEND_TIMEOUT_USEC=60000000", "STATUS=", "READY=1" }));
    }

    void saysHowTheServerIs_data()
    {
        QTest::addColumn<bool>("isAbstract");
        QTest::newRow("path") << false;
        QTest::newRow("abstract") << true;
    }
    void saysHowTheServerIs()
    {
        QFETCH(bool, isAbstract);
        Receiver receiver((isAbstract ? "@" : "") + path());
        SystemdNotifier notifier;
        QVERIFY(!qEnvironmentVariableIsSet("NOTIFY_SOCKET"));
        notifier.ready([](const std::function<void()> &) { qFatal("there is no watchdog"); });
        notifier.reloading();
        notifier.reloaded();
        notifier.stopping(30s);
        const QList<QByteArray> messages = receiver.take();
        QCOMPARE(messages.size(), 5);
        QCOMPARE(messages[0], QByteArray("READY=1"));
        QVERIFY(messages[1].startsWith("RELOADING=1\nMONOTONIC_USEC="));
        QVERIFY(messages[1].split('=').last().toLongLong() > 0);
        QCOMPARE(messages[2], QByteArray("READY=1"));
        QCOMPARE(messages[3], QByteArray("STOPPING=1"));
        QCOMPARE(messages[4], QByteArray("EXTEND_TIMEOUT_USEC=30000000"));
    }

    void saysNothingWhereNobodyListens()
    {
        for (const QByteArray &nowhere : { QByteArray(), path(), QByteArray("relative"), QByteArray(200, '/') }) {
            qputenv("NOTIFY_SOCKET", nowhere);
            qputenv("WATCHDOG_USEC", "1000");
            SystemdNotifier notifier;
            notifier.ready([](const std::function<void()> &) { qFatal("nobody watches"); });
            notifier.stopping(1s);
        }
    }

    void isQuietWhileAWorkerIsStuck()
    {
        Receiver receiver(path());
        qputenv("WATCHDOG_USEC", "20000");
        qputenv("WATCHDOG_PID", QByteArray::number(::getpid()));
        SystemdNotifier notifier;
        QVERIFY(!qEnvironmentVariableIsSet("WATCHDOG_USEC") && !qEnvironmentVariableIsSet("WATCHDOG_PID"));
        std::function<void()> answered;
        int asked = 0;
        notifier.ready([&](std::function<void()> callback) {
            answered = std::move(callback);
            ++asked;
        });
        QCOMPARE(receiver.take(), (QList<QByteArray>{ "READY=1", "WATCHDOG=1" }));
        passWatchdogTurns(5);
        QCOMPARE(receiver.take(), QList<QByteArray>());
        QCOMPARE(asked, 1);
        for (int turn = 2; turn < 5; ++turn) {
            answered();
            QTRY_COMPARE(asked, turn);
            QCOMPARE(receiver.take(), QList<QByteArray>{ "WATCHDOG=1" });
        }
        passWatchdogTurns(5);
        QCOMPARE(receiver.take(), QList<QByteArray>());
    }

    void leavesTheWatchdogOfAnotherProcessAlone()
    {
        Receiver receiver(path());
        qputenv("WATCHDOG_USEC", "20000");
        qputenv("WATCHDOG_PID", "1");
        SystemdNotifier notifier;
        notifier.ready([](const std::function<void()> &) { qFatal("this is not ours"); });
        QCOMPARE(receiver.take(), QList<QByteArray>{ "READY=1" });
    }

private:
    [[nodiscard]] QByteArray path() const { return m_directory->filePath(QStringLiteral("notify")).toLocal8Bit(); }

    /// Lets the event loop turn until a timer as fast as the notifier's has fired so often.
    static void passWatchdogTurns(int turns)
    {
        QTimer timer;
        QSignalSpy spy(&timer, &QTimer::timeout);
        timer.start(10ms);
        QTRY_VERIFY(spy.size() >= turns);
    }

    std::unique_ptr<QTemporaryDir> m_directory;
};

QTEST_GUILESS_MAIN(TestSystemdNotifier)
#include "tst_systemdnotifier.moc"
