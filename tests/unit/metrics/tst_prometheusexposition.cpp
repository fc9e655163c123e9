// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtCore/QRegularExpression>
#include <QtCore/QSet>
#include <QtTest/QTest>

#include "server/metrics/prometheusexposition.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace gatehouse;

class PrometheusExpositionTest final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void holdsTheDocumentedNames_data();
    void holdsTheDocumentedNames();
    void isWellFormed();
    void namesNobody();
    void writesCumulativeBuckets_data();
    void writesCumulativeBuckets();
    void tellsOfTheCluster();
    void boundsTheCloseCodes();
    void addsUpWhatEachWorkerClosed();
    void readsItsOwnProcess();

private:
    PrometheusInput input() const
    {
        PrometheusInput values{ {}, 0, 0, 0, {}, m_publishTimes, m_fanoutTimes, m_storeWriteTimes };
        values.sums.activeConnections = 5;
        values.sums.accepted = 150;
        values.sums.messagesIn = 980;
        values.sums.messagesOut = 1250;
        values.sums.closed = 145;
        values.sums.refused[size_t(Reason::TooManyConnections)] = 7;
        values.sums.refused[size_t(Reason::RateLimited)] = 30;
        values.sums.observed[size_t(Reason::RateLimited)] = 2;
        values.trackedAddresses = 11;
        values.sums.closedByClient[closeCodeIndex(CloseCode::Normal)] = 120;
        values.sums.closedByClient[closeCodeIndex(CloseCode(3999))] = 4;
        values.sums.closedByServer[closeCodeIndex(CloseCode::KickedByAdmin)] = 21;
        values.published = 17;
        values.memory.budgetBytes = 400;
        values.memory.level = MemoryLevel::CutSlow;
        values.memory.held[size_t(MemoryHolder::Http)] = 12;
        values.storeFailures = 1;
        values.refusalsNotLogged = 21;
        values.refusalsNotStored = 22;
        values.refusalsNotKept = 23;
        values.net = { { 12, 34, { 1, 2, 3 } }, 4, 5, 6, 7500ms, 8s };
        values.net.malformed[size_t(MalformedKind::Tls)] = 9;
        values.net.malformed[size_t(MalformedKind::Timeout)] = 10;
        values.limits.revision = 3;
        values.limits[LimitKey::MaxConnections] = { 12'000, LimitMode::Observe };
        return values;
    }

    LatencyHistogram m_publishTimes;
    LatencyHistogram m_fanoutTimes;
    LatencyHistogram m_storeWriteTimes;
};

void PrometheusExpositionTest::holdsTheDocumentedNames_data()
{
    QTest::addColumn<QByteArray>("line");
    const auto row = [](const char *line) { QTest::newRow(line) << QByteArray(line); };
    row("gatehouse_connections 5");
    row("gatehouse_handshakes_total{outcome=\"accepted\",guard=\"\",reason=\"\"} 150");
    row("gatehouse_handshakes_total{outcome=\"refused\",guard=\"address\",reason=\"too_many_connections\"} 7");
    row("gatehouse_guard_refusals_total{guard=\"message\",reason=\"rate_limited\",mode=\"enforce\"} 30");
    row("gatehouse_guard_refusals_total{guard=\"message\",reason=\"rate_limited\",mode=\"observe\"} 2");
    row("gatehouse_messages_total{direction=\"in\",outcome=\"ok\"} 950");
    row("gatehouse_messages_total{direction=\"in\",outcome=\"refused\"} 30");
    row("gatehouse_messages_total{direction=\"out\",outcome=\"ok\"} 1250");
    row("gatehouse_closes_total{code=\"1000\",initiator=\"client\"} 120");
    row("gatehouse_closes_total{code=\"1000\",initiator=\"server\"} 0");
    row("gatehouse_closes_total{code=\"other\",initiator=\"client\"} 4");
    row("gatehouse_closes_total{code=\"4133\",initiator=\"server\"} 21");
    row("gatehouse_notifications_published_total 17");
    row("gatehouse_store_failures_total 1");
    row("gatehouse_refusals_left_out_total{place=\"log\"} 21");
    row("gatehouse_refusals_left_out_total{place=\"store\"} 22");
    row("gatehouse_refusals_left_out_total{place=\"memory\"} 23");
    row("gatehouse_http_connections 12");
    row("gatehouse_http_held_bytes 34");
    row("gatehouse_http_dropped_total{reason=\"address\"} 1");
    row("gatehouse_http_dropped_total{reason=\"memory\"} 2");
    row("gatehouse_http_dropped_total{reason=\"descriptors\"} 3");
    row("gatehouse_http_malformed_total{kind=\"syntax\"} 0");
    row("gatehouse_http_malformed_total{kind=\"tls\"} 9");
    row("gatehouse_http_malformed_total{kind=\"timeout\"} 10");
    row("gatehouse_accept_failures_total 4");
    row("gatehouse_clients_turned_away_total 5");
    row("gatehouse_worker_blocked_total 6");
    row("gatehouse_worker_blocked_seconds_total 7.5");
    row("gatehouse_worker_blocked_now_seconds 8");
    row("# TYPE gatehouse_closes_total counter");
    row("# TYPE gatehouse_publish_seconds histogram");
    row("# TYPE gatehouse_fanout_seconds histogram");
    row("# TYPE gatehouse_store_write_seconds histogram");
    row("gatehouse_fanout_seconds_count 0");
    row("gatehouse_send_queue_bytes 0");
    row("gatehouse_tracked_addresses 11");
    row("gatehouse_memory_budget_bytes 400");
    row("gatehouse_memory_level 2");
    row("gatehouse_memory_held_bytes{holder=\"queues\"} 0");
    row("gatehouse_memory_held_bytes{holder=\"http\"} 12");
    row("gatehouse_memory_held_bytes{holder=\"connections\"} 0");
    row("gatehouse_limits_revision 3");
    row("gatehouse_limit{limit=\"max_connections\",mode=\"observe\"} 12000");
    row("gatehouse_limit{limit=\"max_messages_per_minute\",mode=\"enforce\"} 60");
    row("process_resident_memory_bytes 4096");
}

void PrometheusExpositionTest::holdsTheDocumentedNames()
{
    QFETCH(QByteArray, line);
    ProcessStats process;
    process.residentBytes = 4096;
    const QByteArray text = prometheusText(input(), process);
    QVERIFY2(text.split('\n').contains(line), text.constData());
}

void PrometheusExpositionTest::isWellFormed()
{
    static const QRegularExpression sample(u"^[a-z_]+(\\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*\\})? [0-9.e+-]+$"_s);
    QSet<QByteArray> seen;
    for (const QByteArray &line : prometheusText(input(), readProcessStats()).split('\n')) {
        if (line.isEmpty() || line.startsWith('#'))
            continue;
        QVERIFY2(sample.match(QString::fromUtf8(line)).hasMatch(), line.constData());
        const QByteArray key = line.left(line.lastIndexOf(' '));
        QVERIFY2(!seen.contains(key), line.constData()); // a series is written once
        seen.insert(key);
    }
    QVERIFY(seen.size() > 40);
}

void PrometheusExpositionTest::namesNobody()
{
    const QByteArray text = prometheusText(input(), {});
    for (const char *label : { "address=", "user=", "origin=", "token=" })
        QVERIFY2(!text.contains(label), label);
}

void PrometheusExpositionTest::writesCumulativeBuckets_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<LatencyHistogram *>("times");
    QTest::newRow("publish") << QByteArray("gatehouse_publish_seconds") << &m_publishTimes;
    QTest::newRow("fan-out") << QByteArray("gatehouse_fanout_seconds") << &m_fanoutTimes;
    QTest::newRow("store") << QByteArray("gatehouse_store_write_seconds") << &m_storeWriteTimes;
}

void PrometheusExpositionTest::writesCumulativeBuckets()
{
    QFETCH(QByteArray, name);
    QFETCH(LatencyHistogram *, times);
    times->add(2ms);
    times->add(30ms);
    times->add(5s);
    const QList<QByteArray> lines = prometheusText(input(), {}).split('\n');
    QVERIFY(lines.contains(name + "_bucket{le=\"0.001\"} 0"));
    QVERIFY(lines.contains(name + "_bucket{le=\"0.002\"} 1"));
    QVERIFY(lines.contains(name + "_bucket{le=\"0.05\"} 2"));
    QVERIFY(lines.contains(name + "_bucket{le=\"2.5\"} 2"));
    QVERIFY(lines.contains(name + "_bucket{le=\"+Inf\"} 3"));
    QVERIFY(lines.contains(name + "_sum 5.032"));
    QVERIFY(lines.contains(name + "_count 3"));
}

void PrometheusExpositionTest::tellsOfTheCluster()
{
    QVERIFY(!prometheusText(input(), {}).contains("gatehouse_cluster_")); // there is none
    PrometheusInput values = input();
    LatencyHistogram admissions;
    admissions.add(300us);
    admissions.add(1600us);
    values.cluster = ClusterStats{ .isRedisUp = true,
        .nodes = { 2, 1, 0, 0 },
        .admissionTimes = &admissions,
        .unansweredAdmissions = 1,
        .streamEntries = 12,
        .refusedEntries = 2,
        .streamGaps = 3,
        .streamBehind = 4,
        .ingested = 5,
        .refusedIngests = 6,
        .refusedMessages = 7 };
    const QList<QByteArray> lines = prometheusText(values, {}).split('\n');
    for (const char *line : { "gatehouse_cluster_redis_up 1", "gatehouse_cluster_limits_shared 0",
             "gatehouse_cluster_nodes{state=\"up\"} 2", "gatehouse_cluster_nodes{state=\"lost\"} 1",
             "gatehouse_cluster_nodes{state=\"unknown\"} 0",
             "gatehouse_cluster_admission_seconds_bucket{le=\"0.0005\"} 1",
             "gatehouse_cluster_admission_seconds_bucket{le=\"0.002\"} 2",
             "gatehouse_cluster_admissions_unanswered_total 1",
             "gatehouse_cluster_stream_entries_total{outcome=\"ok\"} 10",
             "gatehouse_cluster_stream_entries_total{outcome=\"refused\"} 2", "gatehouse_cluster_stream_gaps_total 3",
             "gatehouse_cluster_stream_behind 4", "gatehouse_cluster_ingested_total{outcome=\"ok\"} 5",
             "gatehouse_cluster_ingested_total{outcome=\"refused\"} 6", "gatehouse_cluster_messages_refused_total 7" })
        QVERIFY2(lines.contains(line), line);
    QVERIFY(!lines.contains("gatehouse_ingest_redis_up 0"));
    values.ingest = IngestStats{ true, 8, 9 };
    const QList<QByteArray> more = prometheusText(values, {}).split('\n');
    for (const char *line : { "gatehouse_ingest_redis_up 1", "gatehouse_ingested_total{outcome=\"ok\"} 8",
             "gatehouse_ingested_total{outcome=\"refused\"} 9" })
        QVERIFY2(more.contains(line), line);
}

void PrometheusExpositionTest::boundsTheCloseCodes()
{
    WorkerCounters worker;
    for (int code = 0; code <= 0xffff; ++code) {
        QVERIFY(closeCodeIndex(CloseCode(code)) < kCountedCloseCodes.size());
        worker.countClose(CloseCode(code), code % 2 == 0);
    }
    const CounterSums sums = sumCounters({ &worker });
    qint64 all = 0;
    for (size_t i = 0; i < kCountedCloseCodes.size(); ++i) {
        all += sums.closedByClient[i] + sums.closedByServer[i];
        if (i != kOtherCloseCode)
            QCOMPARE(sums.closedByClient[i] + sums.closedByServer[i], 1); // each named code has a place of its own
    }
    QCOMPARE(all, 0x10000);
    QCOMPARE(closeCodeIndex(CloseCode(0)), kOtherCloseCode);
    QCOMPARE(closeCodeIndex(CloseCode(4000)), kOtherCloseCode);
}

void PrometheusExpositionTest::addsUpWhatEachWorkerClosed()
{
    std::array<WorkerCounters, 2> workers;
    workers[0].countClose(CloseCode::GoingAway, true);
    workers[1].countClose(CloseCode::GoingAway, true);
    workers[1].countClose(CloseCode::GoingAway, false);
    PrometheusInput values = input();
    values.sums = sumCounters({ &workers[0], &workers[1] });
    const QList<QByteArray> lines = prometheusText(values, {}).split('\n');
    QVERIFY(lines.contains("gatehouse_closes_total{code=\"1001\",initiator=\"client\"} 2"));
    QVERIFY(lines.contains("gatehouse_closes_total{code=\"1001\",initiator=\"server\"} 1"));
}

void PrometheusExpositionTest::readsItsOwnProcess()
{
    const ProcessStats stats = readProcessStats();
    QVERIFY(stats.residentBytes > 1e6);
    QVERIFY(stats.virtualBytes > stats.residentBytes);
    QVERIFY(stats.openFds >= 3);
    QVERIFY(stats.maxFds >= stats.openFds);
    QVERIFY(stats.startTimeSeconds > 1.5e9);
}

QTEST_GUILESS_MAIN(PrometheusExpositionTest)
#include "tst_prometheusexposition.moc"
