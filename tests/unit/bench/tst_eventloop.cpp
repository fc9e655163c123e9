// SPDX-License-Identifier: GPL-3.0-or-later
#include <csignal>

#include <QtTest/QtTest>

#include <sys/epoll.h>
#include <unistd.h>

#include "server/bench/eventloop.h"

using namespace gatehouse::bench;
using namespace std::chrono_literals;

namespace {

/// A pipe, whose reading end is watched.
class Pipe final : public Pollable
{
public:
    explicit Pipe(EventLoop &loop)
        : m_isValid(::pipe(m_ends) == 0)
    {
        loop.add(m_ends[0], EPOLLIN, this);
    }
    ~Pipe() override
    {
        close();
        ::close(m_ends[1]);
    }
    Q_DISABLE_COPY_MOVE(Pipe)

    [[nodiscard]] bool isValid() const { return m_isValid; }
    void ready(quint32) override
    {
        ++calls;
        char byte = 0;
        if (::read(m_ends[0], &byte, 1) == 1)
            received += byte;
    }
    [[nodiscard]] bool write(const char *text, size_t size) const
    {
        return ::write(m_ends[1], text, size) == ssize_t(size);
    }
    void close()
    {
        if (m_ends[0] >= 0)
            ::close(std::exchange(m_ends[0], -1));
    }

    int calls = 0;
    QByteArray received;

private:
    int m_ends[2]{ -1, -1 };
    bool m_isValid;
};

} // namespace

class TestEventLoop final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void endsWhenDone();
    void endsWhenTheTimeIsUp();
    void reportsUntilRead();
    void closedIsNotReported();
    void stopsOnSignals_data();
    void stopsOnSignals();
    void reportsProgress();
};

void TestEventLoop::endsWhenDone()
{
    EventLoop loop;
    QVERIFY(loop.isValid());
    int asked = 0;
    QCOMPARE(loop.run(10s, [&asked] { return ++asked > 0; }), EventLoop::End::Done);
    QCOMPARE(asked, 1);
}

void TestEventLoop::endsWhenTheTimeIsUp()
{
    EventLoop loop;
    const SteadyTime start = EventLoop::now();
    QCOMPARE(loop.run(20ms), EventLoop::End::TimeUp);
    QVERIFY(EventLoop::now() - start >= 20ms);
    QVERIFY(!loop.isStopped());
}

void TestEventLoop::reportsUntilRead()
{
    EventLoop loop;
    Pipe pipe(loop);
    QVERIFY(pipe.isValid() && pipe.write("abc", 3));
    QCOMPARE(loop.run(10s, [&pipe] { return pipe.received.size() == 3; }), EventLoop::End::Done);
    QCOMPARE(pipe.received, QByteArray("abc"));
    QCOMPARE(pipe.calls, 3); // level-triggered: once for each byte that was left
}

void TestEventLoop::closedIsNotReported()
{
    EventLoop loop;
    Pipe pipe(loop);
    QVERIFY(pipe.write("a", 1));
    pipe.close();
    QCOMPARE(loop.run(10ms), EventLoop::End::TimeUp);
    QCOMPARE(pipe.calls, 0);
}

void TestEventLoop::stopsOnSignals_data()
{
    QTest::addColumn<int>("number");
    QTest::newRow("SIGINT") << SIGINT;
    QTest::newRow("SIGTERM") << SIGTERM;
}

void TestEventLoop::stopsOnSignals()
{
    QFETCH(int, number);
    EventLoop loop;
    QCOMPARE(std::raise(number), 0); // to this thread: the test framework has others, which do not block it
    QCOMPARE(loop.run(10s), EventLoop::End::Stopped);
    QVERIFY(loop.isStopped());
    QCOMPARE(loop.run(10s), EventLoop::End::Stopped); // for good
}

void TestEventLoop::reportsProgress()
{
    EventLoop loop;
    int reports = 0;
    loop.onProgress([&reports] { ++reports; });
    QCOMPARE(loop.run(10s, [&reports] { return reports == 1; }), EventLoop::End::Done);
}

QTEST_APPLESS_MAIN(TestEventLoop)
#include "tst_eventloop.moc"
