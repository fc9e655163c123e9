// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include <sys/socket.h>
#include <unistd.h>

#include "server/net/connectionloop.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;

namespace {

/// A loop, and the other ends of what it has taken.
class Rig final
{
public:
    explicit Rig(int ipv6PrefixBits)
        : m_environment{
            .clock = &m_clock, .trustedProxies = &m_proxies, .commons = &commons, .ipv6PrefixBits = ipv6PrefixBits
        }
    {
    }
    ~Rig()
    {
        for (const int fd : m_fds)
            ::close(fd);
    }
    Q_DISABLE_COPY_MOVE(Rig)

    void connectFrom(const QByteArray &address)
    {
        int fds[2]{ -1, -1 };
        QCOMPARE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
        m_fds.push_back(fds[1]);
        m_loop.adopt({ fds[0], IpAddress::parse(address).value(), 4711 }, ListenScope());
    }
    [[nodiscard]] qint64 lost() const { return commons.places.counts().lost[size_t(HttpPlaces::Why::Address)]; }

    LoopCommons commons{ 1000 };

private:
    FakeClock m_clock;
    std::vector<Network> m_proxies;
    ConnectionLoopEnvironment m_environment;
    std::vector<int> m_fds;
    ConnectionLoop m_loop{ m_environment };
};

} // namespace

class TestConnectionLoop : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void countsPlacesByTheBucketsOfLimits_data()
    {
        QTest::addColumn<int>("ipv6PrefixBits");
        QTest::addColumn<qint64>("lost");
        QTest::newRow("each /64 is another's") << 64 << qint64(0);
        QTest::newRow("a /48 is one address") << 48 << qint64(1);
    }
    void countsPlacesByTheBucketsOfLimits()
    {
        QFETCH(int, ipv6PrefixBits);
        QFETCH(qint64, lost);
        Rig rig(ipv6PrefixBits);
        for (size_t i = 0; i <= kMaxStrangersPerAddress; ++i)
            rig.connectFrom("2001:db8:5:" + QByteArray::number(int(i), 16) + "::1");
        QCOMPARE(rig.commons.places.counts().connections, qint64(kMaxStrangersPerAddress + 1) - lost);
        QCOMPARE(rig.lost(), lost);
    }
};

QTEST_GUILESS_MAIN(TestConnectionLoop)
#include "tst_connectionloop.moc"
