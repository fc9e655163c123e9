// SPDX-License-Identifier: GPL-3.0-or-later
#include <future>

#include "tests/support/controlnode.h"

using namespace gatehouse;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr qint64 kNext = -1; ///< the version that comes next

} // namespace

/// Two nodes with one log: the same changes in the same order, whatever happens to them and to it.
class TestControlReplica final : public QObject, private TwoControlNodes
{
    Q_OBJECT

private:
    /// As another node does it.
    void editElsewhere(LimitKey key, qint64 value)
    {
        const LimitSet &before = m_b->limits().snapshot()->limits;
        LimitSet after = before;
        after[key].value = value;
        ++after.revision;
        const Revision revision{ after.revision, m_clock.utc(), u"x"_s, {}, u"api"_s, {}, limitChanges(before, after) };
        FakeControlTransport third(*m_shared);
        third.append(limitcodec::encode({ revision, after, {}, {} }, {}), u"c"_s, [](const auto &) {});
    }

    void assertSame()
    {
        QTRY_COMPARE(m_b->limits().revision(), m_a->limits().revision());
        QTRY_COMPARE(m_b->auditList(), m_a->auditList());
        QCOMPARE(m_b->revisions().size(), m_a->revisions().size());
        QVERIFY(m_b->limits().snapshot()->limits.hasSameValues(m_a->limits().snapshot()->limits));
        QCOMPARE(m_b->banList(), m_a->banList());
    }

private Q_SLOTS:
    void init() { begin(); }
    void cleanup() { end(); }

    void whatOneChangesHoldsOnBoth()
    {
        m_a->start();
        m_b->start();
        const auto edited = m_a->edit(kPerIp, 7);
        QVERIFY(edited);
        QCOMPARE(edited->revision, 1);
        QCOMPARE(m_a->limit(kPerIp), 7); // in force here when it is answered
        QTRY_COMPARE(m_b->limit(kPerIp), 7);
        QCOMPARE(m_b->edit(kPerIp, 8)->revision, 2);
        const auto ban = m_a->ban(u"ann"_s);
        QVERIFY(ban && m_a->bans(u"ann"_s));
        QTRY_VERIFY(m_b->bans(u"ann"_s));
        QCOMPARE(m_b->closed.size(), 1U);
        QVERIFY(m_b->lift(ban->rule.id));
        QTRY_VERIFY(!m_a->bans(u"ann"_s));
        QVERIFY(m_b->setGuarding(false));
        QTRY_VERIFY(!m_a->limits().snapshot()->isGuarding);
        assertSame();
        QCOMPARE(m_a->auditActions(),
            (QStringList{ u"limits.api"_s, u"limits.api"_s, u"ban.add"_s, u"ban.lift"_s, u"switch.set"_s }));
        QCOMPARE(m_a->auditList()[1].value("node"_L1).toString(), u"b"_s);
        QCOMPARE(m_a->auditList()[3].value("before"_L1).toObject().value("reason"_L1).toString(), u"spam"_s);
    }

    void conflictsAreMadeAnew()
    {
        m_a->start();
        m_b->start();
        m_b->transport().beforeNextAppend([this] { editElsewhere(kPerUser, 3); }); // after b has looked
        const auto edited = m_b->edit(kPerIp, 11);
        QVERIFY(edited);
        QCOMPARE(edited->revision, 2);
        QCOMPARE(edited->changes.size(), 1U);
        QCOMPARE(m_b->limit(kPerUser), 3); // nobody's change is lost
        QCOMPARE(m_b->limit(kPerIp), 11);
        assertSame();
    }

    void ofEditsAtTheSameTimeOnePasses()
    {
        m_a->start();
        m_b->start();
        for (qint64 round = 0; round < 20; ++round) {
            QTRY_COMPARE(m_b->limits().revision(), round);
            int passed = 0;
            int refused = 0;
            const auto count = [&](const Result<Revision> &revision) { ++(revision ? passed : refused); };
            for (int i = 0; i < 4; ++i) {
                ControlNode &node = i % 2 ? *m_b : *m_a;
                node.limits().edit({ { kPerIp, 100 + 4 * round + i, {} } }, round, node.actor(), {}, count);
                QCoreApplication::processEvents(); // at different stages of what came before
            }
            QTRY_COMPARE(passed + refused, 4);
            QCOMPARE(passed, 1);
            QTRY_COMPARE(m_a->limits().revision(), round + 1);
        }
        assertSame();
    }

    void bansAtTheSameTime()
    {
        m_a->start();
        m_b->start();
        int answers = 0;
        QStringList ids;
        AccessRule rule;
        rule.kind = AccessKind::User;
        for (int i = 0; i < 40; ++i) {
            rule.value = u"user%1"_s.arg(i / 2); // each twice: by one node and the other
            ControlNode &node = i % 2 ? *m_a : *m_b;
            node.access().put(AccessList::Bans, rule, node.actor(), [&](const Result<AccessStore::Outcome> &outcome) {
                ++answers;
                ids.append(outcome ? outcome->rule.id : outcome.error().message);
            });
        }
        QTRY_COMPARE(answers, 40);
        QCOMPARE(QSet<QString>(ids.begin(), ids.end()).size(), 20);
        QTRY_COMPARE(m_a->banList().size(), 20U);
        assertSame();
        QCOMPARE(m_a->auditActions().count(u"ban.change"_s), 20);
    }

    void anExpectedRevisionThatIsGoneIsAConflict()
    {
        m_a->start();
        m_b->start();
        QVERIFY(m_a->edit(kPerIp, 7));
        QTRY_COMPARE(m_b->limits().revision(), 1);
        m_b->transport().beforeNextAppend([this] { editElsewhere(kPerIp, 20); });
        const auto refused = m_b->edit(kPerIp, 8, 1);
        QVERIFY(!refused);
        QCOMPARE(refused.error().field, limiterrors::kRevisionConflict);
        QCOMPARE(refused.error().message, u"the limits are at revision 2, not 1"_s);
        QCOMPARE(m_b->limit(kPerIp), 20);
        QVERIFY(m_b->edit(kPerIp, 8)); // without: it is made on what is there
        QTRY_COMPARE(m_a->limit(kPerIp), 8);
        assertSame();
    }

    void aNodeThatWasAwayCatchesUpInOrder()
    {
        m_a->start();
        m_b->start();
        QVERIFY(m_b->edit(kPerIp, 2));
        m_b->stop();
        for (int i = 3; i < 10; ++i)
            QVERIFY(m_a->edit(kPerIp, i));
        QVERIFY(m_a->ban(u"ann"_s));
        m_b->start();
        QTRY_VERIFY(m_b->bans(u"ann"_s));
        assertSame();
        m_b->start(); // and nothing twice
        assertSame();
        QCOMPARE(m_b->auditList().size(), m_a->auditList().size());
    }

    void whatCannotBeReachedIsRefusedAndReadsGoOn()
    {
        m_a->start();
        QVERIFY(m_a->edit(kPerIp, 7));
        m_a->transport().setUp(false);
        QTRY_VERIFY(!m_a->replica().isAvailable());
        const auto edited = m_a->edit(kPerIp, 8);
        QCOMPARE(edited.error().field, controlerrors::kUnavailable);
        QVERIFY(edited.error().message.contains(u"the test says so"_s));
        QCOMPARE(m_a->restore(1)->changes.size(), 0U); // changes nothing: needs nobody
        QCOMPARE(m_a->ban(u"ann"_s).error().field, controlerrors::kUnavailable);
        QCOMPARE(m_a->setGuarding(false).error().field, controlerrors::kUnavailable);
        QCOMPARE(m_a->changeRules(m_a->alerts().rules()).error().field, controlerrors::kUnavailable);
        QCOMPARE(m_a->limit(kPerIp), 7);
        QVERIFY(!m_a->bans(u"ann"_s));
        QCOMPARE(m_a->revisions().size(), 1U);
        m_a->transport().setUp(true);
        QTRY_VERIFY(m_a->replica().isAvailable());
        QVERIFY(m_a->edit(kPerIp, 8));
        QVERIFY(m_a->ban(u"ann"_s));
    }

    void aNodeStartsWithWhatItKnew()
    {
        m_a->start();
        QVERIFY(m_a->edit(kPerIp, 7));
        QVERIFY(m_a->ban(u"ann"_s));
        QVERIFY(m_a->setGuarding(false));
        m_a->start({}, true, false); // Redis is away
        QCOMPARE(m_a->limit(kPerIp), 7);
        QCOMPARE(m_a->limits().revision(), 1);
        QVERIFY(m_a->bans(u"ann"_s));
        QVERIFY(!m_a->limits().snapshot()->isGuarding);
    }

    void anAnswerThatIsLostIsFoundInTheLog()
    {
        m_a->start();
        m_a->transport().setMute(true);
        QVERIFY(m_a->edit(kPerIp, 7));
        QCOMPARE(m_a->limit(kPerIp), 7);
    }

    void silenceIsAnswered()
    {
        m_a->appendTimeout = 200ms;
        m_a->start();
        m_a->transport().setUp(false);
        m_a->transport().setMute(true);
        m_a->transport().setUp(true); // up for who asks, but the append below fails without a word
        QTRY_VERIFY(m_a->replica().isAvailable());
        m_a->transport().beforeNextAppend([this] { m_a->transport().setUp(false); });
        QCOMPARE(m_a->edit(kPerIp, 7).error().field, controlerrors::kUnavailable);
    }

    void aSlowDiskIsNotTakenForSilence()
    {
        m_a->appendTimeout = 50ms;
        m_a->start();
        m_b->start();
        std::promise<void> disk;
        m_a->state.store().write([isFree = disk.get_future().share()](Database &) {
            isFree.wait();
            return ok();
        });
        QTimer::singleShot(300ms, this, [&disk] { disk.set_value(); });
        QVERIFY(m_a->edit(kPerIp, 7));
        QCOMPARE(m_a->limit(kPerIp), 7);
        assertSame();
    }

    void aNewNodeTakesTheClusters()
    {
        m_a->start({ { kPerIp, { 9, LimitMode::Enforce } } });
        QVERIFY(m_a->edit(kPerIp, 10));
        QVERIFY(m_a->ban(u"ann"_s));
        QCOMPARE(m_a->revisions().size(), 2U);
        m_b->start({ { kPerIp, { 9, LimitMode::Enforce } } }); // as the cluster was configured: the live edit stays
        assertSame();
        QCOMPARE(m_b->limit(kPerIp), 10);
        QVERIFY(m_b->bans(u"ann"_s));
    }

    void aTrimmedLogIsNoLoss()
    {
        m_a->start();
        m_b->start();
        m_b->stop();
        for (int i = 3; i < 10; ++i)
            QVERIFY(m_a->edit(kPerIp, i));
        const QString id = m_a->ban(u"ann"_s)->rule.id;
        QVERIFY(m_a->ban(u"ben"_s));
        QVERIFY(m_a->lift(id));
        m_shared->trim(2);
        m_b->start();
        QCOMPARE(m_b->limit(kPerIp), 9);
        QCOMPARE(m_b->revisions().size(), m_a->revisions().size());
        QCOMPARE(m_b->banList(), m_a->banList());
        QCOMPARE(m_b->auditActions(), (QStringList{ u"ban.add"_s, u"ban.lift"_s })); // what the log still had
        QVERIFY(m_b->restore(2));
        QTRY_COMPARE(m_a->limit(kPerIp), 4);
    }

    void anEmptiedLogIsGivenWhatIsKnown()
    {
        m_a->start();
        m_b->start();
        QVERIFY(m_a->edit(kPerIp, 7));
        QVERIFY(m_b->ban(u"ann"_s));
        QTRY_VERIFY(m_a->bans(u"ann"_s));
        QTRY_COMPARE(m_b->limit(kPerIp), 7);
        m_shared->flush();
        QTRY_COMPARE(m_shared->items(ControlKind::Access).size(), 1U);
        QTRY_VERIFY(m_a->replica().isAvailable() && m_b->replica().isAvailable());
        QCOMPARE(m_a->limit(kPerIp), 7);
        QVERIFY(m_a->bans(u"ann"_s) && m_b->bans(u"ann"_s));
        QCOMPARE(m_b->edit(kPerIp, 8)->revision, 2);
        QTRY_COMPARE(m_a->limit(kPerIp), 8);
        assertSame();
        QCOMPARE(m_a->auditList().size(), 3U);
    }

    void anEditMeetsTheEmptiedLog()
    {
        m_a->start();
        QVERIFY(m_a->edit(kPerIp, 7));
        m_a->transport().beforeNextAppend([this] { m_shared->flush(); });
        QCOMPARE(m_a->edit(kPerIp, 8)->revision, 2);
        QCOMPARE(m_a->limit(kPerIp), 8);
        QCOMPARE(m_shared->version(ControlKind::Limits), 2);
    }

    void hostileEntries_data()
    {
        QTest::addColumn<ControlEntry>("entry");
        QTest::newRow("old version") << ControlEntry{ ControlKind::Limits, 1, u"x"_s, { { "switch"_L1, false } } };
        QTest::newRow("version 0") << ControlEntry{ ControlKind::Limits, 0, u"x"_s, { { "switch"_L1, false } } };
        QTest::newRow("far version") << ControlEntry{ ControlKind::Limits, 99, u"x"_s, { { "switch"_L1, false } } };
        QTest::newRow("nothing") << ControlEntry{ ControlKind::Limits, kNext, u"x"_s, {} };
        QTest::newRow("switch is text") << ControlEntry{ ControlKind::Limits, kNext, u"x"_s,
            { { "switch"_L1, u"off"_s } } };
        QTest::newRow("audit is text") << ControlEntry{ ControlKind::Limits, kNext, u"x"_s,
            { { "switch"_L1, false }, { "audit"_L1, u"x"_s } } };
        QTest::newRow("a ban of nobody") << ControlEntry{ ControlKind::Access, kNext, u"x"_s,
            { { "steps"_L1, QJsonArray{ QJsonObject{ { "list"_L1, "bans"_L1 }, { "rule"_L1, QJsonObject() } } } } } };
        QTest::newRow("an alert of never") << ControlEntry{ ControlKind::Alerts, kNext, u"x"_s,
            { { "alert"_L1, QJsonObject{ { "id"_L1, u"x"_s } } } } };
    }
    void hostileEntries()
    {
        QFETCH(ControlEntry, entry);
        m_a->start();
        m_b->start();
        QVERIFY(m_a->edit(kPerIp, 7));
        QTRY_COMPARE(m_b->limit(kPerIp), 7);
        if (entry.version == kNext)
            entry.version = m_shared->version(entry.kind) + 1;
        m_shared->force(entry);
        QVERIFY(m_a->edit(kPerIp, 8)); // the nodes go on
        const auto banned = m_b->ban(u"ann"_s);
        QVERIFY2(banned, banned ? "" : qPrintable(banned.error().message));
        QTRY_VERIFY(m_a->bans(u"ann"_s));
        assertSame();
        QVERIFY(m_a->limits().snapshot()->isGuarding);
        QVERIFY(m_a->alerts().alerts(false).empty());
        QCOMPARE(m_a->banList().size(), 1U);
    }

    void hostileItemsAreLeftOut()
    {
        m_a->start();
        QVERIFY(m_a->edit(kPerIp, 7));
        QVERIFY(m_a->ban(u"ann"_s));
        m_shared->items(ControlKind::Access)[u"x"_s] = { { "list"_L1, u"bans"_s } };
        m_shared->items(ControlKind::Access)[u"01J00000000000000000000000"_s]
            = m_shared->items(ControlKind::Access).begin()->second;
        m_shared->items(ControlKind::Limits)[u"999"_s] = m_shared->items(ControlKind::Limits).begin()->second;
        m_shared->items(ControlKind::Alerts)[u"rule:errors"_s]
            = { { "key"_L1, u"errors"_s }, { "raise_above"_L1, -1 } };
        m_b->start();
        QCOMPARE(m_b->limit(kPerIp), 7);
        QCOMPARE(m_b->limits().revision(), 1);
        QCOMPARE(m_b->banList(), m_a->banList());
        QCOMPARE(m_b->log.lines("control_entry_refused"_L1).size(), 4U);
    }

    void aStateFileThatCannotBeWrittenHoldsNothingUp()
    {
        m_a->start();
        m_b->start();
        QVERIFY(m_b->state.execute("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(FAIL, 'full'); END"));
        QVERIFY(m_a->ban(u"ann"_s));
        QVERIFY(m_a->edit(kPerIp, 7));
        QTRY_VERIFY(m_b->bans(u"ann"_s)); // in force
        QTRY_COMPARE(m_b->limit(kPerIp), 7);
        QVERIFY(m_b->banList().empty());
        QVERIFY(!m_b->log.lines("control_unsaved"_L1).empty());
        m_b->start(); // nothing was kept, so it is read again
        QTRY_VERIFY(m_b->bans(u"ann"_s));
        QVERIFY(m_b->state.execute("DROP TRIGGER full"));
        QTRY_COMPARE(m_b->banList().size(), 1U); // by itself
        assertSame();
    }
};

QTEST_GUILESS_MAIN(TestControlReplica)
#include "tst_controlreplica.moc"
