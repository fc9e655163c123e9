// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest/QTest>

#include "server/alerts/alertengine.h"
#include "tests/support/fakeclock.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestAlertEngine : public QObject
{
    Q_OBJECT

    FakeClock m_clock;

    std::vector<Alert> run(AlertEngine &engine, double connectionsPercent, std::chrono::seconds seconds)
    {
        std::vector<Alert> all;
        for (auto passed = 0s; passed < seconds; passed += 1s) {
            m_clock.advance(1s);
            for (const Alert &alert : engine.evaluate({ connectionsPercent, 0, 0 }))
                all.push_back(alert);
        }
        return all;
    }

private Q_SLOTS:
    void raisesOnlyAfterTheValueHasHeld()
    {
        AlertEngine engine(m_clock, UlidGenerator::systemEntropy());
        QVERIFY(run(engine, 81, 10s).empty());
        const std::vector<Alert> raised = run(engine, 81, 5s);
        QCOMPARE(raised.size(), 1U);
        QCOMPARE(raised[0].rule, u"high_connections"_s);
        QVERIFY(raised[0].isActive());
        QCOMPARE(engine.alerts(true).size(), 1U);
    }

    void aShortSpikeRaisesNothing()
    {
        AlertEngine engine(m_clock, UlidGenerator::systemEntropy());
        for (int i = 0; i < 10; ++i) {
            QVERIFY(run(engine, 99, 9s).empty());
            QVERIFY(run(engine, 10, 1s).empty());
        }
    }

    void doesNotFlutterBetweenTheThresholds()
    {
        AlertEngine engine(m_clock, UlidGenerator::systemEntropy());
        QCOMPARE(run(engine, 90, 20s).size(), 1U);
        QVERIFY(run(engine, 75, 600s).empty()); // below raising, above clearing
        const std::vector<Alert> cleared = run(engine, 69, 20s);
        QCOMPARE(cleared.size(), 1U);
        QVERIFY(!cleared[0].isActive());
        QVERIFY(engine.alerts(true).empty());
        QCOMPARE(engine.alerts(false).size(), 1U);
    }

    void acknowledgesOnce()
    {
        AlertEngine engine(m_clock, UlidGenerator::systemEntropy());
        const QString id = run(engine, 90, 20s).at(0).id;
        Alert acknowledged = *engine.find(id);
        acknowledged.acknowledgedAt = m_clock.utc();
        acknowledged.acknowledgedBy = u"ann"_s;
        QCOMPARE(engine.merge(acknowledged)->acknowledgedBy, u"ann"_s);
        acknowledged.acknowledgedBy = u"ben"_s;
        QVERIFY(!engine.merge(acknowledged)); // the first one stands
        QCOMPARE(engine.find(id)->acknowledgedBy, u"ann"_s);
        QVERIFY(!engine.find(u"nonsense"_s));
    }

    void changesRulesAllOrNothing()
    {
        AlertEngine engine(m_clock, UlidGenerator::systemEntropy());
        AlertRule rule = AlertEngine::defaultRules()[0];
        rule.raiseAbove = 5;
        rule.clearBelow = 4;
        AlertRule unknown = rule;
        unknown.key = u"lemons"_s;
        QVERIFY(!engine.setRules({ rule, unknown }));
        QVERIFY(!engine.setRules({ rule, rule }));
        QCOMPARE(engine.rules()[0].raiseAbove, 80.0);
        QVERIFY(engine.setRules({ rule }));
        QCOMPARE(run(engine, 6, 20s).size(), 1U);
        rule.isEnabled = false;
        QVERIFY(engine.setRules({ rule }));
        QCOMPARE(run(engine, 6, 1s).size(), 1U); // disabling clears
        QVERIFY(engine.alerts(true).empty());
    }

    void clampsWhatAnEarlierVersionStored()
    {
        AlertEngine engine(m_clock, UlidGenerator::systemEntropy());
        std::vector<AlertRule> stored = AlertEngine::defaultRules();
        stored[0].raiseAbove = 500;
        stored[0].clearBelow = 400;
        stored[1].holdFor = 999'999'999s;
        stored[2].raiseAbove = 7;
        QVERIFY(engine.setRules(stored));
        QCOMPARE(engine.rules()[0].raiseAbove, 100.0);
        QCOMPARE(engine.rules()[0].clearBelow, 100.0);
        QCOMPARE(engine.rules()[1].holdFor, 24h);
        QCOMPARE(engine.rules()[2].raiseAbove, 7.0); // nothing else is lost
        for (const AlertRule &rule : engine.rules())
            QVERIFY(rule.outOfBounds().empty());
    }

    void eachRuleWatchesItsOwnValue()
    {
        const AlertInput inputs[] = { { .connectionsPercent = 100 }, { .violationsPerMinute = 100 },
            { .errorsPerMinute = 100 }, { .lostNodes = 100 }, { .memoryPercent = 100 }, { .clockSkewSeconds = 100 },
            { .stateProblems = 1, .stateDetail = u"the disk is gone"_s }, { .closedForDescriptorsPerMinute = 100 },
            { .usersRefused = 10, .usersRefusedDetail = u"an office"_s },
            { .largestSharePercent = 81, .largestShareDetail = u"a proxy"_s },
            { .guardsOff = 1, .guardsOffDetail = u"the switch"_s },
            { .certificatesExpiring = 1, .certificatesDetail = u"soon"_s },
            { .daysWithoutRefusal = 31, .daysWithoutRefusalDetail = u"a month"_s } };
        static_assert(std::size(inputs) == kAlertRuleCount);
        for (size_t row = 0; row < kAlertRuleCount; ++row) {
            AlertEngine engine(m_clock, UlidGenerator::systemEntropy());
            std::vector<Alert> raised;
            for (int i = 0; i < 70; ++i) {
                m_clock.advance(1s);
                for (const Alert &alert : engine.evaluate(inputs[row]))
                    raised.push_back(alert);
            }
            QCOMPARE(raised.size(), 1U);
            const AlertRuleDescriptor &rule = alertRuleDescriptors()[row];
            QCOMPARE(raised[0].rule, QString(rule.key));
            QCOMPARE(raised[0].detail, rule.detail ? inputs[row].*rule.detail : QString());
            QVERIFY(!rule.detail || !raised[0].detail.isEmpty());
        }
    }

    void saysWhatIsWrongAndWhatElse()
    {
        AlertEngine engine(m_clock, UlidGenerator::systemEntropy());
        const auto second = [&](double problems, const QString &detail) {
            m_clock.advance(1s);
            return engine.evaluate({ .stateProblems = problems, .stateDetail = detail });
        };
        std::vector<Alert> changed = second(1, u"a"_s); // at once
        QCOMPARE(changed.size(), 1U);
        QCOMPARE(changed[0].detail, u"a"_s);
        QVERIFY(second(1, u"a"_s).empty());
        QVERIFY(second(2, u"a; b"_s).empty()); // no oftener than it may
        m_clock.advance(AlertEngine::kDetailInterval);
        changed = second(2, u"a; b"_s);
        QCOMPARE(changed.size(), 1U);
        QCOMPARE(changed[0].detail, u"a; b"_s);
        QVERIFY(changed[0].isActive());
        QVERIFY(second(2, u"a; b"_s).empty());
        changed = second(0, {});
        QCOMPARE(changed.size(), 1U);
        QVERIFY(!changed[0].isActive());
        QCOMPARE(changed[0].detail, u"a; b"_s);
        QCOMPARE(engine.alerts(false).size(), 1U);
    }

    void goesOnWithARestoredAlert()
    {
        AlertEngine first(m_clock, UlidGenerator::systemEntropy());
        (void)run(first, 90, 20s);
        AlertEngine second(m_clock, UlidGenerator::systemEntropy());
        second.restore(first.alerts(false));
        QVERIFY(run(second, 90, 60s).empty()); // it is raised already
        QCOMPARE(run(second, 10, 20s).size(), 1U);
    }
};

QTEST_APPLESS_MAIN(TestAlertEngine)
#include "tst_alertengine.moc"
