// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QFile>
#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <netinet/in.h>
#include <sys/socket.h>
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

    void acceptsAndTellsWhoComes()
    {
        const auto socket = ListenSocket::open(kAnyPort);
        QVERIFY(socket);
        const FakeClock clock;
        Poller poller;
        TimingWheel wheel(clock);
        std::vector<AcceptedSocket> accepted;
        const Acceptor acceptor(
            socket.value()->descriptor(), poller, wheel, [&accepted](AcceptedSocket one) { accepted.push_back(one); });
        std::vector<int> clients;
        for (int i = 0; i < 100; ++i) // more than one turn takes
            clients.push_back(connectTo(portOf(*socket.value())));
        QTRY_COMPARE(accepted.size(), clients.size());
        QCOMPARE(acceptor.failures(), 0);
        for (const AcceptedSocket &one : accepted) {
            QCOMPARE(one.peer, IpAddress::fromIpv4(0x7f000001));
            QVERIFY(one.port > 0);
            ::close(one.fd);
        }
        for (const int fd : clients)
            ::close(fd);
    }
};

QTEST_GUILESS_MAIN(TestListenSocket)
#include "tst_listensocket.moc"
