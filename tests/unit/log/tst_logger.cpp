// SPDX-License-Identifier: GPL-3.0-or-later
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include <QtTest/QtTest>

#include "server/log/logger.h"
#include "tests/support/fakeclock.h"

using namespace Qt::StringLiterals;
using namespace gatehouse;
using namespace std::chrono_literals;

namespace {

constexpr auto kPatience = 30s;

/// A sink that keeps what it gets and can be held up.
class TestSink
{
public:
    [[nodiscard]] LogSink sink()
    {
        return [this](QByteArrayView lines, const std::function<bool()> &shouldStop) {
            std::unique_lock lock(m_mutex);
            m_isEntered = true;
            m_changed.notify_all();
            while (m_isHeld && !shouldStop())
                m_changed.wait_for(lock, 10ms);
            m_written += lines;
        };
    }
    void hold()
    {
        const std::lock_guard lock(m_mutex);
        m_isHeld = true;
        m_isEntered = false;
    }
    /// Waits until the writer is in the sink.
    void waitUntilEntered()
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_isEntered; });
    }
    void release()
    {
        const std::lock_guard lock(m_mutex);
        m_isHeld = false;
        m_changed.notify_all();
    }
    [[nodiscard]] QByteArray written()
    {
        const std::lock_guard lock(m_mutex);
        return m_written;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    QByteArray m_written;
    bool m_isHeld = false;
    bool m_isEntered = false;
};

} // namespace

class TestLogger final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void writesInOrder();
    void filtersLevels();
    void jsonLines();
    void dropsAndSaysHowMany();
    void neverBlocksTheCaller();
    void writesTheRestAtTheEnd();
    void linesOfManyThreadsStayWhole();
    void writesToADescriptor();
    void endsThoughNobodyReads();
    void endsThoughTheReaderIsGone();

private:
    FakeClock m_clock;
};

void TestLogger::writesInOrder()
{
    TestSink sink;
    Logger logger(m_clock, {}, sink.sink());
    logger.log(LogLevel::Info, "first"_L1);
    m_clock.advance(250ms);
    logger.log(LogLevel::Error, "second"_L1, { { "n"_L1, 2 } });
    QVERIFY(logger.flush(kPatience));
    const QList<QByteArray> lines = sink.written().split('\n');
    QCOMPARE(lines.size(), 3);
    QVERIFY(lines[0].endsWith("Z info first"));
    QVERIFY(lines[1].endsWith(".250Z error second n=2"));
}

void TestLogger::filtersLevels()
{
    TestSink sink;
    Logger logger(m_clock, { .level = LogLevel::Warning }, sink.sink());
    QVERIFY(!logger.isEnabled(LogLevel::Info));
    QVERIFY(logger.isEnabled(LogLevel::Warning));
    logger.log(LogLevel::Debug, "a"_L1);
    logger.log(LogLevel::Info, "b"_L1);
    logger.log(LogLevel::Warning, "c"_L1);
    logger.log(LogLevel::Error, "d"_L1);
    QVERIFY(logger.flush(kPatience));
    QCOMPARE(sink.written().count('\n'), 2);
}

void TestLogger::jsonLines()
{
    TestSink sink;
    Logger logger(m_clock, { .format = LogFormat::Json }, sink.sink());
    logger.log(LogLevel::Info, "started"_L1, { { "port"_L1, 8080 } });
    QVERIFY(logger.flush(kPatience));
    QVERIFY(sink.written().endsWith(R"("level":"info","event":"started","port":8080})"
                                    "\n"));
}

void TestLogger::dropsAndSaysHowMany()
{
    TestSink sink;
    Logger logger(m_clock, { .maxQueuedBytes = 1000 }, sink.sink());
    sink.hold();
    logger.log(LogLevel::Info, "held"_L1);
    sink.waitUntilEntered();
    for (int i = 0; i < 1000; ++i)
        logger.log(LogLevel::Info, "flood"_L1, { { "n"_L1, i } });
    sink.release();
    QVERIFY(logger.flush(kPatience));
    const QByteArray written = sink.written();
    const qsizetype kept = written.count(" flood ");
    QVERIFY(kept > 5 && kept < 40);
    const QByteArray report = "warning log_lines_dropped count=" + QByteArray::number(1000 - kept) + '\n';
    QVERIFY2(written.contains(report), written.constData());
    logger.log(LogLevel::Info, "after"_L1);
    QVERIFY(logger.flush(kPatience));
    QVERIFY(sink.written().endsWith(" after\n"));
    QCOMPARE(sink.written().count("log_lines_dropped"), 1);
}

void TestLogger::neverBlocksTheCaller()
{
    TestSink sink;
    Logger logger(m_clock, {}, sink.sink());
    sink.hold();
    QElapsedTimer timer;
    timer.start();
    for (int i = 0; i < 10'000; ++i)
        logger.log(LogLevel::Info, "flood"_L1);
    QVERIFY(timer.elapsed() < 5000);
    QVERIFY(!logger.flush(10ms));
    sink.release();
    QVERIFY(logger.flush(kPatience));
}

void TestLogger::writesTheRestAtTheEnd()
{
    TestSink sink;
    {
        Logger logger(m_clock, {}, sink.sink());
        for (int i = 0; i < 100; ++i)
            logger.log(LogLevel::Info, "line"_L1);
    }
    QCOMPARE(sink.written().count(" line\n"), 100);
}

void TestLogger::linesOfManyThreadsStayWhole()
{
    TestSink sink;
    {
        Logger logger(m_clock, {}, sink.sink());
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&logger] {
                for (int i = 0; i < 250; ++i)
                    logger.log(LogLevel::Info, "line"_L1, { { "value"_L1, u"some words"_s } });
            });
        for (std::thread &thread : threads)
            thread.join();
    }
    QCOMPARE(sink.written().count("2025-11-10T12:00:0"), 1000);
    QCOMPARE(sink.written().count(" info line value=\"some words\"\n"), 1000);
}

void TestLogger::writesToADescriptor()
{
    int ends[2];
    QCOMPARE(::pipe(ends), 0);
    {
        Logger logger(m_clock, {}, descriptorSink(ends[1]));
        logger.log(LogLevel::Info, "line"_L1, { { "value"_L1, QString(900, u'x') } });
    }
    ::close(ends[1]);
    QFile reader;
    QVERIFY(reader.open(ends[0], QIODevice::ReadOnly, QFileDevice::AutoCloseHandle));
    const QByteArray text = reader.readAll();
    QVERIFY(text.endsWith(QByteArray(QByteArray(900, 'x') + '\n')));
}

void TestLogger::endsThoughNobodyReads()
{
    int ends[2];
    QCOMPARE(::pipe(ends), 0);
    QElapsedTimer timer;
    timer.start();
    {
        Logger logger(m_clock, {}, descriptorSink(ends[1]));
        for (int i = 0; i < 2000; ++i)
            logger.log(LogLevel::Info, "line"_L1, { { "value"_L1, QString(200, u'x') } }); // more than a pipe holds
    }
    QVERIFY2(timer.elapsed() < 5000, "the destructor gives up after a second");
    ::close(ends[0]);
    ::close(ends[1]);
}

void TestLogger::endsThoughTheReaderIsGone()
{
    const auto previous = ::signal(SIGPIPE, SIG_IGN);
    int ends[2];
    QCOMPARE(::pipe(ends), 0);
    ::close(ends[0]);
    {
        Logger logger(m_clock, {}, descriptorSink(ends[1]));
        logger.log(LogLevel::Info, "line"_L1);
        QVERIFY(logger.flush(kPatience));
    }
    ::close(ends[1]);
    ::signal(SIGPIPE, previous);
}

QTEST_APPLESS_MAIN(TestLogger)
#include "tst_logger.moc"
