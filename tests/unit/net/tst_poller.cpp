// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <functional>

#include <QtTest/QTest>

#include <sys/epoll.h>
#include <unistd.h>

#include "server/net/poller.h"

using namespace gatehouse;

namespace {

/// A pipe whose reading end is watched.
class Target final : public PollTarget
{
public:
    Target() { [[maybe_unused]] const int error = ::pipe(m_fds.data()); }
    ~Target() override
    {
        ::close(m_fds[0]);
        ::close(m_fds[1]);
    }
    Q_DISABLE_COPY_MOVE(Target)

    void ready(quint32 events) override
    {
        ++calls;
        lastEvents = events;
        char byte = 0;
        [[maybe_unused]] const ssize_t taken = ::read(m_fds[0], &byte, 1);
        if (then)
            then();
    }
    void poke() const { QCOMPARE(::write(m_fds[1], "x", 1), 1); }
    [[nodiscard]] int fd() const { return m_fds[0]; }

    int calls = 0;
    quint32 lastEvents = 0;
    std::function<void()> then;

private:
    std::array<int, 2> m_fds{ -1, -1 };
};

} // namespace

class TestPoller : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tellsOnlyTheReadyOnes()
    {
        Poller poller;
        Target one;
        Target two;
        QVERIFY(poller.isValid());
        QVERIFY(poller.add(one.fd(), EPOLLIN, &one));
        QVERIFY(poller.add(two.fd(), EPOLLIN, &two));
        one.poke();
        QTRY_COMPARE(one.calls, 1);
        QVERIFY(one.lastEvents & EPOLLIN);
        QCOMPARE(two.calls, 0);
        poller.remove(one.fd());
        poller.remove(two.fd());
    }

    void tellsAgainWhileSomethingIsLeft()
    {
        Poller poller;
        Target target;
        QVERIFY(poller.add(target.fd(), EPOLLIN, &target));
        for (int i = 0; i < 3; ++i)
            target.poke();
        QTRY_COMPARE(target.calls, 3);
        poller.remove(target.fd());
    }

    void asksForOtherEventsFromNowOn()
    {
        Poller poller;
        Target target;
        QVERIFY(poller.add(target.fd(), 0, &target));
        target.poke();
        for (int i = 0; i < 20; ++i)
            QCoreApplication::processEvents();
        QCOMPARE(target.calls, 0);
        poller.modify(target.fd(), EPOLLIN);
        QTRY_COMPARE(target.calls, 1);
        poller.remove(target.fd());
    }

    void tellsNothingToOneRemovedInTheSameTurn()
    {
        Poller poller;
        Target one;
        Target two;
        QVERIFY(poller.add(one.fd(), EPOLLIN, &one));
        QVERIFY(poller.add(two.fd(), EPOLLIN, &two));
        one.then = [&] { poller.remove(two.fd()); };
        two.then = [&] { poller.remove(one.fd()); };
        one.poke();
        two.poke();
        QTRY_VERIFY(one.calls + two.calls > 0);
        for (int i = 0; i < 20; ++i)
            QCoreApplication::processEvents();
        QCOMPARE(one.calls + two.calls, 1);
        poller.remove(one.fd());
        poller.remove(two.fd());
    }

    void refusesABadDescriptor()
    {
        Poller poller;
        int fd = -1;
        {
            const Target gone;
            fd = gone.fd();
        }
        Target target;
        const int closed = target.fd() == fd ? fd + 500 : fd;
        QVERIFY(!poller.add(closed, EPOLLIN, &target));
        poller.remove(closed); // does nothing
    }
};

QTEST_GUILESS_MAIN(TestPoller)
#include "tst_poller.moc"
