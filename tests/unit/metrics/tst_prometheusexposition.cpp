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
    void writesCumulativeBuckets();
    void readsItsOwnProcess();

private:
    static PrometheusInput input()
    {
        PrometheusInput values;
        values.sums.activeConnections = 5;
        values.sums.accepted = 150;
        values.sums.messagesIn = 980;
        values.sums.messagesOut = 1250;
        values.sums.closed = 145;
        values.sums.refused[size_t(Reason::TooManyConnections)] = 7;
        values.sums.refused[size_t(Reason::RateLimited)] = 30;
        values.sums.observed[size_t(Reason::RateLimited)] = 2;
        values.trackedAddresses = 11;
        values.limitsRevision = 3;
        return values;
    }
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
    row("gatehouse_closes_total 145");
    row("gatehouse_send_queue_bytes 0");
    row("gatehouse_tracked_addresses 11");
    row("gatehouse_limits_revision 3");
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
    static const QRegularExpression sample(
        u"^[a-z_]+(\\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*\\})? [0-9.e+-]+$"_s);
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

void PrometheusExpositionTest::writesCumulativeBuckets()
{
    LatencyHistogram times;
    times.add(2ms);
    times.add(30ms);
    times.add(5s);
    PrometheusInput values = input();
    values.publishTimes = &times;
    const QList<QByteArray> lines = prometheusText(values, {}).split('\n');
    QVERIFY(lines.contains("gatehouse_publish_seconds_bucket{le=\"0.0025\"} 1"));
    QVERIFY(lines.contains("gatehouse_publish_seconds_bucket{le=\"0.05\"} 2"));
    QVERIFY(lines.contains("gatehouse_publish_seconds_bucket{le=\"+Inf\"} 3"));
    QVERIFY(lines.contains("gatehouse_publish_seconds_count 3"));
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
