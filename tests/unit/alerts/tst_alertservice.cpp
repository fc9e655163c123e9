// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "server/alerts/alertservice.h"
#include "tests/support/anycontrol.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// One run of a server on a state directory that outlives it.
struct Run
{
    explicit Run(FakeClock &time, AnyControl &kept)
        : clock(time)
        , control(kept)
    {
        service.load();
        control.start();
    }

    void evaluate(double connectionsPercent, int seconds = 15)
    {
        for (int i = 0; i < seconds; ++i) {
            clock.advance(1s);
            service.evaluate({ connectionsPercent, 0, 0 });
        }
    }

    Result<Alert> acknowledge(const QString &id, const QString &user)
    {
        return awaitCallback<Result<Alert>>([&](auto done) {
            service.acknowledge(id, { user, {} }, u"seen"_s, clock.utc(), done);
        });
    }
    Status changeRules(const std::vector<AlertRule> &rules)
    {
        return awaitCallback<Status>([&](auto done) {
            service.changeRules(rules, { u"root"_s, {} }, u"why"_s, clock.utc(), done);
        });
    }

    FakeClock &clock;
    AnyControl &control;
    RecordingLog log;
    AlertEngine engine{ clock, UlidGenerator::systemEntropy() };
    AlertWebhook webhook{ QUrl(), log };
    AlertService service{ engine, control.state.store(), control.log(), log, webhook };
};

} // namespace

class TestAlertService : public QObject
{
    Q_OBJECT

private:
    FakeClock m_clock;
    std::unique_ptr<AnyControl> m_control;

private Q_SLOTS:
    void initTestCase_data() { addControlKinds(); }
    void init() { m_control = makeControl({ &AlertService::createTables }, m_clock); }
    void cleanup() { m_control.reset(); }

    void announcesWhatIsRaisedAndCleared()
    {
        Run run(m_clock, *m_control);
        QSignalSpy changed(&run.service, &AlertService::alertChanged);
        run.evaluate(99);
        QCOMPARE(changed.size(), 1);
        const Alert raised = changed[0][0].value<Alert>();
        QVERIFY(raised.isActive());
        QCOMPARE(raised.rule, u"high_connections"_s);
        run.evaluate(99, 100);
        QCOMPARE(changed.size(), 1); // once
        run.evaluate(10);
        QCOMPARE(changed.size(), 2);
        const Alert cleared = changed[1][0].value<Alert>();
        QCOMPARE(cleared.id, raised.id);
        QVERIFY(!cleared.isActive());
        QCOMPARE(run.log.lines("alert_raised"_L1).size(), 1U);
        QCOMPARE(run.log.lines("alert_cleared"_L1).size(), 1U);
        QCOMPARE(run.log.lines("alert_raised"_L1)[0].level, LogLevel::Warning);
    }

    void anActiveAlertSurvivesARestart()
    {
        QString id;
        {
            Run run(m_clock, *m_control);
            run.evaluate(99);
            id = run.service.alerts(true).at(0).id;
        }
        m_control->restart();
        Run run(m_clock, *m_control);
        QCOMPARE(run.service.alerts(true).size(), 1U);
        QCOMPARE(run.service.alerts(true)[0].id, id);
        run.evaluate(99);
        QCOMPARE(run.service.alerts(true).size(), 1U); // it is not raised once more
        run.evaluate(10);
        QVERIFY(run.service.alerts(true).empty());
        QCOMPARE(run.service.alerts(false).size(), 1U);
    }

    void anAlertThatCannotBeAppendedKeepsNobodyFromStarting()
    {
        {
            Run run(m_clock, *m_control);
            run.evaluate(99); // it is saved, and ends before it is in the log
        }
        m_control->restart();
        QCOMPARE(m_control->state.query("SELECT count(*) FROM alert_unshared"), 1);
        QVERIFY(m_control->state.execute(
            "CREATE TRIGGER full BEFORE INSERT ON alert BEGIN SELECT RAISE(FAIL, 'full'); END"));
        Run run(m_clock, *m_control);
        QCOMPARE(run.service.alerts(true).size(), 1U);
        QVERIFY(m_control->state.execute("DROP TRIGGER full"));
        QTRY_VERIFY((run.evaluate(99, 1), m_control->state.query("SELECT count(*) FROM alert_unshared") == 0));
    }

    void acknowledgementSurvivesARestart()
    {
        QString id;
        {
            Run run(m_clock, *m_control);
            run.evaluate(99);
            QSignalSpy changed(&run.service, &AlertService::alertChanged);
            id = run.service.alerts(true).at(0).id;
            QCOMPARE(run.acknowledge(id, u"olga"_s)->acknowledgedBy, u"olga"_s);
            QCOMPARE(changed.size(), 1);
            QCOMPARE(run.log.lines("alert_acknowledged"_L1).at(0).fields["by"_L1].toString(), u"olga"_s);
        }
        m_control->restart();
        Run run(m_clock, *m_control);
        QCOMPARE(run.service.alerts(true).at(0).acknowledgedBy, u"olga"_s);
        QCOMPARE(run.acknowledge(id, u"ivan"_s)->acknowledgedBy, u"olga"_s); // the first one stands
    }

    void unknownAlertsAreNotAcknowledged()
    {
        Run run(m_clock, *m_control);
        QSignalSpy changed(&run.service, &AlertService::alertChanged);
        QCOMPARE(run.acknowledge(u"01J"_s, u"olga"_s).error().field, alerterrors::kNoSuchAlert);
        QCOMPARE(run.acknowledge({}, u"olga"_s).error().field, alerterrors::kNoSuchAlert);
        QCOMPARE(changed.size(), 0);
        QCOMPARE(m_control->state.query("SELECT count(*) FROM alert"), 0);
    }

    void rulesSurviveARestart()
    {
        {
            Run run(m_clock, *m_control);
            std::vector<AlertRule> rules = run.service.rules();
            rules[0].raiseAbove = 50;
            rules[0].clearBelow = 40;
            rules[2].isEnabled = false;
            QVERIFY(run.changeRules(rules));
        }
        m_control->restart();
        Run run(m_clock, *m_control);
        QCOMPARE(run.service.rules()[0].raiseAbove, 50.0);
        QVERIFY(!run.service.rules()[2].isEnabled);
        QVERIFY(run.log.lines().empty());
        run.evaluate(51);
        QCOMPARE(run.service.alerts(true).size(), 1U);
    }

    void badRulesChangeNothing()
    {
        Run run(m_clock, *m_control);
        std::vector<AlertRule> rules = run.service.rules();
        rules[0].raiseAbove = 1;
        rules[1].key = u"lemons"_s;
        QVERIFY(!run.changeRules(rules));
        QCOMPARE(run.service.rules()[0].raiseAbove, 80.0);
        QCOMPARE(m_control->state.query("SELECT count(*) FROM alert_rule"), 0);
    }

    void damagedRowsAreLeftOut_data()
    {
        QTest::addColumn<QByteArray>("sql");
        QTest::addColumn<bool>("isTold");
        QTest::newRow("no JSON") << QByteArray("INSERT INTO alert_rule VALUES ('errors', 'lemon')") << false;
        QTest::newRow("a rule of another version") << QByteArray(
            R"(INSERT INTO alert_rule VALUES ('x', '{"key":"x","raise_above":1,"clear_below":0,"for_seconds":1}'))")
                                                   << true;
        QTest::newRow("thresholds crossed")
            << QByteArray(R"(INSERT INTO alert_rule VALUES ('errors',)"
                          R"('{"key":"errors","raise_above":1,"clear_below":2,"for_seconds":1}'))")
            << false;
        QTest::newRow("an alert without time")
            << QByteArray(R"(INSERT INTO alert VALUES ('01J', NULL, '{"id":"01J"}'))") << false;
    }
    void damagedRowsAreLeftOut()
    {
        QFETCH(QByteArray, sql);
        QFETCH(bool, isTold);
        QVERIFY(m_control->state.execute(sql.constData()));
        Run run(m_clock, *m_control);
        QCOMPARE(run.service.rules().size(), AlertEngine::defaultRules().size());
        QCOMPARE(run.service.rules()[2].raiseAbove, AlertEngine::defaultRules()[2].raiseAbove);
        QVERIFY(run.service.alerts(false).empty());
        QCOMPARE(run.log.lines("alert_rules_ignored"_L1).size(), isTold ? 1U : 0U);
        run.evaluate(99);
        QCOMPARE(run.service.alerts(true).size(), 1U);
    }

    void aRuleOfAnotherVersionLosesNoOther()
    {
        {
            Run run(m_clock, *m_control);
            std::vector<AlertRule> rules = run.service.rules();
            rules[0].raiseAbove = 50;
            rules[0].clearBelow = 40;
            QVERIFY(run.changeRules(rules));
        }
        QVERIFY(m_control->state.execute(
            R"(INSERT INTO alert_rule VALUES ('x', '{"key":"x","raise_above":1,"clear_below":0,"for_seconds":1}'))"));
        m_control->restart();
        Run run(m_clock, *m_control);
        QCOMPARE(run.service.rules()[0].raiseAbove, 50.0);
        QCOMPARE(run.log.lines("alert_rules_ignored"_L1).size(), 1U);
    }

    void deletesOnlyWhatWasClearedBefore()
    {
        Run run(m_clock, *m_control);
        run.evaluate(99);
        run.evaluate(10); // cleared
        const UtcTime between = m_clock.utc() + 1s;
        m_clock.advance(2s);
        run.evaluate(99); // active
        run.service.deleteOld(between - 1h);
        QCOMPARE(m_control->state.query("SELECT count(*) FROM alert"), 2);
        run.service.deleteOld(between);
        QCOMPARE(m_control->state.query("SELECT count(*) FROM alert"), 1);
        run.service.deleteOld(m_clock.utc() + 1000h); // however old: nobody has looked after it yet
        QCOMPARE(m_control->state.query("SELECT count(*) FROM alert"), 1);
    }
};

QTEST_GUILESS_MAIN(TestAlertService)
#include "tst_alertservice.moc"
