// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "server/net/acceptor.h"
#include "server/net/listensocket.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;

namespace {

const ListenAddress kAnyPort{ IpAddress::fromIpv4(0x7f000001), 0, {} };

quint16 portOf(const ListenSocket &socket)
{
    return quint16(socket.url().section(u':', -1).toUInt());
}

int connectTo(quint16 port)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0)
        return fd;
    ::close(fd);
    return -1;
}

} // namespace

class TestListenSocket : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void listensOnAFreePortAndNamesIt()
    {
        const auto socket = ListenSocket::open(kAnyPort);
        QVERIFY(socket);
        QVERIFY(socket.value()->url().startsWith(u"http://127.0.0.1:"_s));
        QVERIFY(portOf(*socket.value()) > 0);
        const int fd = connectTo(portOf(*socket.value()));
        QVERIFY(fd >= 0);
        ::close(fd);
    }

    void saysThatAnAddressIsTaken()
    {
        const auto first = ListenSocket::open(kAnyPort);
        QVERIFY(first);
        const auto second = ListenSocket::open({ kAnyPort.address, portOf(*first.value()), {} });
        QVERIFY(!second);
        QVERIFY2(second.error().message.contains(u"already in use"_s), qPrintable(second.error().message));
    }

    void freesItsPort()
    {
        quint16 port = 0;
        {
            const auto socket = ListenSocket::open(kAnyPort);
            QVERIFY(socket);
            port = portOf(*socket.value());
        }
        QVERIFY(ListenSocket::open({ kAnyPort.address, port, {} }));
    }

    void keepsAUnixPathWhileItIsServedAndThenRemovesIt()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(u"s"_s);
        {
            const auto socket = ListenSocket::open({ {}, 0, path });
            QVERIFY(socket);
            QCOMPARE(socket.value()->url(), QString(u"unix:"_s + path));
            QVERIFY(QFile::exists(path));
            QVERIFY(!ListenSocket::open({ {}, 0, path })); // it is served
        }
        QVERIFY(!QFile::exists(path));
        QVERIFY(!ListenSocket::open({ {}, 0, folder.filePath(QString(200, u'x')) }));
    }

    void everyAddressIsIpv4Too()
    {
        for (const QString &text : { u":0"_s, u"[::]:0"_s }) {
            const auto socket = ListenSocket::open(*parseListenAddress(text));
            QVERIFY(socket);
            const int fd = connectTo(portOf(*socket.value()));
            QVERIFY(fd >= 0);
            ::close(fd);
            int isIpv6Alone = 1;
            socklen_t size = sizeof isIpv6Alone;
            const bool hasIpv6 = socket.value()->url().contains(u'[');
            if (hasIpv6)
                ::getsockopt(socket.value()->descriptor(), IPPROTO_IPV6, IPV6_V6ONLY, &isIpv6Alone, &size);
            QCOMPARE(isIpv6Alone, hasIpv6 ? 0 : 1);
        }
    }

    void aUnixSocketHasItsModeWhateverTheUmask_data()
    {
        QTest::addColumn<int>("mode");
        QTest::addColumn<int>("mask");
        QTest::newRow("for everybody") << 0666 << 077;
        QTest::newRow("for the group") << 0660 << 077;
        QTest::newRow("for one") << 0600 << 0;
        QTest::newRow("execute means nothing") << 0777 << 022;
    }

    void aUnixSocketHasItsModeWhateverTheUmask()
    {
        QFETCH(const int, mode);
        QFETCH(const int, mask);
        const QTemporaryDir folder;
        const QString path = folder.filePath(u"s"_s);
        const mode_t before = ::umask(mode_t(mask));
        const auto socket = ListenSocket::open({ {}, 0, path, { mode, {} } });
        ::umask(before);
        QVERIFY(socket);
        struct stat made
        {
        };
        QCOMPARE(::lstat(QFile::encodeName(path).constData(), &made), 0);
        QCOMPARE(int(made.st_mode & 07777), mode);
    }

    void aUnixSocketIsGivenToAGroup()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(u"s"_s);
        const bool isRoot = ::geteuid() == 0;
        const gid_t group = isRoot ? 12345 : ::getegid();
        {
            const auto socket = ListenSocket::open({ {}, 0, path, { 0660, QString::number(group) } });
            QVERIFY(socket);
            struct stat made
            {
            };
            QCOMPARE(::lstat(QFile::encodeName(path).constData(), &made), 0);
            QCOMPARE(made.st_gid, group);
            QCOMPARE(int(made.st_mode & 07777), 0660);
        }
        if (isRoot)
            return; // may give it to any
        const auto refused = ListenSocket::open({ {}, 0, path, { 0660, u"0"_s } }, u"ADMIN_LISTEN"_s);
        QVERIFY(!refused);
        QVERIFY2(
            refused.error().message.contains(u"cannot be given to group 0 ("_s), qPrintable(refused.error().message));
        QVERIFY(!QFile::exists(path));
    }

    void leavesWhatIsNoSocketAlone_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("words");
        QTest::newRow("a file") << u"file"_s << u"is a file and not a socket"_s;
        QTest::newRow("an empty file") << u"empty"_s << u"is a file and not a socket"_s;
        QTest::newRow("a directory") << u"directory"_s << u"is a directory"_s;
        QTest::newRow("a link to a file") << u"link"_s << u"is a symbolic link"_s;
        QTest::newRow("a link to nothing") << u"dangling"_s << u"is a symbolic link"_s;
        QTest::newRow("a pipe") << u"pipe"_s << u"is a device or pipe"_s;
    }

    void leavesWhatIsNoSocketAlone()
    {
        QFETCH(const QString, what);
        QFETCH(const QString, words);
        const QTemporaryDir folder;
        const QString path = folder.filePath(u"s"_s);
        const QString target = folder.filePath(u"target"_s);
        const auto fill = [](const QString &name, const QByteArray &bytes) {
            QFile file(name);
            return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
        };
        QVERIFY(fill(target, "data"));
        if (what == u"file" || what == u"empty")
            QVERIFY(fill(path, what == u"file" ? "data" : ""));
        else if (what == u"directory")
            QVERIFY(QDir(folder.path()).mkdir(u"s"_s));
        else if (what == u"pipe")
            QCOMPARE(::mkfifo(QFile::encodeName(path).constData(), 0600), 0);
        else
            QVERIFY(QFile::link(what == u"link" ? target : folder.filePath(u"nothing"_s), path));
        struct stat before
        {
        };
        QCOMPARE(::lstat(QFile::encodeName(path).constData(), &before), 0);

        const auto socket = ListenSocket::open({ {}, 0, path }, u"ADMIN_LISTEN"_s);
        QVERIFY(!socket);
        QVERIFY2(
            socket.error().message.startsWith(u"ADMIN_LISTEN: unix:"_s + path), qPrintable(socket.error().message));
        QVERIFY2(socket.error().message.contains(words), qPrintable(socket.error().message));
        struct stat after
        {
        };
        QCOMPARE(::lstat(QFile::encodeName(path).constData(), &after), 0);
        QCOMPARE(after.st_ino, before.st_ino);
        QCOMPARE(QFileInfo(target).size(), 4);
    }

    void takesThePlaceOfASocketThatACrashLeft()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(u"s"_s);
        const int left = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const QByteArray name = QFile::encodeName(path);
        std::memcpy(address.sun_path, name.constData(), size_t(name.size()));
        QCOMPARE(::bind(left, reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
        ::close(left);
        QVERIFY(ListenSocket::open({ {}, 0, path }));
    }

    void removesNothingButItsOwnSocketAtTheEnd()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(u"s"_s);
        {
            const auto socket = ListenSocket::open({ {}, 0, path });
            QVERIFY(socket);
            QVERIFY(QFile::remove(path));
            QFile other(path);
            QVERIFY(other.open(QIODevice::WriteOnly));
            other.write("data");
        }
        QCOMPARE(QFileInfo(path).size(), 4);
    }

    void acceptsAndTellsWhoComes()
    {
        const auto socket = ListenSocket::open(kAnyPort);
        QVERIFY(socket);
        const FakeClock clock;
        Poller poller;
        TimingWheel wheel(clock);
        std::vector<AcceptedSocket> accepted;
        LoopCommons commons(100'000);
        const Acceptor acceptor(socket.value()->descriptor(), poller, wheel, commons,
            [&accepted](AcceptedSocket one) { accepted.push_back(one); });
        std::vector<int> clients;
        for (int i = 0; i < 100; ++i) // more than one turn takes
            clients.push_back(connectTo(portOf(*socket.value())));
        QTRY_COMPARE(accepted.size(), clients.size());
        QCOMPARE(commons.acceptFailures.load(), 0);
        QCOMPARE(commons.turnedAway.load(), 0);
        for (const AcceptedSocket &one : accepted) {
            QCOMPARE(one.peer, IpAddress::fromIpv4(0x7f000001));
            QVERIFY(one.port > 0);
            int unsent = 0;
            socklen_t size = sizeof unsent;
            ::getsockopt(one.fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, &size);
            QCOMPARE(unsent, kMaxUnsentBytes); // of the listening socket
            ::close(one.fd);
        }
        for (const int fd : clients)
            ::close(fd);
    }

    void turnsAwayWhoComesWhenOnlyOwnDescriptorsAreLeft()
    {
        const auto socket = ListenSocket::open(kAnyPort);
        QVERIFY(socket);
        const FakeClock clock;
        Poller poller;
        TimingWheel wheel(clock);
        int accepted = 0;
        LoopCommons commons(1); // all that there are
        const Acceptor acceptor(socket.value()->descriptor(), poller, wheel, commons, [&accepted](AcceptedSocket one) {
            ++accepted;
            ::close(one.fd);
        });
        for (int i = 0; i < 100; ++i) {
            const int fd = connectTo(portOf(*socket.value()));
            QTRY_COMPARE(commons.turnedAway.load(), i + 1);
            char byte = 0;
            QTRY_VERIFY(::recv(fd, &byte, 1, MSG_DONTWAIT) == 0); // told at once
            ::close(fd);
        }
        QCOMPARE(accepted, 0);
    }

    void turnsAwayWhereNothingIsLeft()
    {
        const auto socket = ListenSocket::open(kAnyPort);
        QVERIFY(socket);
        FakeClock clock;
        Poller poller;
        TimingWheel wheel(clock);
        LoopCommons commons(100'000); // which the limit below does not know of
        const Acceptor acceptor(
            socket.value()->descriptor(), poller, wheel, commons, [](AcceptedSocket one) { ::close(one.fd); });
        std::vector<int> clients;
        for (int i = 0; i < 20; ++i)
            clients.push_back(connectTo(portOf(*socket.value())));
        rlimit before{};
        ::getrlimit(RLIMIT_NOFILE, &before);
        rlimit none = before;
        none.rlim_cur = rlim_t(clients.back()); // all below are in use, and so is the reserve
        ::setrlimit(RLIMIT_NOFILE, &none);
        QTRY_VERIFY(commons.acceptFailures.load() > 0);
        ::setrlimit(RLIMIT_NOFILE, &before);
        for (const int fd : clients)
            ::close(fd);
        // It goes on by itself.
        const int late = connectTo(portOf(*socket.value()));
        char byte = 0;
        clock.advance(TimingWheel::kTick);
        wheel.advance();
        QTRY_VERIFY(::recv(late, &byte, 1, MSG_DONTWAIT) == 0);
        ::close(late);
    }
};

QTEST_GUILESS_MAIN(TestListenSocket)
#include "tst_listensocket.moc"
