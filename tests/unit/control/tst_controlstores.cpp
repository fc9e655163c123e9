// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/control/localcontrollog.h"
#include "tests/support/controlnode.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

LimitValue enforced(qint64 value)
{
    return { value, LimitMode::Enforce };
}

} // namespace

/// What each of the four stores makes of having others: configurations, the switch, what expires, alerts of each node,
/// the audit.
class TestControlStores final : public QObject, private TwoControlNodes
{
    Q_OBJECT

private Q_SLOTS:
    void init() { begin(); }
    void cleanup() { end(); }

    void whatIsConfiguredBecomesAChange()
    {
        m_a->start({ { kPerIp, enforced(9) } });
        QTRY_COMPARE(m_a->limits().revision(), 1);
        QCOMPARE(m_a->limit(kPerIp), 9);
        QCOMPARE(m_a->revisions()[0].source, u"environment"_s);
        m_b->start({ { kPerIp, enforced(9) }, { kPerUser, enforced(4) } }); // the second is news to the cluster
        QTRY_COMPARE(m_a->limits().revision(), 2);
        QCOMPARE(m_a->limit(kPerUser), 4);
        QCOMPARE(m_a->revisions()[0].changes.size(), 1U);
        QCOMPARE(m_a->auditActions(), (QStringList{ u"limits.environment"_s, u"limits.environment"_s }));
        QCOMPARE(m_a->auditList()[1].value("node"_L1).toString(), u"b"_s);
    }

    void differentConfigurationsDoNotFight()
    {
        m_a->start({ { kPerIp, enforced(9) } });
        QTRY_COMPARE(m_a->limits().revision(), 1);
        m_b->start({ { kPerIp, enforced(5) } });
        QTRY_COMPARE(m_a->limit(kPerIp), 5);     // the last that came with something new
        m_a->start({ { kPerIp, enforced(9) } }); // as at its last start
        m_b->start({ { kPerIp, enforced(5) } });
        QCOMPARE(m_a->limit(kPerIp), 5);
        QCOMPARE(m_a->limits().revision(), 2);
    }

    void aRollingRestartKeepsWhatWasChangedSince()
    {
        m_a->start({ { kPerIp, enforced(6) } });
        QTRY_COMPARE(m_a->limits().revision(), 1);
        m_b->start({ { kPerIp, enforced(6) } });
        m_a->start({ { kPerIp, enforced(8) } });
        QTRY_COMPARE(m_b->limit(kPerIp), 8);
        QVERIFY(m_b->edit(kPerIp, 20));
        m_b->start({ { kPerIp, enforced(8) } }); // news to this node, not to the cluster
        QTRY_COMPARE(m_b->limit(kPerIp), 20);
        QCOMPARE(m_b->limits().revision(), 3);
    }

    void aSettingThatIsTakenOutGivesTheDefaultBack()
    {
        m_a->start({ { kPerIp, enforced(9) } });
        QTRY_COMPARE(m_a->limits().revision(), 1);
        m_b->start({ { kPerIp, enforced(9) } });
        m_a->start();
        QTRY_COMPARE(m_b->limit(kPerIp), LimitSet()[kPerIp].value);
        m_b->start(); // as well: nothing more changes
        QCOMPARE(m_b->limits().revision(), 2);
    }

    void aChangedSettingHoldsHereWithoutRedis()
    {
        m_a->start({ { kPerIp, enforced(9) } });
        QTRY_COMPARE(m_a->limits().revision(), 1);
        m_a->start({ { kPerIp, enforced(6) } }, true, false);
        QCOMPARE(m_a->limit(kPerIp), 6);
        QCOMPARE(m_a->limits().revision(), 1); // of the cluster
        m_a->transport().setUp(true);
        QTRY_COMPARE(m_a->limits().revision(), 2);
        QCOMPARE(m_a->limit(kPerIp), 6);
    }

    void theSwitchIsTheClusters()
    {
        m_a->start();
        m_b->start();
        QVERIFY(m_a->setGuarding(false));
        QTRY_VERIFY(!m_b->limits().snapshot()->isGuarding);
        m_b->start({}, true); // a restart of one node is no answer to why it was thrown
        QVERIFY(!m_b->limits().snapshot()->isGuarding);
        QVERIFY(m_b->setGuarding(true));
        QTRY_VERIFY(m_a->limits().snapshot()->isGuarding);
        m_b->start({}, false); // another setting than before is
        QTRY_VERIFY(!m_a->limits().snapshot()->isGuarding);
        m_a->start({}, false);
        QVERIFY(!m_a->limits().snapshot()->isGuarding);
    }

    void aServerOfItsOwnBringsWhatItHas()
    {
        StoreFixture &state = m_a->state;
        {
            LocalControlLog alone(state.store(), m_clock, *qApp);
            LimitStore limits(state.store(), alone, m_clock, *qApp);
            LimitStore::Configured configured;
            configured.limits[kPerIp] = enforced(9);
            configured.keys.push_back(kPerIp);
            QVERIFY(limits.load(configured));
            QVERIFY(alone.start());
            QVERIFY(awaitCallback<Result<Revision>>([&](auto done) {
                limits.edit({ { kPerIp, 12, {} } }, {}, { u"root"_s, {} }, {}, done);
            }));
            RecordingLog lines;
            AccessStore access(state.store(), alone, m_clock, lines, *qApp);
            QVERIFY(access.load());
            AccessRule rule;
            rule.kind = AccessKind::User;
            rule.value = u"ann"_s;
            QVERIFY(awaitCallback<Result<AccessStore::Outcome>>([&](auto done) {
                access.put(AccessList::Bans, rule, { u"root"_s, {} }, done);
            }));
        }
        m_a->start({ { kPerIp, enforced(9) } });
        m_b->start();
        QCOMPARE(m_b->limit(kPerIp), 12);
        QCOMPARE(m_b->limits().revision(), 2);
        QVERIFY(m_b->bans(u"ann"_s));
        QVERIFY(m_b->restore(1));
        QTRY_COMPARE(m_a->limit(kPerIp), 9);
    }

    void bansExpireOnEachNode()
    {
        m_a->start();
        m_b->start();
        QVERIFY(m_a->ban(u"ann"_s, m_clock.utc() + 10s));
        QVERIFY(m_a->ban(u"ben"_s));
        QTRY_VERIFY(m_b->bans(u"ben"_s));
        m_clock.advance(11s);
        m_b->access().upkeep();
        QVERIFY(!m_b->bans(u"ann"_s));
        QVERIFY(m_a->bans(u"ann"_s)); // it has not looked yet
        QCOMPARE(m_b->banList().size(), 1U);
        const auto again = m_b->ban(u"ann"_s, m_clock.utc() + 10s);
        QVERIFY(again->isNew);
        QTRY_COMPARE(m_a->closed.size(), 3U);
        m_a->access().upkeep();
        QVERIFY(m_a->bans(u"ann"_s)); // by the new one
        QCOMPARE(m_a->banList(), m_b->banList());
        QCOMPARE(m_shared->items(ControlKind::Access).size(), 2U); // the old one is gone there too
        QCOMPARE(m_a->auditActions().count(u"ban.lift"_s), 0);
    }

    void whatIsLongExpiredIsNotTaken()
    {
        m_a->start();
        QVERIFY(m_a->ban(u"ann"_s, m_clock.utc() + 10s));
        m_clock.advance(11s);
        m_b->start();
        QVERIFY(!m_b->bans(u"ann"_s));
        QVERIFY(m_b->closed.empty());
        QVERIFY(m_b->banList().empty());
    }

    void eachNodeRaisesItsOwnAlerts()
    {
        m_a->start();
        m_b->start();
        m_a->evaluate(99);
        QTRY_COMPARE(m_b->alerts().alerts(true).size(), 1U);
        const Alert raised = m_b->alerts().alerts(true)[0];
        QCOMPARE(raised.node, u"a"_s);
        m_b->evaluate(10, 30); // b is well: that says nothing of a
        QVERIFY(m_b->alerts().alerts(true)[0].isActive());
        m_b->evaluate(99);
        QTRY_COMPARE(m_a->alerts().alerts(true).size(), 2U);
        const auto acknowledged = m_b->acknowledge(raised.id);
        QCOMPARE(acknowledged->acknowledgedBy, u"root"_s);
        QTRY_COMPARE(m_a->alerts().alerts(true)[1].acknowledgedBy, u"root"_s);
        QCOMPARE(m_a->auditActions(), QStringList{ u"alert.acknowledge"_s });
        m_a->evaluate(10);
        QTRY_COMPARE(m_b->alerts().alerts(true).size(), 1U);
        QCOMPARE(m_b->alerts().alerts(false)[1].acknowledgedBy, u"root"_s);
        QCOMPARE(m_b->log.lines("alert_raised"_L1).size(), 1U); // its own
        QCOMPARE(m_b->acknowledge(u"01J00000000000000000000000"_s).error().field, alerterrors::kNoSuchAlert);
    }

    void alertsAreRaisedWithoutRedisAndToldLater()
    {
        m_a->start();
        m_b->start();
        m_a->transport().setUp(false);
        QTRY_VERIFY(!m_a->replica().isAvailable());
        m_a->evaluate(99);
        QCOMPARE(m_a->alerts().alerts(true).size(), 1U);
        QVERIFY(m_b->alerts().alerts(true).empty());
        QCOMPARE(m_a->acknowledge(m_a->alerts().alerts(true)[0].id).error().field, controlerrors::kUnavailable);
        m_a->start({}, true, false); // it survives a restart as well
        QCOMPARE(m_a->alerts().alerts(true).size(), 1U);
        m_a->transport().setUp(true);
        QTRY_COMPARE(m_b->alerts().alerts(true).size(), 1U);
        QTRY_COMPARE(m_a->state.query("SELECT COUNT(*) FROM alert_unshared"), 0);
    }

    void anOwnAlertOutlivesTheLossOfTheState()
    {
        m_a->start();
        m_b->start();
        m_a->evaluate(99);
        QTRY_COMPARE(m_b->alerts().alerts(true).size(), 1U);
        m_a->transport().setUp(false);
        m_shared->flush();
        QTRY_COMPARE(m_shared->items(ControlKind::Alerts).size(), 1U); // b gave what it had
        QTRY_VERIFY(m_b->replica().isAvailable());
        m_shared->items(ControlKind::Alerts).clear();
        m_a->transport().setUp(true);
        QTRY_COMPARE(m_shared->items(ControlKind::Alerts).size(), 1U);
        QCOMPARE(m_a->alerts().alerts(true).size(), 1U);
    }

    void rulesAreShared()
    {
        m_a->start();
        m_b->start();
        std::vector<AlertRule> rules = m_a->alerts().rules();
        rules[0].raiseAbove = 50;
        rules[0].clearBelow = 40;
        QVERIFY(m_a->changeRules({ rules[0] }));
        QTRY_COMPARE(m_b->alerts().rules()[0].raiseAbove, 50.0);
        QCOMPARE(m_b->auditList()[0].value("before"_L1).toObject().value("rules"_L1)[0]["raise_above"_L1].toInt(), 80);
        m_b->start();
        QCOMPARE(m_b->alerts().rules()[0].raiseAbove, 50.0);
        rules[0].key = u"lemons"_s;
        QVERIFY(!m_b->changeRules({ rules[0] }));
        ControlNode third(u"c"_s, *m_shared, m_clock);
        third.start();
        QCOMPARE(third.alerts().rules()[0].raiseAbove, 50.0);
    }

    void auditEntriesWaitForRedis()
    {
        m_a->start();
        m_b->start();
        m_a->transport().setUp(false);
        QTRY_VERIFY(!m_a->replica().isAvailable());
        const AuditEntry kick{ m_clock.utc(), m_a->actor(), u"connection.kick"_s, u"x"_s };
        QVERIFY(awaitCallback<Status>([&](auto done) { m_a->audit().append(kick, done); }));
        QVERIFY(m_a->auditList().empty());
        m_a->start(); // and a restart
        QTRY_COMPARE(m_b->auditActions(), QStringList{ u"connection.kick"_s });
        QTRY_COMPARE(m_b->auditList(), m_a->auditList());
        QTRY_COMPARE(m_a->state.query("SELECT COUNT(*) FROM audit_waiting"), 0);
        QVERIFY(awaitCallback<Status>([&](auto done) { m_a->audit().append(kick, done); }));
        QTRY_COMPARE(m_b->auditActions().size(), 2);
    }

    void anEntryThatComesTwiceIsStoredOnce()
    {
        m_a->start();
        const AuditEntry kick{ m_clock.utc(), m_a->actor(), u"connection.kick"_s, u"x"_s };
        QVERIFY(awaitCallback<Status>([&](auto done) { m_a->audit().append(kick, done); }));
        QTRY_COMPARE(m_a->auditActions().size(), 1);
        ControlEntry again = m_shared->log().back().entry; // as after a crash between append and deletion
        ++again.version;
        m_shared->force(again);
        QVERIFY(m_a->ban(u"ann"_s));
        QCOMPARE(m_a->auditActions(), (QStringList{ u"connection.kick"_s, u"ban.add"_s }));
    }
};

QTEST_GUILESS_MAIN(TestControlStores)
#include "tst_controlstores.moc"
