// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <future>

#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include "server/metrics/metricsarchive.h"
#include "server/metrics/weeklysummary.h"
#include "shared/util/isotime.h"
#include "tests/support/fakeclock.h"
#include "tests/support/recordinglog.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace gatehouse;

namespace {

/// One run of a server: what is in memory, on top of the state file.
struct Run
{
    Run(const QString &path, FakeClock &time, StoreThread::Work more = {})
        : clock(time)
        , store(open(path, std::move(more)))
        , archive(*store, log, 30)
        , aggregator(clock, QTimeZone("UTC"), { { &counters }, {}, {}, {}, {} }, archive.loadNewestDay())
    {
        archive.loadHistory(history);
    }

    static std::unique_ptr<StoreThread> open(const QString &path, StoreThread::Work more)
    {
        std::vector<StoreThread::Work> schemas{ MetricsArchive::createTables };
        if (more)
            schemas.push_back(std::move(more));
        return std::move(StoreThread::start(path, schemas)).value();
    }

    void tick(int seconds)
    {
        for (int i = 0; i < seconds; ++i) {
            clock.advance(1s);
            history.add(aggregator.tick());
        }
    }

    /// Waits until everything that was queued is done.
    void settle()
    {
        std::promise<void> settled;
        store->read([&settled](Database &) { settled.set_value(); });
        settled.get_future().wait();
    }

    qint64 count(const char *sql)
    {
        std::promise<qint64> result;
        store->read([&result, sql](Database &database) {
            Statement row = database.prepare(sql);
            result.set_value(row.nextRow() ? row.integer(0) : -1);
        });
        return result.get_future().get();
    }

    std::vector<DayRecord> days(UtcTime from, UtcTime to)
    {
        std::promise<std::vector<DayRecord>> result;
        archive.loadDays(from, to, [&result](Result<std::vector<DayRecord>> all) { result.set_value(*all); });
        return result.get_future().get();
    }

    FakeClock &clock;
    RecordingLog log;
    WorkerCounters counters;
    std::unique_ptr<StoreThread> store;
    MetricsArchive archive;
    Aggregator aggregator;
    History history;
};

} // namespace

class MetricsArchiveTest final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void startsEmpty();
    void keepsTodayOverARestart();
    void keepsTheHistoryOverARestartWithItsGap();
    void savesOnlyWhatChanged();
    void savesTheFinishedDay();
    void deletesWhatIsTooOld();
    void skipsDamagedRowsAndSaysSo();
    void savesAgainWhatCouldNotBeSaved();
    void summarisesAWeek();

private:
    [[nodiscard]] QString path() const { return m_dir->filePath(u"state.sqlite"_s); }

    std::optional<FakeClock> m_clock;
    std::optional<QTemporaryDir> m_dir;
};

void MetricsArchiveTest::init()
{
    m_clock.emplace();
    m_dir.emplace();
}

void MetricsArchiveTest::startsEmpty()
{
    Run run(path(), *m_clock);
    QCOMPARE(run.aggregator.totals().connectionsToday, 0);
    QCOMPARE(run.history.memory(), 0);
    QVERIFY(run.log.lines().empty());
}

void MetricsArchiveTest::keepsTodayOverARestart()
{
    {
        Run run(path(), *m_clock);
        WorkerCounters::add(run.counters.accepted, 150);
        WorkerCounters::add(run.counters.closed, 3);
        WorkerCounters::add(run.counters.closedMillis, 2'000);
        run.tick(1);
        WorkerCounters::add(run.counters.messagesIn, 9); // after the last tick
        run.archive.save(run.aggregator, run.history);
    }
    m_clock->advance(1h);
    {
        Run run(path(), *m_clock);
        QCOMPARE(run.aggregator.totals().connectionsToday, 150);
        QCOMPARE(run.aggregator.totals().messagesReceived, 9);
        QCOMPARE(run.aggregator.totals().averageDurationSeconds, 0.67);
    }
    m_clock->advance(24h);
    Run run(path(), *m_clock);
    QCOMPARE(run.aggregator.totals().connectionsToday, 0);
}

void MetricsArchiveTest::keepsTheHistoryOverARestartWithItsGap()
{
    {
        Run run(path(), *m_clock);
        run.counters.activeConnections = 5;
        run.tick(20);
        run.archive.save(run.aggregator, run.history);
    }
    m_clock->advance(30s);
    Run run(path(), *m_clock);
    run.counters.activeConnections = 2;
    run.tick(10);
    const UtcTime now = m_clock->utc();
    const HistoryReply reply = run.history.query({ Metric::ActiveConnections }, now - 60s, now, 60);
    QCOMPARE(reply.series[0].mean[0], 5.0);
    QCOMPARE(reply.series[0].mean[19], 5.0);
    QVERIFY(std::isnan(reply.series[0].mean[20]));
    QVERIFY(std::isnan(reply.series[0].mean[49]));
    QCOMPARE(reply.series[0].mean[59], 2.0);
}

void MetricsArchiveTest::savesOnlyWhatChanged()
{
    Run run(path(), *m_clock);
    run.tick(10);
    run.archive.save(run.aggregator, run.history);
    QCOMPARE(run.count("SELECT COUNT(*) FROM metrics_blocks"), 3); // one of each resolution
    run.tick(10);
    run.archive.save(run.aggregator, run.history);
    QCOMPARE(run.count("SELECT COUNT(*) FROM metrics_blocks"), 4); // ten more seconds, in the same minutes
    QCOMPARE(run.count("SELECT COUNT(*) FROM metrics_days"), 1);
    QCOMPARE(run.count("SELECT COUNT(*) FROM metrics_layouts"), 1);
}

void MetricsArchiveTest::savesTheFinishedDay()
{
    Run run(path(), *m_clock);
    WorkerCounters::add(run.counters.accepted, 7);
    m_clock->advance(12h);
    run.tick(1);
    WorkerCounters::add(run.counters.accepted, 2);
    run.archive.save(run.aggregator, run.history);
    const std::vector<DayRecord> days = run.days(m_clock->utc() - 48h, m_clock->utc());
    QCOMPARE(days.size(), size_t(2));
    QCOMPARE(days[0][Metric::Handshakes], 7);
    QCOMPARE(days[1][Metric::Handshakes], 2);
}

void MetricsArchiveTest::deletesWhatIsTooOld()
{
    Run run(path(), *m_clock);
    run.tick(10);
    run.archive.save(run.aggregator, run.history);
    m_clock->advance(2h);
    run.archive.deleteOld(m_clock->utc());
    QCOMPARE(run.count("SELECT COUNT(*) FROM metrics_blocks WHERE step = 1"), 0);
    QCOMPARE(run.count("SELECT COUNT(*) FROM metrics_blocks"), 2);
    m_clock->advance(25h);
    run.archive.deleteOld(m_clock->utc());
    QCOMPARE(run.count("SELECT COUNT(*) FROM metrics_blocks"), 1);
    QCOMPARE(run.count("SELECT COUNT(*) FROM metrics_days"), 1);
    m_clock->advance(31 * 24h);
    run.archive.deleteOld(m_clock->utc());
    QCOMPARE(run.count("SELECT COUNT(*) FROM metrics_blocks"), 0);
    QCOMPARE(run.count("SELECT COUNT(*) FROM metrics_days"), 0);
}

void MetricsArchiveTest::skipsDamagedRowsAndSaysSo()
{
    {
        Run run(path(), *m_clock);
        run.counters.activeConnections = 5;
        run.tick(10);
        run.archive.save(run.aggregator, run.history);
    }
    Run run(path(), *m_clock, [](Database &database) {
        if (Status status = database.execute("UPDATE metrics_blocks SET data = x'0102' WHERE step = 60"); !status)
            return status;
        return database.execute("UPDATE metrics_days SET counts = 'no json'");
    });
    const auto lines = run.log.lines("metrics_history_damaged"_L1);
    QCOMPARE(lines.size(), size_t(1));
    QCOMPARE(lines[0].fields.value("blocks_skipped"_L1).toInteger(), 1);
    const UtcTime now = m_clock->utc();
    QCOMPARE(run.history.query({ Metric::ActiveConnections }, now - 10s, now, 10).series[0].mean[9], 5.0);
}

void MetricsArchiveTest::savesAgainWhatCouldNotBeSaved()
{
    Run run(path(), *m_clock);
    const auto execute = [&run](const char *sql) {
        run.store->write([sql](Database &database) { return database.execute(sql); });
        run.settle();
    };
    execute("ALTER TABLE metrics_blocks RENAME TO elsewhere");
    run.tick(10);
    run.archive.save(run.aggregator, run.history);
    run.settle();
    run.tick(10);
    run.archive.save(run.aggregator, run.history);
    run.settle();
    QCOMPARE(run.log.lines("metrics_not_saved"_L1).size(), size_t(1)); // said once, not every 10 s
    execute("ALTER TABLE elsewhere RENAME TO metrics_blocks");
    run.archive.save(run.aggregator, run.history);
    QCOMPARE(run.count("SELECT COUNT(*) FROM metrics_blocks WHERE step = 1"), 2);
    run.settle();
    QCOMPARE(run.log.lines("metrics_saved_again"_L1).size(), size_t(1));
}

void MetricsArchiveTest::summarisesAWeek()
{
    DayRecord monday = DayRecord::dayOf(m_clock->utc(), QTimeZone("UTC"));
    monday[Metric::Handshakes] = 10;
    monday[Metric::Closes] = 2;
    monday.closedMillis = 3'000;
    monday.peakConnections = 4;
    monday[Metric::RefusedConnections] = 3;
    DayRecord tuesday = DayRecord::dayOf(m_clock->utc() + 24h, QTimeZone("UTC"));
    tuesday[Metric::Handshakes] = 5;
    tuesday.peakConnections = 9;
    const QJsonObject json = summaryJson({ monday, tuesday });
    QCOMPARE(json.value("days"_L1).toArray().size(), 2);
    QCOMPARE(json.value("days"_L1)[0]["day"_L1].toString(), u"2025-11-10"_s);
    QCOMPARE(json.value("days"_L1)[0]["refusals"_L1]["refused_connections"_L1].toInteger(), 3);
    QCOMPARE(json.value("total"_L1)["connections"_L1].toInteger(), 15);
    QCOMPARE(json.value("total"_L1)["peak_connections"_L1].toInteger(), 9);
    const QList<QByteArray> lines = summaryCsv({ monday, tuesday }).split('\n');
    QCOMPARE(lines.size(), 4);
    QVERIFY(lines[0].startsWith("day,connections,peak_connections,"));
    QCOMPARE(lines[1], QByteArray("2025-11-10,10,4,0,0,1.50,0,2,3.000,3,0,0,0,0,0\r"));
}

QTEST_GUILESS_MAIN(MetricsArchiveTest)
#include "tst_metricsarchive.moc"
