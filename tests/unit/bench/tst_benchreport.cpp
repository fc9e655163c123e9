// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QtTest>

#include "server/bench/benchreport.h"
#include "server/bench/modes.h"

using namespace Qt::StringLiterals;
using namespace gatehouse::bench;
using namespace std::chrono_literals;

class TestBenchReport final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void modesAreInOrder();
    void json();
    void tableOfSeveralRounds();
    void tableOfOneRound();
    void interrupted();

private:
    static BenchReport report(ModeKey mode)
    {
        BenchReport made;
        made.plan.mode = mode;
        made.plan.target.text = u"http://127.0.0.1:8080"_s;
        made.plan.connections = 1000;
        made.plan.inFlight = 8;
        made.plan.duration = 2s;
        made.rounds.resize(2);
        made.rounds[0].set(Measure::Operations, 1'234'567.0);
        made.rounds[1].set(Measure::Operations, 34.0);
        made.rounds[0].set(Measure::CpuPerOperation, 4.4444);
        return made;
    }
};

void TestBenchReport::modesAreInOrder()
{
    for (size_t i = 0; i < kModeCount; ++i) {
        const ModeDescriptor &mode = modeDescriptors()[i];
        QCOMPARE(size_t(mode.key), i);
        QCOMPARE(findMode(QString(mode.name)), &mode);
    }
    QVERIFY(!findMode(u"Echo"));
    QVERIFY(!findMode(u""));
}

void TestBenchReport::json()
{
    const QJsonObject json = report(ModeKey::Fanout).toJson();
    QCOMPARE(json.value("mode"_L1).toString(), u"fanout"_s);
    QCOMPARE(json.value("operation"_L1).toString(), u"delivery"_s);
    QCOMPARE(json.value("server"_L1).toString(), u"http://127.0.0.1:8080"_s);
    QCOMPARE(json.value("contract"_L1).toString(), u"gatehouse"_s);
    QCOMPARE(json.value("connections"_L1).toInt(), 1000);
    QCOMPARE(json.value("in_flight"_L1).toInt(), 8);
    QCOMPARE(json.value("round_seconds"_L1).toDouble(), 2.0);
    QCOMPARE(json.value("interrupted"_L1).toBool(true), false);
    const QJsonArray rounds = json.value("rounds"_L1).toArray();
    QCOMPARE(rounds.size(), 2);
    QCOMPARE(rounds[0].toObject().value("cpu_us_per_operation"_L1).toDouble(), 4.444);
    QVERIFY(!rounds[1].toObject().contains("cpu_us_per_operation"_L1));
    QCOMPARE(json.value("median"_L1).toObject().value("operations"_L1).toDouble(), 617'300.5);
    QVERIFY(!report(ModeKey::Churn).toJson().contains("connections"_L1));
    QVERIFY(!report(ModeKey::Idle).toJson().contains("in_flight"_L1));
}

void TestBenchReport::tableOfSeveralRounds()
{
    const QStringList lines = report(ModeKey::Fanout).toTable().split(u'\n');
    QCOMPARE(lines.size(), 4);
    QCOMPARE(
        lines[0], u"gatehouse bench fanout: http://127.0.0.1:8080, 1000 connections, 8 in flight, 2 rounds of 2 s"_s);
    QCOMPARE(lines[1].simplified(), u"median lowest highest"_s);
    QCOMPARE(lines[2].simplified(), u"server CPU per delivery, µs 4.444 4.444 4.444"_s);
    QCOMPARE(lines[3].simplified(), u"deliveries 617,301 34 1,234,567"_s);
    QCOMPARE(lines[1].size(), lines[3].size()); // the columns stand below one another
}

void TestBenchReport::tableOfOneRound()
{
    BenchReport single = report(ModeKey::Idle);
    single.plan.connections = 1;
    single.rounds.pop_back();
    const QStringList lines = single.toTable().split(u'\n');
    QCOMPARE(lines[0], u"gatehouse bench idle: http://127.0.0.1:8080, 1 connection, 1 round of 2 s"_s);
    QCOMPARE(lines[1].simplified(), u"value"_s);
    QCOMPARE(lines.back().simplified(), u"heartbeats 1,234,567"_s);
}

void TestBenchReport::interrupted()
{
    BenchReport stopped = report(ModeKey::Echo);
    stopped.isInterrupted = true;
    stopped.rounds.clear();
    QVERIFY(stopped.toTable().startsWith(u"gatehouse bench echo: "_s));
    QVERIFY(stopped.toTable().contains(u", interrupted\n"_s));
    QVERIFY(stopped.toJson().value("interrupted"_L1).toBool());
    QVERIFY(stopped.toJson().value("median"_L1).toObject().isEmpty());
}

QTEST_APPLESS_MAIN(TestBenchReport)
#include "tst_benchreport.moc"
